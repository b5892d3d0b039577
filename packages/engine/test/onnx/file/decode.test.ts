import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { ModelProto } from "onnx-buf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  SparseTensorProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import type { Attributes, Graph, ModelFile } from "../../../src/onnx/index.js";
import {
  decodeModel,
  encodeModel,
  encodeModelFile,
  fileOfGraph,
  GraphBuilder,
  OnnxError,
  tensor,
} from "../../../src/onnx/index.js";

function example(): Graph {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 1, 4, 4]);
  const weights = tensor(
    "float32",
    [3, 1, 3, 3],
    Array.from({ length: 27 }, (_, i) => Math.sin(i)),
  );
  const y = g.op("Conv", [x, g.constant(weights, "weight"), null], { pads: [1, 1, 1, 1] });
  const z = g.op("LeakyRelu", [y], { alpha: 0.25 });
  const flat = g.reshape(g.cast(g.cast(z, "float64"), "float32"), [2, 48]);
  return g.build({ flat }, { name: "example" });
}

/** A model with one initialiser of the given fields, handed on to the output. */
function withInitializer(init: Parameters<typeof create<typeof TensorProtoSchema>>[1]): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: create(GraphProtoSchema, {
      name: "typed",
      initializer: [create(TensorProtoSchema, { name: "t", ...init })],
      node: [create(NodeProtoSchema, { opType: "Identity", input: ["t"], output: ["y"] })],
      output: [create(ValueInfoProtoSchema, { name: "y" })],
    }),
  });
}

const bytesOf = (model: ModelProto) => toBinary(ModelProtoSchema, model);
const contentsOf = async (model: ModelProto) => (await decodeModel(bytesOf(model))).initializers.get("t")!;

describe("decodeModel", () => {
  test("reads what encodeModel wrote", async () => {
    const graph = example();
    const { file, ...read } = await decodeModel(encodeModel(graph), { file: "example.onnx" });
    expect(file).toBe("example.onnx");
    const { file: _, ...written } = fileOfGraph(graph);
    expect(read.inputs).toEqual(written.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })));
    expect(read.initializers).toEqual(written.initializers);
    expect(
      read.nodes.map(({ opType, inputs, outputs, attributes }) => ({ opType, inputs, outputs, attributes })),
    ).toEqual(
      written.nodes.map(({ opType, inputs, outputs, attributes }) => ({
        opType,
        inputs,
        outputs,
        attributes,
      })),
    );
    expect(read.opset).toBe(21);
  });

  test("writes and reads free and unknown dimensions", async () => {
    const file: ModelFile = {
      ...fileOfGraph(example()),
      inputs: [{ name: "x", dtype: "float32", shape: ["batch", null, 4, 4] }],
      outputs: [{ name: "flat", dtype: null, shape: null }],
    };
    const read = await decodeModel(encodeModelFile(file).model);
    expect(read.inputs).toEqual(file.inputs);
    expect(read.outputs).toEqual(file.outputs);
  });

  test.each([
    ["float32", { dataType: TensorProto_DataType.FLOAT, floatData: [1.5, -2] }, [1.5, -2]],
    ["float64", { dataType: TensorProto_DataType.DOUBLE, doubleData: [1.5, -2] }, [1.5, -2]],
    ["int64", { dataType: TensorProto_DataType.INT64, int64Data: [7n, -(2n ** 62n)] }, [7n, -(2n ** 62n)]],
    ["uint64", { dataType: TensorProto_DataType.UINT64, uint64Data: [7n, 2n ** 63n] }, [7n, 2n ** 63n]],
    ["uint32", { dataType: TensorProto_DataType.UINT32, uint64Data: [7n, 4294967295n] }, [7, 4294967295]],
    ["int32", { dataType: TensorProto_DataType.INT32, int32Data: [7, -8] }, [7, -8]],
    ["int8", { dataType: TensorProto_DataType.INT8, int32Data: [7, -8] }, [7, -8]],
    ["bool", { dataType: TensorProto_DataType.BOOL, int32Data: [1, 0] }, [1, 0]],
  ])("reads %s from its typed field", async (dtype, fields, expected) => {
    const contents = await contentsOf(withInitializer({ dims: [2n], ...fields }));
    expect(contents.dtype).toBe(dtype);
    expect(Array.from(contents.data as ArrayLike<number | bigint>)).toEqual(expected);
  });

  test("reads tensors without elements", async () => {
    const contents = await contentsOf(withInitializer({ dims: [0n], dataType: TensorProto_DataType.FLOAT }));
    expect(contents.shape).toEqual([0]);
    expect(contents.data.length).toBe(0);
  });

  test("clamps attributes to integers that a number holds", async () => {
    const model = withInitializer({ dims: [1n], dataType: TensorProto_DataType.FLOAT, floatData: [1] });
    model.graph!.node[0]!.attribute.push(
      create(AttributeProtoSchema, {
        name: "ends",
        type: AttributeProto_AttributeType.INTS,
        ints: [9223372036854775807n, -5n],
      }),
    );
    const { nodes } = await decodeModel(bytesOf(model));
    expect(nodes[0]!.attributes["ends"]).toEqual([Number.MAX_SAFE_INTEGER, -5]);
  });
});

describe("external data", () => {
  const read = (external: Uint8Array) => (location: string) => {
    expect(location).toBe("weights.bin");
    return Promise.resolve(external);
  };

  function large(): ModelFile {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 400]);
    const values = (seed: number) => Array.from({ length: 400 }, (_, i) => Math.sin(i + seed));
    const y = g.add(x, g.constant(tensor("float32", [1, 400], values(0)), "a"));
    const z = g.mul(y, g.constant(tensor("float32", [1, 400], values(1)), "b"));
    return fileOfGraph(g.build({ y: g.add(z, 1) }));
  }

  test("is written beside the model and read again", async () => {
    const { model, external } = encodeModelFile(large(), { externalName: "weights.bin" });
    expect(model.length).toBeLessThan(1024);
    const { initializers } = await decodeModel(model, { readExternal: read(external!) });
    expect(initializers).toEqual(large().initializers);
  });

  test("cut short is an error that names tensor and file", async () => {
    const { model, external } = encodeModelFile(large(), { externalName: "weights.bin" });
    const half = external!.subarray(0, external!.length - 1);
    await expect(decodeModel(model, { file: "big.onnx", readExternal: read(half) })).rejects.toThrow(
      /"big\.onnx": tensor "b": expected 1600 bytes at 4096 of "weights\.bin", got a file of 5695 bytes/,
    );
  });

  test("without access is an error that says what to do", async () => {
    const { model } = encodeModelFile(large(), { externalName: "weights.bin" });
    await expect(decodeModel(model)).rejects.toThrow(/external data "weights\.bin".*readExternal/);
  });
});

describe("a file that is no model", () => {
  const bytes = encodeModel(example());

  test("cut off anywhere is an error that names it, or the same model", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        const error = await decodeModel(bytes.subarray(0, length), { file: "cut.onnx" }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(OnnxError);
        expect((error as Error).message).toContain('"cut.onnx"');
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["an empty file", new Uint8Array()],
    ["a zip archive", new TextEncoder().encode("PK\u0003\u0004 and so on")],
    ["an HDF5 file", Uint8Array.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a])],
    ["a Git LFS pointer", new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid")],
    ["a text file", new TextEncoder().encode('{"model": 1}')],
    ["cannot be read as one", Uint8Array.from({ length: 64 }, () => 0xff)],
  ])("is recognised: %s", async (what, content) => {
    await expect(decodeModel(content, { file: "x.bin" })).rejects.toThrow(what);
    await expect(decodeModel(content, { file: "x.bin" })).rejects.toThrow('"x.bin"');
  });

  test("of arbitrary bytes is an OnnxError", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (content) => {
        await expect(decodeModel(content)).rejects.toBeInstanceOf(OnnxError);
      }),
    );
  });
});

describe("a model that cannot be used", () => {
  test("of a float16 tensor names it", async () => {
    const model = withInitializer({ dims: [1n], dataType: TensorProto_DataType.FLOAT16, int32Data: [0] });
    await expect(decodeModel(bytesOf(model))).rejects.toThrow(/tensor "t".*FLOAT16.*float32/);
  });

  test("with too few elements is damaged", async () => {
    const model = withInitializer({ dims: [3n], dataType: TensorProto_DataType.FLOAT, floatData: [1, 2] });
    await expect(decodeModel(bytesOf(model))).rejects.toThrow("expected 3 elements for shape [3], got 2");
  });

  test("with control flow names the node", async () => {
    const model = withInitializer({ dims: [1n], dataType: TensorProto_DataType.FLOAT, floatData: [1] });
    model.graph!.node[0]!.opType = "If";
    model.graph!.node[0]!.name = "/branch";
    model.graph!.node[0]!.attribute.push(
      create(AttributeProtoSchema, { name: "then_branch", type: AttributeProto_AttributeType.GRAPH }),
    );
    await expect(decodeModel(bytesOf(model))).rejects.toThrow(/If \(node "\/branch"\).*control flow/);
  });

  test("with sparse tensors says so", async () => {
    const model = withInitializer({ dims: [1n], dataType: TensorProto_DataType.FLOAT, floatData: [1] });
    model.graph!.sparseInitializer.push(create(SparseTensorProtoSchema, {}));
    await expect(decodeModel(bytesOf(model))).rejects.toThrow("sparse");
  });
});

describe("dimensions of a file", () => {
  /** A model whose input, output or tensor has these dimensions. */
  const modelWith = (
    place: "input" | "output" | "tensor" | "attribute" | "external",
    dims: bigint[],
  ): ModelProto => {
    const tensorType = {
      elemType: TensorProto_DataType.FLOAT,
      shape: { dim: dims.map((value) => ({ value: { case: "dimValue" as const, value } })) },
    };
    const info = (name: string, here: boolean) =>
      create(ValueInfoProtoSchema, {
        name,
        ...(here ? { type: { value: { case: "tensorType" as const, value: tensorType } } } : {}),
      });
    const contents = create(TensorProtoSchema, {
      name: "t",
      dims: ["input", "output"].includes(place) ? [1n] : dims,
      dataType: TensorProto_DataType.FLOAT,
      ...(place === "external"
        ? { dataLocation: 1, externalData: [{ key: "location", value: "data" }] }
        : { rawData: new Uint8Array(4) }),
    });
    const model = withInitializer({ ...contents, name: place === "attribute" ? "u" : "t" });
    const graph = model.graph!;
    if (place === "attribute") {
      graph.initializer = [];
      const attribute = create(AttributeProtoSchema, {
        name: "value",
        type: AttributeProto_AttributeType.TENSOR,
        t: contents,
      });
      graph.node[0] = create(NodeProtoSchema, { opType: "Constant", output: ["y"], attribute: [attribute] });
    }
    graph.input = [info("x", place === "input")];
    graph.output = [info("y", place === "output")];
    return model;
  };
  const read = (model: ModelProto) =>
    decodeModel(bytesOf(model), { readExternal: async () => new Uint8Array(4) });

  test.each(["input", "output"] as const)("-1 is an unknown size of an %s", async (place) => {
    const file = await read(modelWith(place, [-1n, 3n, -1n]));
    expect(file[`${place}s`][0]!.shape).toEqual([null, 3, null]);
  });

  const impossible = [-2n, -(2n ** 63n), 2n ** 31n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n];
  test.each(
    (["input", "output", "tensor", "attribute", "external"] as const).flatMap((place) =>
      [...impossible, ...(place === "input" || place === "output" ? [] : [-1n])].map((dim) => ({
        place,
        dim,
      })),
    ),
  )("$dim is refused in an $place", async ({ place, dim }) => {
    const error = await read(modelWith(place, [1n, dim])).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OnnxError);
    expect((error as Error).message).toContain(`expected dimensions from 0 to 2147483647, got ${dim}`);
  });

  test.each(["tensor", "attribute", "external"] as const)(
    "sizes whose product is impossible, or more than the file holds, are refused in an %s before memory is taken",
    async (place) => {
      for (const dims of [
        [2n ** 31n - 1n, 2n ** 31n - 1n],
        [2n ** 20n, 2n ** 20n, 2n ** 20n],
        [2n ** 31n - 1n],
        [2n ** 16n, 2n ** 16n],
      ]) {
        await expect(read(modelWith(place, dims))).rejects.toThrow(OnnxError);
      }
    },
  );
});

describe("attributes keep the types that a file has", () => {
  const typed = {
    float: { type: AttributeProto_AttributeType.FLOAT, f: 1 },
    int: { type: AttributeProto_AttributeType.INT, i: 1n },
    alpha: { type: AttributeProto_AttributeType.INT, i: 2n },
    seed: { type: AttributeProto_AttributeType.FLOAT, f: 3 },
    axis: { type: AttributeProto_AttributeType.FLOAT, f: -1 },
    to: { type: AttributeProto_AttributeType.INT, i: 1n },
    text: { type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode("\ufeffnaïve") },
    bytes: { type: AttributeProto_AttributeType.STRING, s: new Uint8Array([0xff, 0x00, 0xc3]) },
    noText: { type: AttributeProto_AttributeType.STRING, s: new Uint8Array(0) },
    floats: { type: AttributeProto_AttributeType.FLOATS, floats: [1, 2] },
    ints: { type: AttributeProto_AttributeType.INTS, ints: [1n, 2n] },
    scales: { type: AttributeProto_AttributeType.INTS, ints: [3n] },
    texts: {
      type: AttributeProto_AttributeType.STRINGS,
      strings: [new Uint8Array([65]), new Uint8Array([0x80])],
    },
    noFloats: { type: AttributeProto_AttributeType.FLOATS },
    noInts: { type: AttributeProto_AttributeType.INTS },
    noTexts: { type: AttributeProto_AttributeType.STRINGS },
    tensor: {
      type: AttributeProto_AttributeType.TENSOR,
      t: create(TensorProtoSchema, {
        name: "tensor",
        dims: [2n],
        dataType: TensorProto_DataType.INT8,
        rawData: new Uint8Array([1, 255]),
      }),
    },
  };

  test.each(["", "com.microsoft"])("through reading and writing (domain %j)", async (domain) => {
    const attribute = Object.entries(typed).map(([name, fields]) =>
      create(AttributeProtoSchema, { name, ...fields }),
    );
    const model = withInitializer({ dims: [1n], dataType: TensorProto_DataType.FLOAT, floatData: [1] });
    model.graph!.node[0] = create(NodeProtoSchema, {
      ...model.graph!.node[0]!,
      opType: "Any",
      domain,
      attribute,
    });
    const written = encodeModelFile(await decodeModel(bytesOf(model))).model;
    const nodes = fromBinary(ModelProtoSchema, written).graph!.node;
    expect(nodes[0]!.attribute).toEqual(attribute);

    // As a node of a graph.
    const { attributes, attributeTypes } = (await decodeModel(bytesOf(model))).nodes[0]!;
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1]);
    const y = g.op("Any", [x], attributes, {
      domain,
      types: [x],
      ...(attributeTypes ? { attributeTypes } : {}),
    });
    const graph = fromBinary(ModelProtoSchema, encodeModel(g.build({ y }))).graph!;
    expect(graph.node[0]!.attribute).toEqual(attribute);
  });

  test("and those that lrfind adds have the types of the operator's schema", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const types = [{ dtype: "float32" as const, shape: [2, 3] }];
    const any = (opType: string, attributes: Attributes, domain = "") =>
      g.op(opType, [x], attributes, { types, domain });
    const outputs = {
      a: any("Dropout", { seed: 1 }),
      b: any("RandomNormalLike", { seed: 1 }),
      c: any("LeakyRelu", { alpha: 1 }),
      d: any("Other", { alpha: 1, beta: 0.5, list: [1, 0.5] }, "com.microsoft"),
    };
    const { node } = fromBinary(ModelProtoSchema, encodeModel(g.build(outputs))).graph!;
    const { FLOAT, FLOATS, INT } = AttributeProto_AttributeType;
    expect(node.map(({ attribute }) => attribute.map(({ type }) => type))).toEqual([
      [INT],
      [FLOAT],
      [FLOAT],
      [INT, FLOAT, FLOATS],
    ]);
    expect(() => encodeModel(g.build({ e: any("Softmax", { axis: 0.5 }) }))).toThrow(
      'Softmax: expected attribute "axis" to be of type INT, got 0.5',
    );
  });
});

import { createHash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ModelProto, TensorProto } from "onnx-buf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readMetadata, withMetadata } from "../../../src/onnx/file/metadata.js";
import { attributeType } from "../../../src/onnx/graph/attribute-types.js";
import type { Attributes, DecodeOptions } from "../../../src/onnx/index.js";
import {
  checkExternal,
  decodeModel,
  encodeModel,
  encodeModelFile,
  externalBytes,
  externalFiles,
  fileOfGraph,
  GraphBuilder,
  OnnxError,
  tensor,
} from "../../../src/onnx/index.js";

/** A model of one node, with changes. */
function modelWith(change: (model: ModelProto) => void = () => {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "maker",
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: create(GraphProtoSchema, {
      name: "graph",
      input: [create(ValueInfoProtoSchema, { name: "x" })],
      node: [create(NodeProtoSchema, { opType: "Identity", input: ["x"], output: ["y"] })],
      output: [create(ValueInfoProtoSchema, { name: "y" })],
    }),
  });
  change(model);
  return toBinary(ModelProtoSchema, model);
}

async function refusal(bytes: Uint8Array, options: DecodeOptions = {}): Promise<string> {
  const error = await decodeModel(bytes, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OnnxError);
  return (error as Error).message;
}

const float = (name: string, fields: Partial<TensorProto>) =>
  create(TensorProtoSchema, { name, dataType: TensorProto_DataType.FLOAT, ...fields } as never);

describe("reading a model", () => {
  test("takes names, producer and operator set over, and the file's name by default", async () => {
    const file = await decodeModel(modelWith());
    expect(file).toEqual({
      file: "model.onnx",
      producer: "maker",
      graphName: "graph",
      opset: 17,
      inputs: [{ name: "x", dtype: null, shape: null }],
      outputs: [{ name: "y", dtype: null, shape: null }],
      initializers: new Map(),
      nodes: [
        {
          name: "y",
          opType: "Identity",
          domain: "",
          inputs: ["x"],
          outputs: ["y"],
          attributes: {},
          attributeTypes: {},
        },
      ],
    });
  });

  test("leaves initialisers out of the inputs", async () => {
    const bytes = modelWith(({ graph }) =>
      graph!.initializer.push(float("x", { dims: [1n], floatData: [1] })),
    );
    const { inputs, initializers } = await decodeModel(bytes);
    expect(inputs).toEqual([]);
    expect(initializers.get("x")).toEqual(tensor("float32", [1], [1]));
  });

  test("names nodes without a name by their first output that has one, else by their place", async () => {
    const bytes = modelWith(({ graph }) => {
      graph!.node = [
        create(NodeProtoSchema, { name: "own", opType: "A", output: ["a"] }),
        create(NodeProtoSchema, { opType: "B", output: ["", "b"] }),
        create(NodeProtoSchema, { opType: "C", output: [""] }),
        create(NodeProtoSchema, { opType: "D", domain: "ai.onnx" }),
        create(NodeProtoSchema, { opType: "E", domain: "mine" }),
      ];
    });
    const { nodes } = await decodeModel(bytes);
    expect(nodes.map(({ name, domain }) => [name, domain])).toEqual([
      ["own", ""],
      ["b", ""],
      ["C_2", ""],
      ["D_3", ""],
      ["E_4", "mine"],
    ]);
  });

  test("finds ONNX's own operator set under both of its names", async () => {
    const opsetOf = (...sets: [string, bigint][]) =>
      modelWith((model) => {
        model.opsetImport = sets.map(([domain, version]) =>
          create(OperatorSetIdProtoSchema, { domain, version }),
        );
      });
    expect((await decodeModel(opsetOf(["mine", 3n], ["ai.onnx", 12n]))).opset).toBe(12);
    expect((await decodeModel(opsetOf(["", 9n]))).opset).toBe(9);
    expect(await refusal(opsetOf(["mine", 3n], ["other", 1n]))).toBe(
      '"model.onnx": expected a version of ONNX\'s own operator set, got mine,other',
    );
  });

  test.each<[string, (model: ModelProto) => void, string]>([
    [
      "version",
      (model) => {
        model.irVersion = 0n;
      },
      "bytes without an operator set",
    ],
    [
      "graph",
      (model) => {
        delete model.graph;
      },
      "bytes without a graph; the file is cut off or of another format",
    ],
    [
      "operator set",
      (model) => {
        model.opsetImport = [];
      },
      "bytes without an operator set",
    ],
    [
      "output",
      (model) => {
        model.graph!.output = [];
      },
      "expected a graph with an output, got none",
    ],
  ])("refuses one without its %s", async (_, change, message) => {
    const text = await refusal(modelWith(change as (model: ModelProto) => void), { file: "a.onnx" });
    expect(text).toContain('"a.onnx": expected ');
    expect(text).toContain(message);
  });

  test("says what it cannot use", async () => {
    expect(
      await refusal(
        modelWith((model) => void model.functions.push(create(FunctionProtoSchema, { name: "f" }))),
      ),
    ).toBe(
      '"model.onnx": expected a model without local functions, got "f"; try inlining them (onnx.inliner)',
    );
    const attribute = (fields: object) =>
      modelWith(({ graph }) => {
        graph!.node[0]!.attribute.push(create(AttributeProtoSchema, { name: "a", ...fields } as never));
      });
    const where = '"model.onnx": Identity (node "y"): expected ';
    for (const type of [AttributeProto_AttributeType.GRAPH, AttributeProto_AttributeType.GRAPHS]) {
      expect(await refusal(attribute({ type }))).toBe(
        `${where}a model without control flow, got a graph in attribute "a"; try exporting it traced, with fixed branches`,
      );
    }
    expect(await refusal(attribute({ type: AttributeProto_AttributeType.SPARSE_TENSOR }))).toBe(
      `${where}numbers, text or a tensor in attribute "a", got SPARSE_TENSOR`,
    );
    expect(await refusal(attribute({ type: AttributeProto_AttributeType.TENSOR }))).toBe(
      `${where}numbers, text or a tensor in attribute "a", got TENSOR`,
    );
    // Types that the schema does not have are read as none.
    expect(await refusal(attribute({ type: 99 }))).toContain("got UNDEFINED");
    const cast = modelWith(({ graph }) => {
      const to = create(AttributeProtoSchema, { name: "to", type: AttributeProto_AttributeType.INT, i: 16n });
      graph!.node[0] = create(NodeProtoSchema, { opType: "Cast", output: ["y"], attribute: [to] });
    });
    expect(await refusal(cast)).toBe(
      '"model.onnx": Cast (node "y"): expected an element type that lrfind knows, got number 16; try exporting the model in float32',
    );
    await expect(decodeModel(cast)).rejects.toMatchObject({ op: "Cast", node: "y" });
    await expect(decodeModel(attribute({ type: 99 }))).rejects.toMatchObject({ op: "Identity", node: "y" });
  });

  test("clamps whole numbers to what a number holds, both ways", async () => {
    const bytes = modelWith(({ graph }) => {
      const ints = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n) + 1n];
      const type = AttributeProto_AttributeType.INTS;
      graph!.node[0]!.attribute.push(create(AttributeProtoSchema, { name: "a", type, ints }));
    });
    const max = Number.MAX_SAFE_INTEGER;
    expect((await decodeModel(bytes)).nodes[0]!.attributes["a"]).toEqual([max, -max, max, max, -max]);
  });

  test.each([
    ["[", "a text file"],
    ["{", "a text file"],
    ["<", "a text file"],
    ["PK", "a zip archive, as PyTorch and Keras save models; try torch.onnx.export or tf2onnx"],
    ["version https://git-lfs", "a Git LFS pointer instead of the file; try git lfs pull"],
  ])("knows what begins with %j", async (start, what) => {
    const bytes = new TextEncoder().encode(`${start} and more`);
    expect(await refusal(bytes, { file: "f" })).toBe(`"f": expected an ONNX model, got ${what}`);
    expect(await refusal(new TextEncoder().encode(` ${start}`))).not.toContain(what);
  });

  test("knows dimensions of every kind", async () => {
    const { inputs } = await decodeModel(
      modelWith(({ graph }) => {
        const dims = [
          { value: { case: "dimValue" as const, value: 3n } },
          { value: { case: "dimValue" as const, value: -1n } },
          { value: { case: "dimParam" as const, value: "n" } },
          { value: { case: "dimParam" as const, value: "" } },
          {},
        ];
        const of = (elemType: number, shape?: object) =>
          create(ValueInfoProtoSchema, {
            name: "x",
            type: { value: { case: "tensorType", value: { elemType, ...(shape && { shape }) } } },
          });
        graph!.input = [of(TensorProto_DataType.INT64, { dim: dims }), of(TensorProto_DataType.FLOAT16)];
      }),
    );
    expect(inputs).toEqual([
      { name: "x", dtype: "int64", shape: [3, null, "n", null, null] },
      { name: "x", dtype: null, shape: null },
    ]);
  });
});

describe("tensors in files beside a model", () => {
  const data = Float32Array.from({ length: 4 }, (_, i) => i + 1);
  const bytes = new Uint8Array(data.buffer);
  const entries = (fields: Record<string, string>) =>
    Object.entries(fields).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
  const external = (fields: Record<string, string>, dims = [2n]) =>
    float("t", { dims, dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: entries(fields) });
  const modelOf = (...tensors: TensorProto[]) =>
    modelWith(({ graph }) => {
      graph!.initializer = tensors;
    });
  const readExternal = () => Promise.resolve(bytes);

  test.each<[Record<string, string>, bigint[], number[]]>([
    [{ location: "f" }, [4n], [1, 2, 3, 4]],
    [{ location: "f", offset: "8" }, [2n], [3, 4]],
    [{ location: "f", offset: "4", length: "8" }, [2n], [2, 3]],
    [{ location: "f", length: "4" }, [1n], [1]],
    [{ location: "f", offset: "16", length: "0" }, [0n], []],
  ])("are read at %j", async (fields, dims, expected) => {
    const { initializers } = await decodeModel(modelOf(external(fields, dims)), { readExternal });
    expect([...initializers.get("t")!.data]).toEqual(expected);
    expect(initializers.get("t")!.data.buffer).not.toBe(bytes.buffer);
  });

  test.each<[Record<string, string>, string]>([
    [{}, "expected the location of its external data, got none; the file is damaged"],
    [{ location: "" }, "expected the location of its external data"],
    [
      { location: "f", offset: "16", length: "4" },
      'expected 4 bytes at 16 of "f", got a file of 16 bytes; try copying it again',
    ],
    [{ location: "f", offset: "-4", length: "4" }, 'expected 4 bytes at -4 of "f"'],
    [{ location: "f", offset: "4", length: "-4" }, 'expected -4 bytes at 4 of "f"'],
    [{ location: "f", offset: "1.5" }, 'of "f", got a file of 16 bytes'],
    [{ location: "f", offset: "x" }, 'of "f", got a file of 16 bytes'],
    [
      { location: "f", offset: "8", length: "4" },
      "expected 8 bytes for float32[2], got 4; the file is damaged",
    ],
  ])("are refused at %j", async (fields, message) => {
    const text = await refusal(modelOf(external(fields)), { readExternal, file: "m.onnx" });
    expect(text).toContain('"m.onnx": tensor "t": ');
    expect(text).toContain(message);
  });

  test("of one file are read from it once, and refused without access", async () => {
    const locations: string[] = [];
    const tensors = ["f", "g", "f"].map((location, i) => ({
      ...external({ location, length: "8" }),
      name: `t${i}`,
    }));
    const read = (location: string) => {
      locations.push(location);
      return Promise.resolve(bytes);
    };
    expect((await decodeModel(modelOf(...tensors), { readExternal: read })).initializers.size).toBe(3);
    expect(locations).toEqual(["f", "g"]);
    expect(await refusal(modelOf(...tensors))).toBe(
      '"model.onnx": expected access to its external data "f", got none; try loading it by its path, or give readExternal',
    );
  });

  const sha1 = createHash("sha1").update(bytes).digest("hex");
  const wrong = "0".repeat(40);
  test("are those of the checksum that the model states", async () => {
    const of = (checksum: string) => modelOf(external({ location: "f", length: "8", checksum }));
    for (const right of [sha1, sha1.toUpperCase(), "", "no checksum", `${sha1}0`, sha1.slice(1)]) {
      await expect(decodeModel(of(right), { readExternal })).resolves.toBeDefined();
    }
    expect(await refusal(of(wrong), { readExternal })).toBe(
      `"model.onnx": expected "f" with the SHA-1 ${wrong}, got ${sha1}: it is of another version of the model, or damaged; try exporting or copying both files again`,
    );
  });

  test("are listed, each file once, with the checksum that any of its tensors states", () => {
    const model = modelOf(
      external({ location: "f" }),
      external({ location: "f", checksum: sha1.toUpperCase() }),
      external({ location: "f" }),
      external({ location: "g", checksum: "x" }),
      float("inside", { dims: [1n], floatData: [1] }),
    );
    expect(externalFiles(model)).toEqual([
      { location: "f", checksum: sha1 },
      { location: "g", checksum: undefined },
    ]);
    expect(
      externalFiles(
        modelWith((m) => {
          delete m.graph;
        }),
      ),
    ).toEqual([]);
  });

  describe("without crypto.subtle", () => {
    afterEach(() => vi.unstubAllGlobals());
    test.each([undefined, {}])("are checked against nothing but an error (crypto: %j)", async (crypto) => {
      vi.stubGlobal("crypto", crypto);
      await expect(checkExternal("m.onnx", { location: "f", checksum: sha1 }, bytes)).rejects.toThrow(
        '"m.onnx": expected a page that can check "f" against its checksum, got one without crypto.subtle; try https',
      );
      await expect(
        checkExternal("m.onnx", { location: "f", checksum: undefined }, bytes),
      ).resolves.toBeUndefined();
    });
  });

  test("are written from 1024 bytes on, each at a page of its own", () => {
    const initializers = new Map(
      [256, 255, 257, 1025, 256].map((size, i) => [
        `t${i}`,
        tensor("float32", [size], new Float32Array(size).fill(i + 1)),
      ]),
    );
    const g = new GraphBuilder();
    const file = { ...fileOfGraph(g.build({ y: g.neg(g.input("x", "float32", [1])) })), initializers };
    const written = encodeModelFile(file, { externalName: "data", checksum: sha1 });
    const tensors = fromBinary(ModelProtoSchema, written.model).graph!.initializer;
    expect(
      tensors.map((t) => Object.fromEntries(t.externalData.map(({ key, value }) => [key, value]))),
    ).toEqual([
      { location: "data", offset: "0", length: "1024", checksum: sha1 },
      {},
      { location: "data", offset: "4096", length: "1028", checksum: sha1 },
      { location: "data", offset: "8192", length: "4100", checksum: sha1 },
      { location: "data", offset: "16384", length: "1024", checksum: sha1 },
    ]);
    expect(tensors.map(({ rawData }) => rawData.length)).toEqual([0, 1020, 0, 0, 0]);
    expect(written.external).toEqual(externalBytes(file));
    expect(written.external!.length).toBe(16384 + 1024);
    expect(new Float32Array(written.external!.slice(4096, 4100).buffer)).toEqual(Float32Array.of(3));
    const plain = fromBinary(ModelProtoSchema, encodeModelFile(file, { externalName: "data" }).model);
    expect(plain.graph!.initializer[0]!.externalData.map(({ key }) => key)).toEqual([
      "location",
      "offset",
      "length",
    ]);
    const inside = encodeModelFile(file, { checksum: sha1 });
    expect(inside).not.toHaveProperty("external");
    expect(fromBinary(ModelProtoSchema, inside.model).graph!.initializer[0]!.rawData.length).toBe(1024);
  });
});

describe("writing a graph", () => {
  const types = [{ dtype: "float32", shape: [2] }, null, { dtype: "int8", shape: [1, 3] }, null] as const;
  const g = new GraphBuilder();
  const x = g.input("x", "float64", [2, 5]);
  const [, , third] = g.node(
    "Any",
    [x, null, x, null, null],
    { to: 1 },
    { types, domain: "mine", name: "any" },
  );
  const z = g.op("Clip", [g.cast(third!, "float32"), null, g.scalar(2)]);
  const graph = g.build({ z });

  test("states versions, producer, domains, types and what is absent", () => {
    const model = fromBinary(ModelProtoSchema, encodeModel(graph));
    expect([model.irVersion, model.producerName]).toEqual([10n, "lrfind"]);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ["", 21n],
      ["mine", 1n],
    ]);
    const { node, input, output, initializer, name } = model.graph!;
    expect(name).toBe("lrfind");
    expect(
      node.map(({ name: n, opType, domain, input: from, output: to }) => [n, opType, domain, from, to]),
    ).toEqual([
      ["any", "Any", "mine", ["x", "", "x"], ["any:0", "", "any:2"]],
      ["Cast", "Cast", "", ["any:2"], ["Cast:0"]],
      ["Clip", "Clip", "", ["Cast:0", "", "const"], ["z"]],
    ]);
    const typeOf = ({ type }: (typeof input)[number]) =>
      type?.value.case === "tensorType" && [
        type.value.value.elemType,
        type.value.value.shape?.dim.map((dim) => dim.value.value),
      ];
    expect(input.map(typeOf)).toEqual([[TensorProto_DataType.DOUBLE, [2n, 5n]]]);
    expect(output.map(typeOf)).toEqual([[TensorProto_DataType.FLOAT, [1n, 3n]]]);
    expect(initializer.map((t) => [t.name, t.dims, t.dataType, t.rawData.length])).toEqual([
      ["const", [], TensorProto_DataType.FLOAT, 4],
    ]);
    // The same as a file of the graph, but for what the file does not say.
    expect(fromBinary(ModelProtoSchema, encodeModelFile(fileOfGraph(graph)).model)).toEqual(model);
  });

  test("of a file keeps its operator set and its names, and names what has none", () => {
    const file = { ...fileOfGraph(graph), opset: 13, producer: "maker", graphName: "" };
    const model = fromBinary(ModelProtoSchema, encodeModelFile(file).model);
    expect([model.producerName, model.graph!.name, model.opsetImport[0]!.version]).toEqual([
      "maker",
      "graph",
      13n,
    ]);
    expect(fileOfGraph(graph)).toMatchObject({
      file: "lrfind",
      producer: "lrfind",
      graphName: "lrfind",
      opset: 21,
    });
    expect(fileOfGraph(graph).nodes.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [
        ["x", "", "x"],
        ["any:0", "", "any:2"],
      ],
      [["any:2"], ["Cast:0"]],
      [["Cast:0", "", "const"], ["z"]],
    ]);
  });

  test("writes the part of a larger array that a tensor has", () => {
    const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const b = new GraphBuilder();
    const y = b.add(b.input("x", "float32", [2]), b.constant(tensor("float32", [2], part)));
    const [written] = fromBinary(ModelProtoSchema, encodeModel(b.build({ y }))).graph!.initializer;
    expect([...new Float32Array(written!.rawData.slice().buffer)]).toEqual([1, 2]);
  });
});

describe("the type of an attribute", () => {
  const typeOf = (value: Attributes[string], name = "a", opType = "Any", domain = "") =>
    attributeType({ opType, domain, attributes: { [name]: value } }, name);
  const bytes = new Uint8Array(1);
  const contents = tensor("float32", [1], [1]);
  test.each([
    ["INT", typeOf(1)],
    ["INTS", typeOf([1, 2])],
    ["INTS", typeOf([])],
    ["STRING", typeOf("t")],
    ["STRING", typeOf(bytes)],
    ["STRINGS", typeOf(["t", bytes])],
    ["TENSOR", typeOf(contents)],
    ["FLOAT", typeOf(1, "alpha", "Elu")],
    ["FLOATS", typeOf([1], "scales", "Upsample")],
    ["INT", typeOf(1, "alpha", "Elu", "mine")],
    ["FLOAT", typeOf(0.5, "alpha", "Elu", "mine")],
    ["FLOATS", typeOf([1, 0.5], "a", "Any", "mine")],
    ["INTS", typeOf([1, 2], "a", "Any", "mine")],
    ["INT", typeOf("float32", "to", "Cast")],
    ["STRING", typeOf("float32", "to", "Cast", "mine")],
    ["STRING", typeOf("float32", "to", "CastLike")],
    ["STRING", typeOf("float32", "from", "Cast")],
  ])("is %s by schema or value (%#)", (expected, got) => {
    expect(got).toBe(expected);
  });

  const given = {
    FLOAT: 0.5,
    FLOATS: [0.5],
    INT: 1,
    INTS: [1],
    STRING: "t",
    STRINGS: ["t"],
    TENSOR: contents,
  } as const;
  test("is the one that is given where the value is of it", () => {
    const fits: Record<string, string[]> = {
      FLOAT: ["FLOAT", "INT"],
      FLOATS: ["FLOATS", "INTS"],
      INT: ["INT", "STRING"],
      INTS: ["INTS"],
      STRING: ["STRING"],
      STRINGS: ["STRINGS"],
      TENSOR: ["TENSOR"],
    };
    for (const type of Object.keys(given) as (keyof typeof given)[]) {
      for (const [of, value] of Object.entries(given)) {
        const call = () =>
          attributeType(
            { opType: "Any", domain: "", attributes: { a: value }, attributeTypes: { a: type } },
            "a",
          );
        if (fits[type]!.includes(of)) expect(call(), `${of} as ${type}`).toBe(type);
        else
          expect(call, `${of} as ${type}`).toThrow(`Any: expected attribute "a" to be of type ${type}, got `);
      }
    }
  });
});

test("metadata is added, takes the place of one of its name, and is read", () => {
  const once = withMetadata(modelWith(), { a: "1", b: "2" });
  const twice = withMetadata(once, { b: "3", c: "" });
  expect(readMetadata(modelWith())).toEqual({});
  expect(readMetadata(twice)).toEqual({ a: "1", b: "3", c: "" });
  expect(() => readMetadata(new Uint8Array())).toThrow(
    '"model.onnx": expected an ONNX model, got an empty file',
  );
  expect(() => readMetadata(new Uint8Array(), "own.onnx")).toThrow('"own.onnx"');
});

import { describe, expect, test } from "vitest";
import * as checks from "../../src/onnx/checks.js";
import type { Attributes, FileNode, Graph, ModelFile, Node } from "../../src/onnx/index.js";
import * as onnx from "../../src/onnx/index.js";
import { fileOfGraph, GraphBuilder, OnnxError, tensor } from "../../src/onnx/index.js";

function small() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2]);
  const y = g.mul(x, g.constant(tensor("float32", [2], [3, 4]), "w"));
  return { g, x, y, graph: g.build({ y }) };
}

const { g, x, y, graph } = small();
const contents = tensor("float32", [2], [1, 2]);
const noObjects = [undefined, null, 1, "a", true, []];
const holes = new Array<number>(2);

/** Everything that a check takes, and what it refuses: each branch of it, at both of its sides. */
const table: Record<string, { takes: readonly unknown[]; refuses: readonly unknown[] }> = {
  shape: {
    takes: [[], [0], [2, 3], [Number.MAX_SAFE_INTEGER]],
    refuses: [...noObjects.slice(0, 5), [-1], [1.5], ["2"], [Number.NaN], [2 ** 53], [1, null], holes, [1n]],
  },
  dtype: {
    takes: [
      "float32",
      "float64",
      "int8",
      "uint8",
      "int16",
      "uint16",
      "int32",
      "uint32",
      "int64",
      "uint64",
      "bool",
    ],
    refuses: [...noObjects, "float", "Float32", "", "toString", "float16"],
  },
  tensorCheck: {
    takes: [
      contents,
      tensor("float32", [], [1]),
      tensor("bool", [1], [1]),
      tensor("int64", [2], [1, 2]),
      tensor("float64", [0], []),
    ],
    refuses: [
      ...noObjects,
      {},
      { ...contents, dtype: "float64" },
      { ...contents, dtype: "float" },
      { ...contents, shape: [3] },
      { ...contents, shape: [1, 1] },
      { ...contents, shape: 2 },
      { ...contents, data: [1, 2] },
      { ...contents, data: new DataView(new ArrayBuffer(8)) },
      { ...contents, data: undefined },
      { dtype: "uint8", shape: [2], data: new Int8Array(2) },
    ],
  },
  value: {
    takes: [x, { name: "", dtype: "bool", shape: [] }],
    refuses: [...noObjects, {}, { ...x, name: 1 }, { ...x, dtype: "float" }, { ...x, shape: [-1] }, g],
  },
  operand: { takes: [x, 0, -1.5, Number.NaN], refuses: [undefined, null, "1", 1n, [], {}, [x]] },
  ints: {
    takes: [[], [0], [-3, 4], [Number.MIN_SAFE_INTEGER]],
    refuses: [...noObjects.slice(0, 5), [0.5], ["1"], [Number.NaN], holes, [2 ** 53], Int32Array.of(1)],
  },
  bytes: { takes: [new Uint8Array(1), new Uint8Array()], refuses: [...noObjects, new ArrayBuffer(1), [1]] },
  target: { takes: ["cpu", "wasm", "webgpu"], refuses: [...noObjects.slice(1), "gpu", "CPU", ""] },
  builder: {
    takes: [g, { node() {}, op() {}, build() {} }],
    refuses: [
      ...noObjects,
      {},
      GraphBuilder,
      graph,
      { node() {}, op() {} },
      { node: 1, op() {}, build() {} },
    ],
  },
  optionalValues: {
    takes: [[], [x, null], [null]],
    refuses: [...noObjects.slice(0, 5), [undefined], [1], ["x"], new Array<null>(1), [[x]], x],
  },
  values: { takes: [[], [x, y]], refuses: [...noObjects.slice(0, 5), [null], [x, 1], x] },
  attributes: {
    takes: [
      {},
      { a: 1, b: "t", c: [1, 2], d: ["a", new Uint8Array(1)], e: contents, f: [], g: new Uint8Array(1) },
    ],
    refuses: [
      ...noObjects,
      { a: null },
      { a: undefined },
      { a: true },
      { a: [1, "b"] },
      { a: [null] },
      { a: holes },
      { a: 1n },
    ],
  },
  attributeTypes: {
    takes: [{}, { a: "FLOAT", b: "INT", c: "STRING", d: "TENSOR", e: "FLOATS", f: "INTS", g: "STRINGS" }],
    refuses: [...noObjects, { a: "float" }, { a: 1 }, { a: "INT", b: "GRAPH" }],
  },
  fileNode: {
    takes: [{ name: "", opType: "A", domain: "", inputs: [""], outputs: [], attributes: {} }],
    refuses: [
      ...noObjects,
      {},
      graph.nodes[0],
      { name: "", opType: "A", domain: "", inputs: [], outputs: [null], attributes: {} },
      { name: "", opType: "A", domain: "", inputs: [1], outputs: [], attributes: {} },
      { name: "", opType: "A", domain: "", inputs: [], outputs: [] },
      { name: "", opType: 1, domain: "", inputs: [], outputs: [], attributes: {} },
    ],
  },
  name: { takes: ["a", " "], refuses: [...noObjects.filter((v) => v !== "a"), "", {}] },
};

const all = new Map(
  Object.entries(checks).flatMap(([name, check]) =>
    typeof check === "object" && "accepts" in check ? [[name, check] as const] : [],
  ),
);

describe("checks of the graph's room", () => {
  for (const [name, { takes, refuses }] of Object.entries(table)) {
    const check = all.get(name)!;
    test(`${name} takes what it should`, () => {
      expect(takes.filter((value) => !check.accepts(value))).toEqual([]);
    });
    test(`${name} refuses all else`, () => {
      expect(refuses.filter((value) => check.accepts(value))).toEqual([]);
    });
  }

  test("every check of the room is in the table", () => {
    expect([...all.keys()].sort()).toEqual(Object.keys(table).sort());
  });

  test("say what they expected, got, and what to try", () => {
    const messageOf = (check: () => unknown) => {
      try {
        check();
      } catch (error) {
        expect(error).toBeInstanceOf(OnnxError);
        return (error as Error).message;
      }
      return undefined;
    };
    const b = new GraphBuilder();
    expect([
      messageOf(() => b.input("x", "float" as "float32", [2])),
      messageOf(() => b.input("", "float32", [2])),
      messageOf(() => b.input("x", "float32", [-1])),
      messageOf(() => b.constant([1] as never)),
      messageOf(() => onnx.printGraph(b as never)),
      messageOf(() => onnx.encodeModelFile(graph as never)),
      messageOf(() => onnx.differentiate({} as never, y, [x])),
    ]).toMatchInlineSnapshot(`
      [
        "input: expected dtype to be an element type (float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool), got "float"; try "float32"",
        "input: expected name to be a name, a string that is not empty, got """,
        "input: expected shape to be a shape, an array of whole numbers from 0 up, got [-1]",
        "constant: expected contents to be a tensor, got [1]; try tensor("float32", [2], [1, 2])",
        "printGraph: expected graph to be a graph, got an instance of GraphBuilder; try GraphBuilder's build()",
        "encodeModelFile: expected model to be a model file, got an object; try decodeModel's result",
        "differentiate: expected g to be a GraphBuilder, got an object; try new GraphBuilder()",
      ]
    `);
  });
});

describe("graphs and model files", () => {
  const file = fileOfGraph(graph);
  const node = graph.nodes[0]!;
  const fileNode = file.nodes[0]!;
  const takers = {
    graph: [onnx.printGraph, onnx.encodeModel, onnx.fileOfGraph] as ((graph: Graph) => unknown)[],
    file: [onnx.encodeModelFile] as ((file: ModelFile) => unknown)[],
  };

  test("as they are made are taken", () => {
    for (const taker of takers.graph) expect(() => taker(graph)).not.toThrow();
    for (const taker of takers.file) expect(() => taker(file)).not.toThrow();
    const declared = [
      { name: "a", dtype: null, shape: null },
      { name: "b", dtype: "float32" as const, shape: ["n", null, 0] },
    ];
    expect(() => onnx.encodeModelFile({ ...file, inputs: declared })).not.toThrow();
  });

  const brokenGraphs: unknown[] = [
    ...noObjects,
    { ...graph, name: 1 },
    { ...graph, inputs: x },
    { ...graph, inputs: [null] },
    { ...graph, outputs: [1] },
    { ...graph, constants: [x] },
    { ...graph, constants: [{ ...x, constant: { ...contents, shape: [3] } }] },
    { ...graph, constants: undefined },
    { ...graph, nodes: {} },
  ];
  test.each(brokenGraphs.map((broken) => ({ broken })))("no graph: $broken", ({ broken }) => {
    for (const taker of takers.graph) {
      expect(() => taker(broken as Graph)).toThrow(
        /expected graph to be a graph, got .*GraphBuilder's build\(\)/,
      );
    }
  });

  const brokenNodes: [string, Partial<Record<keyof Node, unknown>>][] = [
    ["name", { name: 1 }],
    ["operator", { opType: undefined }],
    ["domain", { domain: null }],
    ["attributes", { attributes: undefined }],
    ["attribute", { attributes: { a: null } }],
    ["inputs", { inputs: "x" }],
    ["outputs", { outputs: [1] }],
  ];
  test.each(brokenNodes)("a node of another %s is named by its place", (_, change) => {
    const nodes = [node, { ...node, ...change } as Node];
    for (const taker of takers.graph) {
      expect(() => taker({ ...graph, nodes })).toThrow(/expected graph\.nodes\[1\] to be a node, got/);
    }
    for (const taker of takers.file) {
      const fileNodes = [fileNode, { ...fileNode, ...change } as FileNode];
      expect(() => taker({ ...file, nodes: fileNodes })).toThrow(
        /expected model\.nodes\[1\] to be a node, got/,
      );
    }
  });

  const named = { name: "a", dtype: "float32", shape: [1] };
  const brokenFiles: unknown[] = [
    ...noObjects,
    { ...file, file: 1 },
    { ...file, producer: undefined },
    { ...file, graphName: null },
    { ...file, opset: "21" },
    { ...file, opset: 1.5 },
    { ...file, inputs: {} },
    { ...file, inputs: [null] },
    { ...file, inputs: [{ ...named, name: 1 }] },
    { ...file, inputs: [{ ...named, dtype: "float" }] },
    { ...file, inputs: [{ ...named, dtype: undefined }] },
    { ...file, inputs: [{ ...named, shape: 1 }] },
    { ...file, inputs: [{ ...named, shape: [-1] }] },
    { ...file, inputs: [{ ...named, shape: [0.5] }] },
    { ...file, inputs: [{ ...named, shape: undefined }] },
    { ...file, outputs: [] },
    { ...file, outputs: [{}] },
    { ...file, initializers: {} },
    { ...file, initializers: new Map([[1, contents]]) },
    { ...file, initializers: new Map([["w", { ...contents, shape: [3] }]]) },
    { ...file, nodes: undefined },
  ];
  test.each(brokenFiles.map((broken) => ({ broken })))("no model file: $broken", ({ broken }) => {
    for (const taker of takers.file) {
      expect(() => taker(broken as ModelFile)).toThrow(
        /expected model to be a model file, got .*decodeModel's result/,
      );
    }
  });

  test("a file's nodes have names for values", () => {
    for (const inputs of [[null], [1], [x]]) {
      const nodes = [{ ...fileNode, inputs } as unknown as FileNode];
      expect(() => onnx.encodeModelFile({ ...file, nodes })).toThrow("model.nodes[0] to be a node");
    }
    expect(() => onnx.printGraph({ ...graph, nodes: [fileNode as unknown as Node] })).toThrow(
      "graph.nodes[0]",
    );
  });
});

describe("what is no builder, value or option", () => {
  const passes = {
    foldBatch: onnx.foldBatch,
    lowerFolded: onnx.lowerFolded,
    lowerConvolutions: onnx.lowerConvolutions,
    lowerScalarOperands: onnx.lowerScalarOperands,
    poolBeforeRelu: onnx.poolBeforeRelu,
  };
  test.each(Object.entries(passes))("is refused by %s", (name, pass) => {
    for (const wrong of [undefined, null, {}, [], graph, "g"]) {
      expect(() => pass(wrong as never)).toThrow(
        new RegExp(`^${name}: expected g to be a GraphBuilder, got `),
      );
    }
  });

  const calls: [string, () => unknown][] = [
    ["foldBatch: expected minBatch to be", () => onnx.foldBatch(g, { minBatch: 0 })],
    ["foldBatch: expected minBatch to be", () => onnx.foldBatch(g, { minBatch: 1.5 })],
    ["foldBatch: expected all to be", () => onnx.foldBatch(g, { all: 1 as never })],
    ["foldBatch: expected an options object, got null", () => onnx.foldBatch(g, null as never)],
    ["differentiate: expected loss to be a value", () => onnx.differentiate(g, 1 as never, [x])],
    ["differentiate: expected parameters to be", () => onnx.differentiate(g, y, x as never)],
    ["differentiate: expected parameters", () => onnx.differentiate(g, y, [null as never])],
    ["differentiate: expected target to be", () => onnx.differentiate(g, y, [x], { target: "gpu" as never })],
    [
      "batchNormTraining: expected g to be",
      () => onnx.batchNormTraining({} as never, x, x, x, { epsilon: 1 }),
    ],
    [
      "batchNormTraining: expected x to be",
      () => onnx.batchNormTraining(g, 1 as never, x, x, { epsilon: 1 }),
    ],
    [
      "batchNormTraining: expected scale to be",
      () => onnx.batchNormTraining(g, x, null as never, x, { epsilon: 1 }),
    ],
    [
      "batchNormTraining: expected bias to be",
      () => onnx.batchNormTraining(g, x, x, {} as never, { epsilon: 1 }),
    ],
    ["batchNormTraining: expected epsilon to be", () => onnx.batchNormTraining(g, x, x, x, { epsilon: -1 })],
    ["batchNormTraining: expected epsilon to be", () => onnx.batchNormTraining(g, x, x, x, {} as never)],
    [
      "batchNormTraining: expected target to be",
      () => onnx.batchNormTraining(g, x, x, x, { epsilon: 0, target: "x" as never }),
    ],
    [
      "encodeModelFile: expected externalName to be",
      () => onnx.encodeModelFile(fileOfGraph(graph), { externalName: 1 as never }),
    ],
    [
      "encodeModelFile: expected checksum to be",
      () => onnx.encodeModelFile(fileOfGraph(graph), { checksum: 1 as never }),
    ],
    ["sizeOfValue: expected value to be", () => onnx.sizeOfValue([2] as never)],
    ["withDynamicBatch: expected graphs to be", () => onnx.withDynamicBatch(graph as never)],
    [
      "withDynamicBatch: expected graphs to be",
      () => onnx.withDynamicBatch([2, 3].map((batch) => ({ batch, graph }))),
    ],
    [
      "withDynamicBatch: expected graphs",
      () => onnx.withDynamicBatch([1, 2, 0].map((batch) => ({ batch, graph }))),
    ],
    [
      "withDynamicBatch: expected graphs",
      () => onnx.withDynamicBatch([1, 2, 1.5].map((batch) => ({ batch, graph }))),
    ],
    [
      "withDynamicBatch: expected graphs",
      () => onnx.withDynamicBatch([1, 2, null].map((batch) => batch && { batch, graph }) as never),
    ],
    [
      "withDynamicBatch: expected graph to be a graph",
      () => onnx.withDynamicBatch([1, 2, 3].map((batch) => ({ batch, graph: g as never }))),
    ],
    ["planImport: expected model to be", () => onnx.planImport({} as never)],
    ["planImport: expected upgraded.constants to be", () => onnx.planImport(fileOfGraph(graph) as never)],
  ];
  test.each(calls)("%s", (message, call) => {
    expect(call).toThrow(OnnxError);
    expect(call).toThrow(message);
  });

  test("an option that does not exist is named", () => {
    const unknown = { nonsense: 1 } as never;
    const upgraded = { ...fileOfGraph(graph), constants: new Set<string>() };
    for (const call of [
      () => onnx.foldBatch(g, unknown),
      () => onnx.differentiate(g, y, [x], unknown),
      () => onnx.encodeModelFile(fileOfGraph(graph), unknown),
      () => onnx.planImport(upgraded, unknown),
      () => g.build({ y }, unknown),
      () => g.reduceSum(x, [0], unknown),
      () => g.op("Neg", [x], {}, unknown),
      () => onnx.batchNormTraining(g, x, x, x, { epsilon: 1, ...(unknown as Attributes) }),
    ]) {
      expect(call).toThrow(OnnxError);
      expect(call).toThrow('"nonsense"');
    }
  });
});

test("a path is no bytes", async () => {
  await expect(onnx.decodeModel("model.onnx" as never)).rejects.toThrow(
    'decodeModel: expected bytes to be a Uint8Array, got "model.onnx"; try await readFile("model.onnx")',
  );
  await expect(onnx.decodeModel(1 as never)).rejects.toThrow(
    /^decodeModel: expected bytes to be a Uint8Array, got 1$/,
  );
  const bytes = onnx.encodeModel(graph);
  for (const [options, message] of [
    [{ file: 1 }, "decodeModel: expected file to be"],
    [{ readExternal: bytes }, "decodeModel: expected readExternal to be"],
    [{ nonsense: 1 }, '"nonsense"'],
  ] as const) {
    await expect(onnx.decodeModel(bytes, options as never)).rejects.toThrow(message);
  }
});

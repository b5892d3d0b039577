import { describe, expect, test } from "vitest";
import type { Attributes, DType, Target, Value } from "../../src/onnx/index.js";
import {
  GraphBuilder,
  layerNormInputs,
  lowerScalarOperands,
  poolBeforeRelu,
  printGraph,
  shiftNearZero,
  tensor,
} from "../../src/onnx/index.js";

type Make = (g: GraphBuilder, input: (shape: readonly number[], dtype?: DType) => Value) => Value;

/** The nodes of a graph, printed, after a pass. */
function nodesAfter(pass: (g: GraphBuilder) => void, make: Make): string[] {
  const g = new GraphBuilder();
  let count = 0;
  const y = make(g, (shape, dtype = "float32") => g.input(`x${count++}`, dtype, shape));
  pass(g);
  const lines = printGraph(g.build({ y })).split("\n");
  return lines.filter((line) => line.includes(" = ")).map((line) => line.trim());
}

describe("a number that meets a shape that ends with ones", () => {
  const lowered = (make: Make) => nodesAfter(lowerScalarOperands, make);

  test("meets it without them", () => {
    expect(lowered((g, input) => g.mul(input([2, 3, 1, 1]), 2))).toEqual([
      "Mul.Reshape:0: float32[2, 3] = Reshape(x0, [2, 3])",
      "Mul.Mul:0: float32[2, 3] = Mul(Mul.Reshape:0, 2)",
      "y: float32[2, 3, 1, 1] = Reshape(Mul.Mul:0, [2, 3, 1, 1])",
    ]);
    expect(lowered((g, input) => g.sub(input([1]), input([4, 1])))).toEqual([
      "Sub.Reshape:0: float32[4] = Reshape(x1, [4])",
      "Sub.Reshape_1:0: float32[] = Reshape(x0, [])",
      "Sub.Sub:0: float32[4] = Sub(Sub.Reshape_1:0, Sub.Reshape:0)",
      "y: float32[4, 1] = Reshape(Sub.Sub:0, [4, 1])",
    ]);
  });

  const binary = [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Pow",
    "Max",
    "Min",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Equal",
  ];
  test.each(binary)("in %s", (op) => {
    const nodes = lowered((g, input) => g.op(op, [input([3, 1]), input([])]));
    expect(nodes.at(-1)).toMatch(/= Reshape\(/);
  });

  test.each<[string, Make]>([
    ["a shape that ends otherwise", (g, input) => g.mul(input([1, 3]), 2)],
    ["a single element", (g, input) => g.mul(input([1, 1]), 2)],
    ["two tensors", (g, input) => g.mul(input([3, 1]), input([3, 1]))],
    ["three operands", (g, input) => g.op("Max", [input([3, 1]), g.scalar(2), g.scalar(3)])],
    ["another operator", (g, input) => g.op("PRelu", [input([3, 1]), g.scalar(2)])],
    [
      "another domain",
      (g, input) =>
        g.op(
          "Mul",
          [input([3, 1]), g.scalar(2)],
          {},
          { domain: "mine", types: [{ dtype: "float32", shape: [3, 1] }] },
        ),
    ],
  ])("is left alone where it is %s", (_, make) => {
    expect(lowered(make)).toHaveLength(1);
  });

  test("may give the result its rank", () => {
    const nodes = lowered((g, input) => g.mul(input([3, 1]), input([1, 1, 1])));
    expect(nodes.at(-1)).toBe("y: float32[1, 3, 1] = Reshape(Mul.Mul:0, [1, 3, 1])");
  });
});

describe("a ReLU before a max pool", () => {
  const pool = { kernel_shape: [2, 2] };
  const relu = (g: GraphBuilder, x: Value, domain = "") =>
    g.op("Relu", [x], {}, domain === "" ? {} : { domain, types: [x] });
  const swapped = (make: Make) =>
    nodesAfter(poolBeforeRelu, make).map((line) => / = ([\w.]+)/.exec(line)![1]);
  const images = [1, 1, 4, 4];

  test("comes after it", () => {
    expect(swapped((g, input) => g.op("MaxPool", [relu(g, input(images))], pool))).toEqual([
      "MaxPool",
      "Relu",
    ]);
    expect(swapped((g, input) => g.exp(g.op("MaxPool", [relu(g, g.neg(input(images)))], pool)))).toEqual([
      "Neg",
      "MaxPool",
      "Relu",
      "Exp",
    ]);
  });

  test.each<[string, Make]>([
    ["of another domain", (g, input) => g.op("MaxPool", [relu(g, input(images), "mine")], pool)],
    [
      "before one of another domain",
      (g, input) =>
        g.op("MaxPool", [relu(g, input(images))], pool, {
          domain: "mine",
          types: [{ dtype: "float32", shape: [1, 1, 3, 3] }],
        }),
    ],
    [
      "before one that yields indices",
      (g, input) => g.node("MaxPool", [relu(g, input(images))], pool, { outputs: 2 })[0]!,
    ],
    ["before an average", (g, input) => g.op("AveragePool", [relu(g, input(images))], pool)],
    ["before which there is none", (g, input) => g.op("MaxPool", [g.tanh(input(images))], pool)],
    [
      "that is read twice",
      (g, input) => {
        const r = relu(g, input(images));
        return g.add(g.op("MaxPool", [r], pool), g.reduceSum(r));
      },
    ],
  ])("stays %s", (_, make) => {
    expect(swapped(make)).toEqual(nodesAfter(() => {}, make).map((line) => / = ([\w.]+)/.exec(line)![1]));
  });
});

describe("what is normalised", () => {
  test("is shifted by the whole part of its mean", () => {
    expect(
      nodesAfter(
        () => {},
        (g, input) => shiftNearZero(g, input([2, 3, 4]), [1, 2]),
      ),
    ).toEqual([
      "ReduceMean:0: float32[2, 1, 1] = ReduceMean(x0, [1, 2], keepdims=1)",
      "Floor:0: float32[2, 1, 1] = Floor(ReduceMean:0)",
      "y: float32[2, 3, 4] = Sub(x0, Floor:0)",
    ]);
  });

  test.each<[Target, number, string | undefined]>([
    ["cpu", -1, undefined],
    ["wasm", -1, undefined],
    ["webgpu", -1, "[2]"],
    ["webgpu", 2, "[2]"],
    ["webgpu", 1, "[1, 2]"],
    ["webgpu", 0, "[0, 1, 2]"],
    ["webgpu", -2, "[1, 2]"],
  ])("by a layer norm on %s, from dimension %i on, is shifted over %s", (target, axis, axes) => {
    const g = new GraphBuilder();
    const [x, scale] = [g.input("x", "float32", [2, 3, 4]), g.input("s", "float32", [4])];
    const inputs = layerNormInputs(g, [x, scale, null], { axis, target });
    expect(inputs.slice(1)).toEqual([scale, null]);
    if (axes === undefined) expect(inputs[0]).toBe(x);
    else expect(printGraph(g.build({ y: inputs[0]! }))).toContain(`ReduceMean(x, ${axes}, keepdims=1)`);
    expect(layerNormInputs(g, [null, scale], { axis, target })).toEqual([null, scale]);
  });
});

test("a printed graph shows constants where they are small, and attributes of every kind", () => {
  const g = new GraphBuilder();
  const ones = (shape: number[]) =>
    g.constant(
      tensor("float32", shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1)),
      `c${shape.length}`,
    );
  const attributes: Attributes = {
    number: 1.5,
    text: "t",
    bytes: new Uint8Array(3),
    list: [1, 2],
    texts: ["a", new Uint8Array(2)],
    tensor: tensor("int8", [2, 1], [1, 2]),
  };
  const types = [{ dtype: "int64", shape: [2, 1] }, null, { dtype: "bool", shape: [] }] as const;
  const [a, , b] = g.node(
    "Any",
    [ones([]), ones([8]), ones([9]), ones([1, 1]), null, g.ints([3])],
    attributes,
    { domain: "mine", types },
  );
  expect(printGraph(g.build({ a: a!, b: b! }, { name: "all" }))).toBe(
    [
      "graph all",
      "  const  c1_1: float32[9]",
      "  const  c2: float32[1, 1]",
      "  a: int64[2, 1], _, b: bool[] = mine.Any(1, [1, 1, 1, 1, 1, 1, 1, 1], c1_1, c2, _, [3], number=1.5, text=t, bytes=3 bytes, list=[1, 2], texts=[a, 2 bytes], tensor=int8[2, 1])",
      "  output a: int64[2, 1]",
      "  output b: bool[]",
    ].join("\n"),
  );
});

import { describe, expect, test } from "vitest";
import type {
  Attributes,
  AttributeType,
  DType,
  FileNode,
  FileValue,
  Tensor,
} from "../../../../engine/src/onnx/index.js";
import { encodeModelFile, OnnxError, tensor } from "../../../../engine/src/onnx/index.js";
import { values } from "../../../../engine/test/onnx/numeric.js";
import { loadModel } from "../../../src/learner/import/index.js";

function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  more: Partial<FileNode> = {},
): FileNode {
  return { name: `the ${opType}`, opType, domain: "", inputs, outputs, attributes, ...more };
}

const ints = (...list: number[]) => tensor("int64", [list.length], list);
const whole = (value: number) => tensor("int64", [], [value]);
const float = (value: number) => tensor("float32", [], [value]);
const texts = (types: Record<string, AttributeType>) => ({ attributeTypes: types });

/** A model of input x [batch, 4] and of what else is given; its first output is "y". */
function load(
  nodes: readonly FileNode[],
  constants: Readonly<Record<string, Tensor>> = {},
  inputs: readonly FileValue[] = [{ name: "x", dtype: "float32", shape: ["batch", 4] }],
  opset = 21,
) {
  const { model } = encodeModelFile({
    file: "m.onnx",
    producer: "test",
    graphName: "m",
    opset,
    inputs,
    outputs: [{ name: "y", dtype: null, shape: null }],
    initializers: new Map(Object.entries(constants)),
    nodes,
  });
  return loadModel(model, { file: "m.onnx" });
}

const x = [{ dtype: "float32", shape: [3, 4] }] as const;
/** Numbers that depend on the data: whole ones of each row, one of all, and whether they are positive. */
const computed = [
  node("Floor", ["x"], ["floor"]),
  node("ReduceMax", ["floor"], ["top"], { keepdims: 0 }),
  node("Cast", ["top"], ["n"], { to: "int64" }),
  node("Unsqueeze", ["n", "zero"], ["n1"]),
  node("Concat", ["n1", "n1"], ["n2"], { axis: 0 }),
  node("Concat", ["n2", "n2"], ["n4"], { axis: 0 }),
  node("Cast", ["n4"], ["f4"], { to: "float32" }),
  node("Greater", ["x", "nil"], ["mask"]),
];
const common = { zero: ints(0), one: ints(1), nil: float(0), i0: whole(0), i1: whole(1), pair: values([2]) };

/** Nodes whose shapes hang on data, and the input that the message must name. */
const hanging: Record<string, { readonly nodes: FileNode[]; readonly index: number; readonly name: string }> =
  {
    NonZero: { nodes: [node("NonZero", ["x"], ["y"])], index: 0, name: "x" },
    Compress: { nodes: [node("Compress", ["x", "mask"], ["y"])], index: 1, name: "mask" },
    Unique: { nodes: [node("Unique", ["x"], ["y"])], index: 0, name: "x" },
    NonMaxSuppression: { nodes: [node("NonMaxSuppression", ["x", "x"], ["y"])], index: 0, name: "x" },
    Reshape: { nodes: [node("Reshape", ["x", "n2"], ["y"])], index: 1, name: "n2" },
    Expand: { nodes: [node("Expand", ["x", "n2"], ["y"])], index: 1, name: "n2" },
    Tile: { nodes: [node("Tile", ["x", "n2"], ["y"])], index: 1, name: "n2" },
    Pad: { nodes: [node("Pad", ["x", "n4"], ["y"])], index: 1, name: "n4" },
    "Slice by start": { nodes: [node("Slice", ["x", "n1", "one"], ["y"])], index: 1, name: "n1" },
    "Slice by end": { nodes: [node("Slice", ["x", "zero", "n1"], ["y"])], index: 2, name: "n1" },
    "Slice by axis": { nodes: [node("Slice", ["x", "zero", "one", "n1"], ["y"])], index: 3, name: "n1" },
    "Slice by step": {
      nodes: [node("Slice", ["x", "zero", "one", "zero", "n1"], ["y"])],
      index: 4,
      name: "n1",
    },
    "Range by limit": { nodes: [node("Range", ["i0", "n", "i1"], ["y"])], index: 1, name: "n" },
    "Range by start": { nodes: [node("Range", ["n", "i1", "i1"], ["y"])], index: 0, name: "n" },
    ConstantOfShape: { nodes: [node("ConstantOfShape", ["n2"], ["y"])], index: 0, name: "n2" },
    TopK: { nodes: [node("TopK", ["x", "n1"], ["y", "at"])], index: 1, name: "n1" },
    "Resize by sizes": { nodes: [node("Resize", ["x", "", "", "n2"], ["y"])], index: 3, name: "n2" },
    "Resize by scales": { nodes: [node("Resize", ["x", "", "f4"], ["y"])], index: 2, name: "f4" },
    "Resize by region": {
      nodes: [
        node("Resize", ["x", "f4", "pair"], ["y"], { coordinate_transformation_mode: "tf_crop_and_resize" }),
      ],
      index: 1,
      name: "f4",
    },
    OneHot: { nodes: [node("OneHot", ["n1", "n", "pair"], ["y"])], index: 1, name: "n" },
    Split: { nodes: [node("Split", ["x", "n2"], ["y", "z"])], index: 1, name: "n2" },
    Squeeze: { nodes: [node("Squeeze", ["x", "n1"], ["y"])], index: 1, name: "n1" },
    Unsqueeze: { nodes: [node("Unsqueeze", ["x", "n1"], ["y"])], index: 1, name: "n1" },
    ReduceSum: { nodes: [node("ReduceSum", ["x", "n1"], ["y"])], index: 1, name: "n1" },
    ReduceL2: { nodes: [node("ReduceL2", ["x", "n1"], ["y"])], index: 1, name: "n1" },
    CenterCropPad: { nodes: [node("CenterCropPad", ["x", "n2"], ["y"])], index: 1, name: "n2" },
    HannWindow: { nodes: [node("HannWindow", ["n"], ["y"])], index: 0, name: "n" },
    "NonZero of a shape-like detour": {
      nodes: [node("NonZero", ["mask"], ["at"]), node("Shape", ["at"], ["y"])],
      index: 0,
      name: "mask",
    },
    "GatherND by NonZero": {
      nodes: [
        node("NonZero", ["mask"], ["at"]),
        node("Transpose", ["at"], ["rows"]),
        node("GatherND", ["x", "rows"], ["y"]),
      ],
      index: 0,
      name: "mask",
    },
  };

describe("a shape that hangs on data is refused by name", () => {
  test.each(Object.entries(hanging))("%s", async (_, { nodes, index, name }) => {
    const error = await load([...computed, ...nodes], common).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OnnxError);
    const at = nodes[0]!;
    expect((error as OnnxError).node).toBe(at.name);
    expect((error as OnnxError).message).toContain(
      `"m.onnx": ${at.opType} (node "${at.name}"): expected input number ${index} ("${name}"), which decides the shape`,
    );
  });

  test("where an input of the model decides it, too", async () => {
    const inputs = [
      { name: "x", dtype: "float32", shape: ["batch", 4] },
      { name: "shape", dtype: "int64", shape: [2] },
    ] as const;
    await expect(load([node("Reshape", ["x", "shape"], ["y"])], {}, inputs)).rejects.toThrow(
      'expected input number 1 ("shape"), which decides the shape of its result',
    );
  });

  test("an operator of another domain is tried on other numbers", async () => {
    const unique = node("Unique", ["flat"], ["y", "at", "count"], {}, { domain: "com.microsoft" });
    const model = await load([node("Reshape", ["x", "all"], ["flat"]), unique], { all: ints(-1) });
    await expect(model.prepare(x)).rejects.toThrow(
      '"m.onnx": Unique (node "the Unique"): expected a result "y" whose shape follows from the shapes of what goes in, got [1] for some numbers and [12] for others',
    );
  });
});

describe("a shape that hangs on shapes goes on working", () => {
  test.each<[string, FileNode[], number[]]>([
    [
      "Reshape",
      [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["rows"]),
        node("Concat", ["rows", "rest"], ["target"], { axis: 0 }),
        node("Reshape", ["x", "target"], ["y"]),
      ],
      [3, 2, 2],
    ],
    [
      "Range and Expand",
      [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "i0"], ["rows"]),
        node("Range", ["i0", "rows", "i1"], ["steps"]),
        node("Cast", ["steps"], ["floats"], { to: "float32" }),
        node("Unsqueeze", ["floats", "one"], ["column"]),
        node("Expand", ["column", "s"], ["wide"]),
        node("Add", ["wide", "x"], ["y"]),
      ],
      [3, 4],
    ],
    [
      "NonZero of a constant of a shape",
      [
        node("Shape", ["x"], ["s"]),
        node("ConstantOfShape", ["s"], ["ones"], { value: tensor("float32", [1], [1]) }),
        node("NonZero", ["ones"], ["at"]),
        node("Transpose", ["at"], ["rows"]),
        node("GatherND", ["x", "rows"], ["y"]),
      ],
      [12],
    ],
    [
      "NonZero of an initialiser",
      [
        node("NonZero", ["mask"], ["at"]),
        node("Transpose", ["at"], ["rows"]),
        node("GatherND", ["x", "rows"], ["y"]),
      ],
      [2],
    ],
    [
      "Slice by half a size, of what hangs on data",
      [
        node("Size", ["x"], ["n"]),
        node("Div", ["n", "six"], ["half"]),
        node("Unsqueeze", ["half", "zero"], ["end"]),
        node("Exp", ["x"], ["e"]),
        node("Slice", ["e", "zero", "end", "one"], ["y"]),
      ],
      [3, 2],
    ],
  ])("%s", async (_, nodes, shape) => {
    const mask = tensor("float32", [3, 4], [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0]);
    const model = await load(nodes, { ...common, rest: ints(2, 2), six: whole(6), mask });
    expect(model.parameters).toEqual([]);
    await model.prepare(x);
    expect(await shapeOf(model)).toEqual(shape);
  });
});

/** The shape of a model's prediction for x. */
async function shapeOf(model: Awaited<ReturnType<typeof load>>): Promise<readonly number[]> {
  const { buildEvaluationGraph } = await import("../../../../engine/src/nn/index.js");
  return buildEvaluationGraph({ model, inputs: x }).predictionShape;
}

describe("numbers to find shapes with", () => {
  const second = (dtype: DType, shape: (number | string)[]): FileValue[] => [
    { name: "x", dtype: "float32", shape: ["batch", 4] },
    { name: "k", dtype, shape },
  ];

  test.each<[string, FileNode[], DType]>([
    [
      "a whole divisor",
      [node("Div", ["k", "k"], ["q"]), node("Cast", ["q"], ["f"], { to: "float32" })],
      "int32",
    ],
    [
      "a whole modulus",
      [node("Mod", ["k", "k"], ["q"]), node("Cast", ["q"], ["f"], { to: "float32" })],
      "int64",
    ],
  ])("are not 0 where that is refused: %s", async (_, nodes, dtype) => {
    const model = await load([...nodes, node("Add", ["x", "f"], ["y"])], {}, second(dtype, ["batch", 4]));
    await model.prepare([...x, { dtype, shape: [3, 4] }]);
    expect(model.parameters).toEqual([]);
  });

  test.each<[string, FileNode[], Record<string, Tensor>, string]>([
    [
      "a half transform of one element",
      [
        node("Reshape", ["x", "shape"], ["r"]),
        node("DFT", ["r", "", "axis"], ["y"], { inverse: 1, onesided: 1 }),
      ],
      { shape: ints(-1, 1, 2, 2), axis: whole(1) },
      'DFT (node "the DFT"): expected a transform of at least one element, got 0 of 1 along axis 1',
    ],
    [
      "a half transform along the batch of one",
      [
        node("Reshape", ["x", "shape"], ["r"]),
        node("DFT", ["r", "", "axis"], ["y"], { inverse: 1, onesided: 1 }),
      ],
      { shape: ints(1, -1, 2, 2), axis: whole(-4) },
      "expected a transform of at least one element, got 0 of 1 along axis -4",
    ],
    [
      "a transform of length 0",
      [node("Reshape", ["x", "shape"], ["r"]), node("DFT", ["r", "none", "axis"], ["y"])],
      { shape: ints(-1, 2, 2), none: whole(0), axis: whole(1) },
      "expected a transform of at least one element, got 0 of 2 along axis 1",
    ],
    [
      "frames of no elements",
      [node("Reshape", ["x", "shape"], ["r"]), node("STFT", ["r", "step", "", "none"], ["y"])],
      { shape: ints(1, -1, 1), step: whole(2), none: whole(0) },
      'STFT (node "the STFT"): expected frames of at least one element and a step of at least one, got 0 and 2',
    ],
    [
      "a group of 0",
      [node("Reshape", ["x", "shape"], ["r"]), node("ConvTranspose", ["r", "w"], ["y"], { group: 0 })],
      { shape: ints(1, 1, 3, 4), w: values([1, 1, 2, 2]) },
      'ConvTranspose (node "the ConvTranspose"): expected a group of 1 or more, got a group of 0',
    ],
  ])("never reach a node that would hang or end the process: %s", async (_, nodes, constants, message) => {
    const model = await load(nodes, constants);
    const error = await model.prepare(x).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OnnxError);
    expect((error as OnnxError).message).toContain(message);
  });
});

test("operators of ONNX Runtime's own keep the types of their attributes", async () => {
  const gelu = node(
    "QuickGelu",
    ["x"],
    ["y"],
    { alpha: 1 },
    { domain: "com.microsoft", ...texts({ alpha: "FLOAT" }) },
  );
  const model = await load([gelu]);
  await model.prepare(x);
  expect(await shapeOf(model)).toEqual([3, 4]);
});

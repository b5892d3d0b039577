import { describe, expect, test } from "vitest";
import type { Attributes, FileNode, ModelFile, Tensor } from "../../../src/onnx/index.js";
import { encodeModelFile, tensor, upgradeModel } from "../../../src/onnx/index.js";
import { createRawSession } from "../../../src/runtime/index.js";
import { relativeError, values } from "../numeric.js";

interface Case {
  readonly opset: number;
  readonly op: string;
  readonly attributes?: Attributes;
  /** The first is the input x, the others are initialisers. */
  readonly inputs: readonly (Tensor | "")[];
  readonly outputs?: number;
}

function fileOf({ opset, op, attributes = {}, inputs, outputs = 1 }: Case): ModelFile {
  const names = inputs.map((input, i) => (input === "" ? "" : i === 0 ? "x" : `c${i}`));
  const node: FileNode = {
    name: "node",
    opType: op,
    domain: "",
    inputs: names,
    outputs: Array.from({ length: outputs }, (_, i) => `y${i}`),
    attributes,
  };
  const x = inputs[0] as Tensor | undefined;
  return {
    file: "case.onnx",
    producer: "test",
    graphName: "case",
    opset,
    inputs: x ? [{ name: "x", dtype: x.dtype, shape: x.shape }] : [],
    outputs: node.outputs.map((name) => ({ name, dtype: null, shape: null })),
    initializers: new Map(
      inputs.flatMap((input, i) => (i > 0 && input !== "" ? [[names[i]!, input] as const] : [])),
    ),
    nodes: [node],
  };
}

async function run(file: ModelFile, x: Tensor | undefined): Promise<Tensor[]> {
  await using session = await createRawSession(encodeModelFile(file).model, { optimize: false });
  const results = await session.run(x ? { x } : {});
  return file.outputs.map(({ name }) => results[name]!);
}

const x = values([2, 3, 4, 5]);
const image = values([1, 2, 3, 4]);
const ints = (...list: number[]) => tensor("int64", [list.length], list);
const reductions = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"];
const positive = tensor("float32", x.shape, x.data.map(Math.abs));

const cases: Record<string, Case> = {
  "Squeeze axes": { opset: 11, op: "Squeeze", attributes: { axes: [0, -1] }, inputs: [values([1, 3, 1])] },
  "Squeeze without axes": { opset: 9, op: "Squeeze", inputs: [values([1, 3, 1])] },
  "Unsqueeze axes": { opset: 9, op: "Unsqueeze", attributes: { axes: [0, 3] }, inputs: [values([2, 3])] },
  ...Object.fromEntries(
    reductions.flatMap((kind) =>
      [9, 13, 17].map((opset) => [
        `Reduce${kind} axes of operator set ${opset}`,
        kind === "Sum" && opset >= 13
          ? { opset, op: "ReduceSum", inputs: [x, ints(1, 2)] }
          : { opset, op: `Reduce${kind}`, attributes: { axes: [1, 2], keepdims: 0 }, inputs: [positive] },
      ]),
    ),
  ),
  "ReduceMean over all axes": { opset: 11, op: "ReduceMean", inputs: [x] },
  "Clip bounds": { opset: 7, op: "Clip", attributes: { min: -0.5, max: 0.25 }, inputs: [x] },
  "Clip with one bound": { opset: 9, op: "Clip", attributes: { max: 0.25 }, inputs: [x] },
  "Slice ends beyond the end": {
    opset: 9,
    op: "Slice",
    attributes: { starts: [1, -3], ends: [Number.MAX_SAFE_INTEGER, -1], axes: [1, 3] },
    inputs: [x],
  },
  "Slice without axes": { opset: 9, op: "Slice", attributes: { starts: [1], ends: [2] }, inputs: [x] },
  "Pad constant": {
    opset: 9,
    op: "Pad",
    attributes: { pads: [0, 0, 1, 2, 0, 0, 3, 0], value: 1.5, mode: "constant" },
    inputs: [x],
  },
  "Pad reflect": {
    opset: 10,
    op: "Pad",
    attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1], mode: "reflect" },
    inputs: [x],
  },
  "Split sizes": { opset: 11, op: "Split", attributes: { axis: 1, split: [1, 2] }, inputs: [x], outputs: 2 },
  "Split evenly": { opset: 11, op: "Split", attributes: { axis: 2 }, inputs: [x], outputs: 2 },
  "Split evenly of operator set 13": {
    opset: 13,
    op: "Split",
    attributes: { axis: 2 },
    inputs: [x],
    outputs: 2,
  },
  "TopK k": { opset: 9, op: "TopK", attributes: { k: 2, axis: -1 }, inputs: [x], outputs: 2 },
  "Dropout ratio": { opset: 10, op: "Dropout", attributes: { ratio: 0.5 }, inputs: [x] },
  "Softmax over a matrix": { opset: 11, op: "Softmax", attributes: { axis: 2 }, inputs: [x] },
  "Softmax of the default axis": { opset: 9, op: "Softmax", inputs: [x] },
  "Softmax over the last axis": { opset: 11, op: "Softmax", attributes: { axis: -1 }, inputs: [x] },
  "LogSoftmax over a matrix": { opset: 7, op: "LogSoftmax", attributes: { axis: 1 }, inputs: [x] },
  "Hardmax over a matrix": { opset: 11, op: "Hardmax", attributes: { axis: 1 }, inputs: [x] },
  "Upsample with attributes": {
    opset: 7,
    op: "Upsample",
    attributes: { mode: "nearest", scales: [1, 1, 2, 1.5] },
    inputs: [image],
  },
  "Upsample linear": {
    opset: 9,
    op: "Upsample",
    attributes: { mode: "linear" },
    inputs: [image, tensor("float32", [4], [1, 1, 2, 2])],
  },
  "Resize of operator set 10": {
    opset: 10,
    op: "Resize",
    attributes: { mode: "nearest" },
    inputs: [image, tensor("float32", [4], [1, 1, 2, 1.5])],
  },
  "Resize of operator set 10 downwards": {
    opset: 10,
    op: "Resize",
    attributes: { mode: "nearest" },
    inputs: [values([1, 2, 5, 7]), tensor("float32", [4], [1, 1, 0.6, 0.45])],
  },
  "Resize of operator set 10, up and down": {
    opset: 10,
    op: "Resize",
    inputs: [values([1, 2, 5, 7]), tensor("float32", [4], [1, 1, 0.7, 2.5])],
  },
  "Resize of operator set 10, linear downwards": {
    opset: 10,
    op: "Resize",
    attributes: { mode: "linear" },
    inputs: [values([1, 2, 5, 7]), tensor("float32", [4], [1, 1, 0.6, 0.45])],
  },
  "Resize of operator set 11 with a scale beside the sizes' absence": {
    opset: 11,
    op: "Resize",
    attributes: { mode: "nearest", coordinate_transformation_mode: "tf_half_pixel_for_nn" },
    inputs: [image, tensor("float32", [0], []), tensor("float32", [4], [1, 1, 0.6, 1.5])],
  },
  "RoiAlign of operator set 10": {
    opset: 15,
    op: "RoiAlign",
    attributes: { output_height: 2, output_width: 3, sampling_ratio: 2, spatial_scale: 0.5 },
    inputs: [
      values([1, 2, 6, 6]),
      tensor("float32", [2, 4], [0, 0, 8, 8, 3, 2, 9, 11]),
      tensor("int64", [2], [0, 0]),
    ],
  },
  ...Object.fromEntries(
    ["bilinear", "bicubic", "nearest", undefined].map((mode) => [
      `GridSample of mode ${mode}`,
      {
        opset: 16,
        op: "GridSample",
        attributes: { align_corners: 1, ...(mode ? { mode } : {}) },
        inputs: [values([1, 2, 3, 4]), values([1, 2, 5, 2], 3)],
      },
    ]),
  ),
  "DFT along an axis": {
    opset: 17,
    op: "DFT",
    attributes: { axis: 2 },
    inputs: [values([2, 3, 4, 1])],
  },
  "DFT along the default axis": { opset: 19, op: "DFT", inputs: [values([2, 3, 4, 1])] },
  "DFT of a length": { opset: 17, op: "DFT", inputs: [values([2, 6, 1]), tensor("int64", [], [4])] },
  "Resize with empty tensors": {
    opset: 11,
    op: "Resize",
    attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
    inputs: [image, tensor("float32", [0], []), tensor("float32", [0], []), ints(1, 2, 6, 7)],
  },
  "BatchNormalization, inference": {
    opset: 7,
    op: "BatchNormalization",
    attributes: { epsilon: 1e-3 },
    inputs: [x, values([3], 1), values([3], 2), values([3], 3), tensor("float32", [3], [1, 2, 3])],
  },
  Scatter: {
    opset: 9,
    op: "Scatter",
    attributes: { axis: 1 },
    inputs: [values([2, 3]), tensor("int64", [2, 1], [2, 0]), values([2, 1], 5)],
  },
  "Constant, one float": { opset: 12, op: "Constant", attributes: { value_float: 2.5 }, inputs: [] },
  "Constant, one integer": { opset: 12, op: "Constant", attributes: { value_int: 7 }, inputs: [] },
  "Constant, integers": { opset: 12, op: "Constant", attributes: { value_ints: [1, 2, 3] }, inputs: [] },
  "Constant, floats": { opset: 12, op: "Constant", attributes: { value_floats: [0.5, 1] }, inputs: [] },
  "Constant, tensor": { opset: 9, op: "Constant", attributes: { value: values([2, 2]) }, inputs: [] },
  "Gemm without a third input": { opset: 11, op: "Gemm", inputs: [values([2, 3]), values([3, 4])] },
  "Relu of operator set 22": { opset: 22, op: "Relu", inputs: [x] },
};

describe("upgradeModel", () => {
  test.each(Object.entries(cases))("keeps the outputs of %s", async (_, given) => {
    const original = fileOf(given);
    const upgraded = upgradeModel(original);
    expect(upgraded.opset).toBe(21);
    const input = given.inputs[0] === "" ? undefined : given.inputs[0];
    const before = await run(original, input);
    const after = await run(upgraded, input);
    before.forEach((want, i) => {
      expect(after[i]!.shape).toEqual(want.shape);
      expect(after[i]!.dtype).toBe(want.dtype);
      const numbers = ({ data }: Tensor) => Array.from(data as ArrayLike<number | bigint>, Number);
      expect(relativeError(numbers(after[i]!), numbers(want))).toBeLessThan(1e-6);
    });
  });

  test("spreads GroupNormalization's scale and bias over the channels", async () => {
    // ONNX Runtime has no kernel of operator set 18 to compare with: per-channel values are written out instead.
    const input = values([2, 4, 3]);
    const attributes = { num_groups: 2, epsilon: 1e-3 };
    const perGroup = fileOf({
      opset: 18,
      op: "GroupNormalization",
      attributes,
      inputs: [input, tensor("float32", [2], [2, 3]), tensor("float32", [2], [0.5, -1])],
    });
    const perChannel = fileOf({
      opset: 21,
      op: "GroupNormalization",
      attributes,
      inputs: [input, tensor("float32", [4], [2, 2, 3, 3]), tensor("float32", [4], [0.5, 0.5, -1, -1])],
    });
    const [got] = await run(upgradeModel(perGroup), input);
    const [want] = await run(perChannel, input);
    expect(relativeError(got!.data as Float32Array, want!.data as Float32Array)).toBeLessThan(1e-6);
  });

  test("recognises batch-norm in training by its outputs", () => {
    const file = fileOf({
      opset: 9,
      op: "BatchNormalization",
      attributes: { spatial: 1 },
      inputs: [x, values([3], 1), values([3], 2), values([3], 3), values([3], 4)],
      outputs: 5,
    });
    expect(upgradeModel(file).nodes[0]).toMatchObject({
      outputs: ["y0", "y1", "y2"],
      attributes: { training_mode: 1 },
    });
  });

  test.each([6, 23])("refuses operator set %i", (opset) => {
    expect(() => upgradeModel(fileOf({ opset, op: "Relu", inputs: [x] }))).toThrow(
      `"case.onnx": expected operator set 7 to 22, got ${opset}`,
    );
  });

  test.each<[string, Case, string]>([
    [
      "an operator that ONNX no longer has",
      { opset: 9, op: "DynamicSlice", inputs: [x, ints(0), ints(1)] },
      `DynamicSlice (node "node"): expected an operator of ONNX's operator sets 7 to 22`,
    ],
    [
      "a recurrent network whose batch comes first",
      { opset: 14, op: "LSTM", attributes: { layout: 1, hidden_size: 2 }, inputs: [values([2, 3, 4])] },
      'LSTM (node "node"): expected layout 0, sequences first, got 1',
    ],
    [
      "an interpolation that never was",
      { opset: 16, op: "GridSample", attributes: { mode: "area" }, inputs: [image, values([1, 2, 2, 2])] },
      'GridSample (node "node"): expected a mode of bilinear, bicubic, nearest, got area',
    ],
  ])("refuses %s by name", (_, given, message) => {
    expect(() => upgradeModel(fileOf(given))).toThrow(message);
  });

  test("keeps the type of a dropout's mask, whose values were never said outside of training", async () => {
    const upgraded = upgradeModel(fileOf({ opset: 7, op: "Dropout", inputs: [x], outputs: 2 }));
    const [y, mask] = await run(upgraded, x);
    expect(y!.data).toEqual(x.data);
    expect(mask).toMatchObject({ dtype: "float32", shape: x.shape });
  });

  test("names the node that has no counterpart", () => {
    const file = fileOf({ opset: 7, op: "BatchNormalization", attributes: { spatial: 0 }, inputs: [x] });
    expect(() => upgradeModel(file)).toThrow(
      'BatchNormalization (node "node"): expected statistics per channel',
    );
  });
});

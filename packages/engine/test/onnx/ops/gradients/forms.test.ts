import { describe, expect, test } from "vitest";
import type { Attributes, Target } from "../../../../src/onnx/index.js";
import { differentiate, GraphBuilder, lowerConvolutions } from "../../../../src/onnx/index.js";

/** Operators that a convolution's gradient by its input or its weights is made of, but for those that move elements. */
function formOf(
  by: "x" | "w",
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes = {},
  target: Target = "cpu",
): string {
  const g = new GraphBuilder();
  const leaves = { x: g.input("x", "float32", x), w: g.input("w", "float32", w) };
  const y = g.op("Conv", [leaves.x, leaves.w], attributes, { name: "conv" });
  differentiate(g, g.reduceSum(y), [leaves[by]], { target });
  const moves = ["Reshape", "Transpose", "Slice", "Concat", "Pad"];
  const ops = g.nodes.filter(({ name }) => name.startsWith("grad.conv.")).map(({ opType }) => opType);
  const kept = ops.filter((op) => !moves.includes(op));
  return [...new Set(kept)].map((op) => `${kept.filter((other) => other === op).length} ${op}`).join(", ");
}

const same = { pads: [1, 1, 1, 1] };

describe("the gradient of a convolution by its input", () => {
  test.each<[string, string, readonly number[], readonly number[], Attributes?, Target?]>([
    ["one product up to 32 positions", "1 MatMul, 1 Col2Im", [2, 8, 4, 8], [8, 8, 3, 3], same],
    ["a convolution beyond", "1 Conv", [2, 8, 4, 9], [8, 8, 3, 3], same],
    ["a convolution for WebGPU", "1 Conv", [2, 8, 4, 8], [8, 8, 3, 3], same, "webgpu"],
    ["a convolution for groups", "1 Conv", [2, 8, 4, 8], [8, 4, 3, 3], { ...same, group: 2 }],
    ["a convolution for one dimension", "1 Conv", [2, 8, 8], [8, 8, 3], { pads: [1, 1] }],
    ["a convolution for single pixels", "1 Conv", [2, 8, 4, 8], [8, 8, 1, 1]],
    ["a convolution for single pixels, however many channels", "1 Conv", [2, 2, 9, 9], [8, 2, 1, 1]],
    ["transposed where outputs have more channels", "1 ConvTranspose", [2, 4, 9, 9], [5, 4, 3, 3], same],
    [
      "transposed by the channels of a group",
      "1 ConvTranspose",
      [2, 4, 9, 9],
      [6, 2, 3, 3],
      { ...same, group: 2 },
    ],
    ["transposed for strides", "1 ConvTranspose", [2, 8, 20, 20], [4, 8, 3, 3], { strides: [2, 2] }],
    [
      "transposed for padding beyond the reach",
      "1 ConvTranspose",
      [2, 8, 9, 9],
      [4, 8, 3, 3],
      { pads: [3, 0, 0, 0] },
    ],
    ["a convolution for padding of the reach", "1 Conv", [2, 8, 9, 9], [4, 8, 3, 3], { pads: [2, 2, 2, 2] }],
  ])("%s", (_, expected, x, w, attributes, target) => {
    expect(formOf("x", x, w, attributes, target)).toBe(expected);
  });
});

describe("the gradient of a convolution by its weights", () => {
  test.each<[string, string, readonly number[], readonly number[], Attributes?]>([
    ["columns for up to 4 channels", "1 MatMul, 1 ReduceSum", [2, 4, 9, 9], [8, 4, 3, 3], same],
    ["rows beyond", "9 Gemm", [2, 5, 9, 9], [8, 5, 3, 3], same],
    ["columns up to 16 elements of a window", "1 MatMul, 1 ReduceSum", [2, 3, 9, 9], [8, 3, 4, 4]],
    ["a convolution beyond", "1 Conv", [2, 3, 9, 9], [8, 3, 4, 5]],
    ["rows up to 128 positions", "9 Gemm", [2, 8, 8, 16], [8, 8, 3, 3], same],
    [
      "rows of images beyond, all of a line at once",
      "3 MatMul, 3 ReduceSum",
      [2, 32, 8, 17],
      [8, 32, 3, 3],
      same,
    ],
    [
      "rows of images beyond, one by one where channels are many",
      "9 MatMul, 9 ReduceSum",
      [2, 33, 8, 17],
      [8, 33, 3, 3],
      same,
    ],
    ["rows of images up to 256 positions", "3 MatMul, 3 ReduceSum", [2, 8, 16, 16], [8, 8, 3, 3], same],
    ["images beyond", "9 MatMul, 9 ReduceSum", [2, 8, 16, 17], [8, 8, 3, 3], same],
    ["images for groups", "9 MatMul, 9 ReduceSum", [2, 8, 4, 4], [8, 4, 3, 3], { ...same, group: 2 }],
    ["a convolution by each channel itself", "1 Conv", [2, 8, 16, 16], [8, 1, 3, 3], { ...same, group: 8 }],
    [
      "images by each channel itself beyond 256 positions",
      "9 MatMul, 9 ReduceSum",
      [2, 8, 16, 17],
      [8, 1, 3, 3],
      { ...same, group: 8 },
    ],
    [
      "a convolution by each channel itself with strides",
      "1 Conv",
      [2, 8, 40, 40],
      [8, 1, 3, 3],
      { ...same, group: 8, strides: [2, 2] },
    ],
    [
      "images where a channel gives several",
      "9 MatMul, 9 ReduceSum",
      [2, 4, 4, 4],
      [8, 1, 3, 3],
      { ...same, group: 4 },
    ],
    ["one product for many weights and few positions", "1 Gemm", [2, 512, 2, 4], [128, 512, 3, 3], same],
    ["one product at the least weights", "1 Gemm", [2, 512, 2, 4], [1024, 512, 1, 1]],
    ["rows below", "1 Gemm", [2, 511, 2, 4], [1024, 511, 1, 1]],
    ["rows beyond 8 positions", "9 Gemm", [2, 512, 3, 3], [128, 512, 3, 3], same],
  ])("%s", (_, expected, x, w, attributes) => {
    expect(formOf("w", x, w, attributes)).toBe(expected);
  });
});

describe("a convolution becomes a product", () => {
  const lowered = (x: readonly number[], w: readonly number[], attributes: Attributes = {}, domain = "") => {
    const g = new GraphBuilder();
    const inputs = [g.input("x", "float32", x), g.input("w", "float32", w)];
    const types = domain === "" ? {} : { types: [{ dtype: "float32" as const, shape: [2, 1024, 2, 2] }] };
    const y = g.op("Conv", inputs, attributes, { domain, ...types });
    lowerConvolutions(g);
    expect(g.nodes.at(-1)!.outputs).toEqual([y]);
    return !g.nodes.some(({ opType }) => opType === "Conv");
  };
  const least = [1024, 512, 1, 1];
  test.each<[string, boolean, readonly number[], readonly number[], Attributes?, string?]>([
    ["of many weights and up to 8 positions", true, [2, 512, 2, 4], least],
    ["in one group by name", true, [2, 512, 2, 4], least, { group: 1 }],
    ["not with 9 positions", false, [2, 512, 3, 3], least],
    ["not with fewer weights", false, [2, 511, 2, 4], [1024, 511, 1, 1]],
    ["not of one image", false, [1, 512, 2, 4], least],
    ["not in groups", false, [2, 1024, 2, 4], least, { group: 2 }],
    ["not of another domain", false, [2, 512, 2, 4], least, {}, "mine"],
  ])("%s", (_, expected, x, w, attributes, domain) => {
    expect(lowered(x, w, attributes, domain)).toBe(expected);
  });
});

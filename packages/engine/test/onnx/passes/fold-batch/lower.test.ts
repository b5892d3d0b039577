import { describe, expect, test } from "vitest";
import type { Attributes, Value } from "../../../../src/onnx/index.js";
import { differentiate, foldBatch, GraphBuilder, lowerFolded } from "../../../../src/onnx/index.js";

/** Operators of the gradient of a folded convolution by its input or weights, but for those that move elements. */
function gradientOps(
  by: "x" | "w",
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes = {},
): string[] {
  const g = new GraphBuilder();
  const leaves = { x: g.input("x", "float32", x), w: g.input("w", "float32", w) };
  const y = g.op("Conv", [leaves.x, leaves.w], attributes, { name: "conv" });
  foldBatch(g, { all: true });
  const forward = g.nodes.length;
  differentiate(g, g.reduceSum(y), [leaves[by]]);
  const added = g.nodes.slice(forward).filter(({ name }) => /conv\..*Conv\./.test(name));
  return added.map(({ opType }) => opType);
}

const same = { pads: [1, 1, 1, 1] };

describe("the gradient of a folded convolution", () => {
  test("by its input is one, unless there are many weights for few columns", () => {
    // 6 columns for each output channel: [8, C, 3, 4] has 96.
    expect(gradientOps("x", [8, 4, 3, 4], [15, 4, 3, 3], same)).toContain("Conv");
    expect(gradientOps("x", [8, 4, 3, 4], [16, 4, 3, 3], same)).toContain("Gemm");
    expect(gradientOps("x", [8, 4, 3, 4], [16, 4, 3, 3], same)).not.toContain("Conv");
  });

  test("by its weights lays the side with fewer rows out anew, where the product is small beside it", () => {
    const turned = (x: readonly number[], w: readonly number[], attributes: Attributes = {}) =>
      gradientOps("w", x, w, attributes).at(-2) === "Transpose" ||
      gradientOps("w", x, w, attributes).includes("Transpose");
    // 8 * 16 = 128 columns, more than ten for each of 12 output channels.
    expect(turned([8, 13, 4, 4], [12, 13, 1, 1])).toBe(true);
    expect(turned([8, 12, 4, 4], [12, 12, 1, 1])).toBe(false);
    expect(turned([8, 14, 4, 4], [13, 14, 1, 1])).toBe(false);
  });

  test("needs no windows for single pixels", () => {
    expect(gradientOps("w", [8, 3, 4, 4], [4, 3, 1, 1])).not.toContain("Gather");
    expect(gradientOps("w", [8, 3, 4, 4], [4, 3, 2, 2])).toContain("Gather");
  });
});

describe("lowering", () => {
  const lowered = (make: (g: GraphBuilder, x: Value) => Value) => {
    const g = new GraphBuilder();
    const y = make(g, g.input("x", "float32", [8, 3, 6, 6]));
    foldBatch(g, { all: true });
    lowerFolded(g);
    expect(g.nodes.every(({ domain }) => domain === "")).toBe(true);
    return g.build({ y }).nodes;
  };

  test("makes a convolution with the batch's dilation and padding over the width", () => {
    const nodes = lowered((g, x) =>
      g.op("Conv", [x, g.input("w", "float32", [4, 3, 3, 2])], { pads: [1, 0, 2, 1], dilations: [1, 2] }),
    );
    const conv = nodes.find(({ opType }) => opType === "Conv")!;
    expect(conv.attributes).toEqual({ dilations: [1, 16], kernel_shape: [3, 2], pads: [1, 0, 2, 8] });
    expect(conv.inputs[0]!.shape).toEqual([1, 3, 6, 48]);
  });

  test("compares the elements of a pool's windows by halves", () => {
    const pool = (kernel_shape: number[]) =>
      lowered((g, x) => g.op("MaxPool", [x], { kernel_shape })).map(({ opType }) => opType);
    expect(pool([2, 2]).filter((op) => op === "Max")).toHaveLength(3);
    expect(pool([1, 3]).filter((op) => op === "Max")).toHaveLength(2);
    expect(pool([1, 1])).not.toContain("Max");
  });

  test("folds a value once that two nodes read", () => {
    const nodes = lowered((g, x) => {
      const conv = (name: string) => g.op("Conv", [x, g.input(name, "float32", [4, 3, 1, 1])]);
      return g.add(conv("a"), conv("b"));
    });
    expect(nodes.filter(({ opType }) => opType === "Transpose")).toHaveLength(2);
  });
});

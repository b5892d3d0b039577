import { describe, expect, test } from "vitest";
import { type DType, GraphBuilder, type Node, type Value } from "../../../../src/onnx/index.js";
import { imageInputs, nodesToFold } from "../../../../src/onnx/passes/fold-batch/choose-layout.js";

/** A graph's only node, made by a function that asks for inputs by shape. */
function nodeOf(
  make: (g: GraphBuilder, input: (shape: readonly number[], dtype?: DType) => Value) => unknown,
): Node {
  const g = new GraphBuilder();
  let count = 0;
  make(g, (shape, dtype = "float32") => g.input(`x${count++}`, dtype, shape));
  return g.nodes.at(-1)!;
}

const images = [8, 3, 6, 5] as const;
const pool = { kernel_shape: [2, 2], strides: [2, 2] };

describe("inputs of a node that are images", () => {
  test.each([
    ["Relu", (g, input) => g.op("Relu", [input(images)]), [0]],
    ["Sqrt", (g, input) => g.op("Sqrt", [input(images)]), [0]],
    ["GlobalAveragePool", (g, input) => g.op("GlobalAveragePool", [input(images)]), [0]],
    ["Conv", (g, input) => g.op("Conv", [input(images), input([4, 3, 3, 3])]), [0]],
    ["MaxPool", (g, input) => g.op("MaxPool", [input(images)], pool), [0]],
    ["Add of two images", (g, input) => g.add(input(images), input(images)), [0, 1]],
    ["Add of a number", (g, input) => g.add(input(images), input([])), [0]],
    ["Add to a number", (g, input) => g.add(input([]), input(images)), [1]],
    ["Mul by channels", (g, input) => g.mul(input(images), input([3, 1, 1])), [0]],
    ["Mul by channels, batch kept", (g, input) => g.mul(input(images), input([1, 3, 1, 1])), [0]],
    ["Mul by rows", (g, input) => g.mul(input(images), input([6, 1])), [0]],
    ["Concat of channels", (g, input) => g.concat([input(images), input([8, 1, 6, 5])], 1), [0, 1]],
    ["Concat of channels, from the end", (g, input) => g.op("Concat", [input(images)], { axis: -3 }), [0]],
  ] as [string, Parameters<typeof nodeOf>[0], number[]][])("%s", (_, make, expected) => {
    expect(imageInputs(nodeOf(make))).toEqual(expected);
  });

  test.each([
    ["another element type", (g, input) => g.op("Relu", [input(images, "float64")])],
    [
      "a convolution of float64",
      (g, input) => {
        g.op("Conv", [input(images, "float64"), input([4, 3, 3, 3], "float64")]);
      },
    ],
    ["three dimensions", (g, input) => g.op("Relu", [input([8, 3, 6])])],
    ["five dimensions", (g, input) => g.op("Relu", [input([8, 3, 6, 5, 2])])],
    ["a 1-d convolution", (g, input) => g.op("Conv", [input([8, 3, 6]), input([4, 3, 3])])],
    ["a 1-d pool", (g, input) => g.op("MaxPool", [input([8, 3, 6])], { kernel_shape: [2] })],
    ["a number that the images' width meets", (g, input) => g.mul(input(images), input([5]))],
    ["a number for each row and column", (g, input) => g.mul(input(images), input([6, 5]))],
    ["a number for each image", (g, input) => g.mul(input(images), input([8, 1, 1, 1]))],
    ["two that are made images by each other", (g, input) => g.mul(input([8, 3, 1, 1]), input([6, 5]))],
    ["Concat of rows", (g, input) => g.concat([input(images), input(images)], 2)],
    ["Concat of images", (g, input) => g.concat([input(images), input(images)], 0)],
    ["Concat by default", (g, input) => g.concat([input(images), input(images)], -1)],
    [
      "a grouped convolution",
      (g, input) => {
        g.op("Conv", [input([8, 4, 6, 5]), input([4, 2, 3, 3])], { group: 2 });
      },
    ],
    [
      "a pool that gives indices",
      (g, input) => {
        const types = [
          { dtype: "float32", shape: [8, 3, 3, 2] },
          { dtype: "int64", shape: [8, 3, 3, 2] },
        ] as const;
        g.node("MaxPool", [input(images)], pool, { types });
      },
    ],
    [
      "a pool in column-major order",
      (g, input) => {
        g.op("MaxPool", [input(images)], { ...pool, storage_order: 1 });
      },
    ],
    ["an operator that mixes elements", (g, input) => g.op("Softmax", [input(images)], { axis: -1 })],
    [
      "windows that take more than 64 MiB",
      (g, input) => {
        g.op("Conv", [input([8, 128, 130, 130]), input([2, 128, 3, 3])], { strides: [2, 2] });
      },
    ],
  ] as [string, Parameters<typeof nodeOf>[0]][])("none: %s", (_, make) => {
    expect(imageInputs(nodeOf(make))).toBeUndefined();
  });

  test("none: an operator of the same name in another domain", () => {
    const types = [{ dtype: "float32", shape: images }] as const;
    for (const domain of ["com.microsoft", "custom"]) {
      const node = nodeOf((g, input) => g.node("Gelu", [input(images)], {}, { domain, types }));
      expect(node.domain).toBe(domain);
      expect(imageInputs(node)).toBeUndefined();
    }
  });
});

describe("nodes to fold", () => {
  /** Which nodes are chosen, by their operators. */
  function chosen(
    make: (g: GraphBuilder, x: Value) => void,
    shape: readonly number[],
    all = false,
  ): string[] {
    const g = new GraphBuilder();
    make(g, g.input("x", "float32", shape));
    const nodes = nodesToFold(g.nodes, { all });
    return g.nodes.filter((node) => nodes.has(node)).map(({ opType }) => opType);
  }
  const same = { pads: [1, 1, 1, 1] };
  let count = 0;
  const conv = (g: GraphBuilder, x: Value, channels: number) =>
    g.op("Conv", [x, g.input(`w${count++}`, "float32", [channels, x.shape[1]!, 3, 3])], same);

  test("begin at eight images, or at what is asked for", () => {
    const g = new GraphBuilder();
    const y = conv(g, g.input("x", "float32", [7, 64, 8, 8]), 64);
    expect(y.shape).toEqual([7, 64, 8, 8]);
    expect(nodesToFold(g.nodes).size).toBe(0);
    expect(nodesToFold(g.nodes, { minBatch: 7 }).size).toBe(1);
    expect(chosen((h, x) => conv(h, x, 64), [8, 64, 8, 8])).toEqual(["Conv"]);
  });

  test("are those of regions whose products outweigh their borders", () => {
    // 9 * 64 products for each output, over 2 elements at the border.
    const wide = (g: GraphBuilder, x: Value) => conv(g, x, 64);
    expect(chosen(wide, [8, 64, 8, 8])).toEqual(["Conv"]);
    // 9 * 4 products for each output.
    const narrow = (g: GraphBuilder, x: Value) => conv(g, x, 4);
    expect(chosen(narrow, [8, 4, 8, 8])).toEqual([]);
    expect(chosen(narrow, [8, 4, 8, 8], true)).toEqual(["Conv"]);
  });

  test("count a value once that enters or leaves a region by several ways", () => {
    // x enters twice, as one transposition: 2 * 36 * 9 products an element over 3 elements at the border would be
    // too few for four.
    const both = (g: GraphBuilder, x: Value) => g.add(conv(g, x, 48), conv(g, x, 48));
    expect(chosen(both, [8, 48, 8, 8])).toEqual(["Conv", "Conv", "Add"]);
  });

  test("carry elementwise neighbours along, but do not fold them for themselves", () => {
    const activated = (g: GraphBuilder, x: Value) => g.op("Relu", [conv(g, x, 64)]);
    expect(chosen(activated, [8, 64, 8, 8])).toEqual(["Conv", "Relu"]);
    expect(chosen((g, x) => g.op("Relu", [x]), [8, 64, 8, 8])).toEqual([]);
  });

  test("take a value that is read outside of the region as leaving it", () => {
    // The first result is read by a Softmax as well: one more transposition, too many here.
    const chain = (g: GraphBuilder, x: Value) => conv(g, conv(g, x, 32), 32);
    const products = 2 * 9 * 32;
    // 576 products an element: more than 256 for each of two at the border, fewer than for each of three.
    expect(products).toBeGreaterThan(2 * 256);
    expect(products).toBeLessThan(3 * 256);
    expect(chosen(chain, [8, 32, 8, 8])).toEqual(["Conv", "Conv"]);
    const read = (g: GraphBuilder, x: Value) => {
      const first = conv(g, x, 32);
      conv(g, first, 32);
      g.op("Softmax", [first], { axis: -1 });
    };
    expect(chosen(read, [8, 32, 8, 8])).toEqual([]);
  });

  test("end at a global average pool: what it gives is no image", () => {
    const gated = (g: GraphBuilder, x: Value) => {
      const y = conv(g, x, 64);
      const gate = g.sigmoid(g.op("GlobalAveragePool", [y]));
      g.mul(y, g.op("Relu", [gate]));
    };
    const ops = chosen(gated, [8, 64, 8, 8]);
    expect(ops).toContain("GlobalAveragePool");
    expect(ops).toContain("Conv");
    expect(ops).not.toContain("Relu");
  });

  test("leave a pool alone unless it saves more than it moves", () => {
    // Its own input and output, 1 1/4 elements for the 256 products that an element saves.
    expect(chosen((g, x) => g.op("MaxPool", [x], pool), [8, 4, 8, 8])).toEqual([]);
    const fed = (g: GraphBuilder, x: Value) => g.op("MaxPool", [conv(g, x, 32)], pool);
    expect(chosen(fed, [8, 32, 8, 8])).toEqual(["Conv", "MaxPool"]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FoldOptions, Tensor, Value } from "../../../../src/onnx/index.js";
import {
  batchNormTraining,
  differentiate,
  foldBatch,
  GraphBuilder,
  lowerFolded,
  tensor,
} from "../../../../src/onnx/index.js";
import { createSession } from "../../../../src/runtime/index.js";
import { lossWeights, relativeError, values } from "../../numeric.js";

const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** A network's output by its input and weights, which it asks for by shape. */
type Network = (g: GraphBuilder, x: Value, weight: (...shape: number[]) => Value) => Value;

interface Run {
  /** Operators of the built graph. */
  readonly ops: readonly string[];
  /** Output and all gradients. */
  readonly results: Readonly<Record<string, Tensor>>;
}

/** Output and gradients of a network, with or without folding. */
async function run(network: Network, x: Tensor, folded: boolean): Promise<Run> {
  const g = new GraphBuilder();
  const feeds: Record<string, Tensor> = { x };
  const leaves = [g.input("x", "float32", x.shape)];
  const y = network(g, leaves[0]!, (...shape) => {
    const name = `w${leaves.length}`;
    const contents = values(shape, leaves.length);
    const scale = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
    feeds[name] = tensor(
      "float32",
      shape,
      Array.from(contents.data, (value) => value * scale),
    );
    const leaf = g.input(name, "float32", shape);
    leaves.push(leaf);
    return leaf;
  });
  const weights = g.constant(tensor("float32", y.shape, lossWeights(y.shape.reduce((a, b) => a * b, 1))));
  const loss = g.reduceSum(g.mul(y, weights));
  if (folded) foldBatch(g, { all: true });
  const gradients = differentiate(g, loss, leaves);
  lowerFolded(g);
  const outputs: Record<string, Value> = { y };
  for (const leaf of leaves) outputs[`d:${leaf.name}`] = gradients.get(leaf)!;
  const graph = g.build(outputs);
  await using session = await createSession(graph, { threads: 1 });
  return { ops: graph.nodes.map(({ opType }) => opType), results: await session.run(feeds) };
}

async function expectAlike(network: Network, x: Tensor, tolerance = 1e-5): Promise<Run> {
  const plain = await run(network, x, false);
  const folded = await run(network, x, true);
  for (const [name, { data, shape }] of Object.entries(plain.results)) {
    const got = folded.results[name]!;
    expect(got.shape, name).toEqual(shape);
    // The same float32 products, summed in another order.
    expect(relativeError(got.data as Float32Array, data as Float32Array), name).toBeLessThan(tolerance);
  }
  return folded;
}

const networks: Record<string, Network> = {
  "convolutions and tiling pools": (g, x, weight) => {
    const a = g.op("MaxPool", [g.op("Conv", [x, weight(4, 3, 3, 3), weight(4)], same)], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    });
    return g.op("Conv", [g.op("Relu", [a]), weight(5, 4, 3, 3), weight(5)], same);
  },
  "a residual block with a strided convolution, batch-norms and a global pool": (g, x, weight) => {
    const norm = (value: Value) => batchNormTraining(g, value, weight(6), weight(6), { epsilon: 1e-5 }).y;
    const stem = g.op("MaxPool", [g.op("Conv", [x, weight(6, 3, 3, 3)], same)], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    });
    const main = norm(g.op("Conv", [stem, weight(6, 6, 3, 3)], { ...same, strides: [2, 2] }));
    const skip = norm(g.op("Conv", [stem, weight(6, 6, 1, 1)], { strides: [2, 2] }));
    const sum = g.op("Relu", [g.add(main, skip)]);
    return g.op("GlobalAveragePool", [sum]);
  },
  "joined branches, numbers and channel factors": (g, x, weight) => {
    const a = g.op("Conv", [x, weight(2, 3, 1, 1)]);
    const b = g.op("Conv", [x, weight(3, 3, 3, 1)], { pads: [1, 0, 1, 0], dilations: [1, 1] });
    const joined = g.concat([g.mul(a, 2), g.op("PRelu", [b, weight(3, 1, 1)])], 1);
    return g.op("Conv", [g.add(joined, weight(1, 5, 1, 1)), weight(2, 5, 3, 3)], {
      dilations: [2, 2],
      pads: [2, 1, 2, 3],
    });
  },
  "an operator in between that works on single images": (g, x, weight) => {
    const a = g.op("Conv", [x, weight(3, 3, 3, 3)], same);
    const gate = g.sigmoid(g.op("Conv", [g.op("GlobalAveragePool", [a]), weight(3, 3, 1, 1)]));
    const b = g.op("Conv", [g.mul(a, gate), weight(3, 3, 3, 3)], same);
    const spread = g.sub(b, g.op("ReduceMean", [b, g.ints([3])], { keepdims: 1 }));
    return g.add(g.op("Conv", [spread, weight(3, 3, 3, 3)], same), a);
  },
  "auto_pad and pads beyond the kernel's reach": (g, x, weight) => {
    const a = g.op("Conv", [x, weight(4, 3, 2, 4)], { auto_pad: "SAME_UPPER" });
    const b = g.op("Conv", [a, weight(2, 4, 2, 2)], { pads: [3, 0, 2, 1] });
    return g.op("MaxPool", [b], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_LOWER" });
  },
};

describe("foldBatch", () => {
  for (const [name, network] of Object.entries(networks)) {
    test(`changes ${name} by rounding only`, async () => {
      // Batch-norm's gradients are differences of sums.
      const tolerance = name.includes("batch-norm") ? 1e-4 : 1e-5;
      const { ops } = await expectAlike(network, values([8, 3, 8, 6]), tolerance);
      expect(ops).toContain("Gather");
    });
  }

  test("holds for windows of any geometry", async () => {
    const size = fc.integer({ min: 1, max: 3 });
    const geometry = fc.record({
      op: fc.constantFrom("Conv", "MaxPool"),
      kernel_shape: fc.tuple(size, size),
      strides: fc.tuple(size, size),
      dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      // Fractions of the reach: padding of a pool must leave each window an element of the image.
      pads: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
      ceil_mode: fc.nat(1),
      height: fc.integer({ min: 5, max: 8 }),
      width: fc.integer({ min: 5, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(geometry, async ({ op, height, width, ceil_mode, pads, ...attributes }) => {
        const inside = attributes.kernel_shape.map((k, i) => Math.min(1, attributes.dilations[i]! * (k - 1)));
        const window = { ...attributes, pads: pads.map((pad, i) => pad * inside[i % 2]!) };
        const network: Network = (g, x, weight) =>
          op === "Conv"
            ? g.op("Conv", [x, weight(3, 2, ...window.kernel_shape), weight(3)], window)
            : g.op("MaxPool", [x], { ...window, ceil_mode });
        // The gradient of a bias is a sum that may cancel.
        await expectAlike(network, values([8, 2, height, width]), 1e-4);
      }),
      { numRuns: 60 },
    );
  });

  test("lays out large windows offset by offset", async () => {
    const network: Network = (g, x, weight) => g.op("Conv", [x, weight(2, 15, 3, 3)], same);
    // 75 MB of columns, above the limit of 64 MiB: nine products for the weights' gradient.
    const { ops } = await expectAlike(network, values([8, 15, 128, 132]), 1e-4);
    expect(ops.filter((op) => op === "Gemm")).toHaveLength(9);
  });

  test("gives the gradient of equal elements to the first of a window, as the plain graph does", async () => {
    const network: Network = (g, x, weight) =>
      g.op("MaxPool", [g.mul(x, weight(1))], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    const ties = tensor(
      "float32",
      [8, 2, 7, 6],
      Array.from({ length: 672 }, (_, i) => Math.round(Math.sin(i) * 1.5)),
    );
    await expectAlike(network, ties);
  });

  test("is undone where nobody reads the result as folded: an image that leaves is the same value", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [8, 3, 4, 4]);
    const y = g.op("Conv", [x, g.input("w", "float32", [3, 3, 3, 3])], same);
    foldBatch(g, { all: true });
    lowerFolded(g);
    expect(g.nodes.at(-1)!.outputs).toEqual([y]);
    expect(g.build({ y }).outputs[0]!.shape).toEqual([8, 3, 4, 4]);
  });
});

describe("what is folded by default", () => {
  const opsAfterFolding = (batch: number, network: Network, options?: FoldOptions): string[] => {
    const g = new GraphBuilder();
    let count = 0;
    network(g, g.input("x", "float32", [batch, 3, 16, 16]), (...shape) =>
      g.input(`w${count++}`, "float32", shape),
    );
    foldBatch(g, options);
    return g.nodes.map(({ opType, domain }) => `${domain && "folded "}${opType}`);
  };
  const deep: Network = (g, x, weight) =>
    g.op("Conv", [g.op("Conv", [x, weight(64, 3, 3, 3)], same), weight(64, 64, 3, 3)], same);

  test("a region with many products", () => {
    expect(opsAfterFolding(8, deep).filter((op) => op === "folded Conv")).toHaveLength(2);
  });

  test("not with a small batch", () => {
    expect(opsAfterFolding(7, deep)).toEqual(["Conv", "Conv"]);
  });

  test("not where the products do not outweigh the transpositions", () => {
    const pointwise: Network = (g, x, weight) => g.op("Conv", [x, weight(64, 3, 1, 1)]);
    expect(opsAfterFolding(64, pointwise)).toEqual(["Conv"]);
  });

  test("not a pool with large windows, whose offsets would take hundreds of nodes", () => {
    const pooled = (size: number): string[] => {
      const attributes = { kernel_shape: [size, size], strides: [size, size] };
      return opsAfterFolding(8, (g, x) => g.op("MaxPool", [x], attributes), { all: true });
    };
    expect(pooled(4)).toContain("folded FirstMax");
    expect(pooled(5)).toEqual(["MaxPool"]);
  });

  test("not a grouped convolution", () => {
    const grouped: Network = (g, x, weight) => g.op("Conv", [x, weight(300, 1, 7, 7)], { group: 3 });
    expect(opsAfterFolding(64, grouped)).toEqual(["Conv"]);
  });
});

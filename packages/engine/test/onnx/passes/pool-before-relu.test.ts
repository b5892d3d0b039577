import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/onnx/index.js";
import { differentiate, GraphBuilder, poolBeforeRelu, printGraph, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { lossWeights, values } from "../numeric.js";

const attributes = { kernel_shape: [2, 2], strides: [2, 2] };

/** Pools what a ReLU leaves, with or without the swap, and gives the result and the gradient. */
async function run(swap: boolean) {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [1, 2, 4, 6]);
  const y = g.op("MaxPool", [g.op("Relu", [x])], attributes);
  const loss = g.reduceSum(g.mul(y, g.constant(tensor("float32", y.shape, lossWeights(12)))));
  if (swap) poolBeforeRelu(g);
  const dx = differentiate(g, loss, [x]).get(x)!;
  await using session = await createSession(g.build({ y, dx }), { threads: 1 });
  // Windows of ties, positive and negative, and windows without a positive element.
  const input = values([1, 2, 4, 6]);
  const data = input.data.map((value, i) => (i < 24 ? (i % 6 < 3 ? 0.5 : -0.5) : value));
  return await session.run({ x: { ...input, data } });
}

describe("poolBeforeRelu", () => {
  test("changes neither values nor gradients by a bit, ties included", async () => {
    const swapped = await run(true);
    const plain = await run(false);
    expect(swapped["y"]).toEqual(plain["y"]);
    expect(swapped["dx"]).toEqual(plain["dx"]);
  });

  test("swaps the nodes", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 4, 4]);
    const y = g.op("MaxPool", [g.op("Relu", [x])], attributes);
    poolBeforeRelu(g);
    expect(printGraph(g.build({ y }))).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[1, 1, 4, 4]
        Relu:0: float32[1, 1, 2, 2] = MaxPool(x, kernel_shape=[2, 2], strides=[2, 2])
        y: float32[1, 1, 2, 2] = Relu(Relu:0)
        output y: float32[1, 1, 2, 2]"
    `);
  });

  test("leaves a ReLU that others read where it is", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [1, 1, 4, 4]);
    const rectified: Value = g.op("Relu", [x]);
    const y = g.op("MaxPool", [rectified], attributes);
    const z = g.reduceSum(rectified);
    const before = printGraph(g.build({ y, z }));
    poolBeforeRelu(g);
    expect(printGraph(g.build({ y, z }))).toBe(before);
  });
});

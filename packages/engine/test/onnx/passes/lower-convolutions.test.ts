import { expect, test } from "vitest";
import type { Graph } from "../../../src/onnx/index.js";
import { differentiate, GraphBuilder, lowerConvolutions } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { relativeError, values } from "../numeric.js";

const inputs = { x: values([2, 256, 4, 3]), w: values([256, 256, 3, 3], 1), b: values([256], 2) };

function build(lower: boolean): Graph {
  const g = new GraphBuilder();
  const [x, w, b] = Object.entries(inputs).map(([name, { shape }]) => g.input(name, "float32", shape));
  const y = g.op("Conv", [x!, w!, b!], { strides: [2, 2], pads: [1, 1, 1, 1] });
  const dx = differentiate(g, g.reduceMean(g.mul(y, y)), [x!]).get(x!)!;
  if (lower) lowerConvolutions(g);
  return g.build({ y, dx });
}

test("computes the same output and gradient without a convolution", async () => {
  const [plain, lowered] = [build(false), build(true)];
  expect(plain.nodes.map(({ opType }) => opType)).toContain("Conv");
  expect(lowered.nodes.map(({ opType }) => opType)).not.toContain("Conv");
  await using first = await createSession(plain, { threads: 1 });
  await using second = await createSession(lowered, { threads: 1 });
  const expected = await first.run(inputs);
  const got = await second.run(inputs);
  for (const name of ["y", "dx"]) {
    // Float32 sums over 2304 products in another order.
    const error = relativeError(got[name]!.data as Float32Array, expected[name]!.data as Float32Array);
    expect(error, name).toBeLessThan(1e-5);
  }
});

test("leaves convolutions with few weights alone", () => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 3, 3, 3]);
  const y = g.op("Conv", [x, g.input("w", "float32", [2, 3, 3, 3])]);
  lowerConvolutions(g);
  expect(g.build({ y }).nodes.map(({ opType }) => opType)).toContain("Conv");
});

test("the gradient of a lowered convolution's weights is the sum over the batch", async () => {
  const g = new GraphBuilder();
  const [n, c, m] = [3, 256, 256];
  const x = g.input("x", "float32", [n, c, 2, 2]);
  const w = g.input("w", "float32", [m, c, 3, 3]);
  const y = g.op("Conv", [x, w], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const dy = values([n, m, 2, 2], 1);
  const loss = g.reduceSum(g.mul(y, g.constant(dy)));
  const dw = differentiate(g, loss, [w]).get(w)!;
  lowerConvolutions(g);
  const graph = g.build({ dw });
  // One product for the weights; the other forms make one for each of the kernel's offsets.
  expect(graph.nodes.filter(({ opType }) => opType === "Gemm")).toHaveLength(1);
  await using session = await createSession(graph, { threads: 1 });
  const input = values([n, c, 2, 2]);
  const got = (await session.run({ x: input, w: values([m, c, 3, 3], 2) }))["dw"]!.data as Float32Array;
  const at = (image: number, channel: number, row: number, column: number) =>
    row < 0 || row > 1 || column < 0 || column > 1
      ? 0
      : input.data[((image * c + channel) * 2 + row) * 2 + column]!;
  for (const [om, oc, kh, kw] of [
    [0, 0, 0, 0],
    [5, 17, 1, 1],
    [255, 255, 2, 2],
    [100, 3, 0, 2],
    [9, 200, 2, 1],
  ] as const) {
    let sum = 0;
    for (let image = 0; image < n; image++) {
      for (let row = 0; row < 2; row++) {
        for (let column = 0; column < 2; column++) {
          sum +=
            dy.data[((image * m + om) * 2 + row) * 2 + column]! *
            at(image, oc, row + kh - 1, column + kw - 1);
        }
      }
    }
    // Twelve products in float32.
    expect(got[((om * c + oc) * 3 + kh) * 3 + kw]).toBeCloseTo(sum, 5);
  }
});

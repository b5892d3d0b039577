import { expect, test } from "vitest";
import type { Graph } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, lowerConvolutions } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { relativeError, values } from "./numeric.js";

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

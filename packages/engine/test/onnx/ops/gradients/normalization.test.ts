import { describe, expect, test } from "vitest";
import type { Attributes, Value } from "../../../../src/onnx/index.js";
import { batchNormTraining, differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import { createSession } from "../../../../src/runtime/index.js";
import { lossWeights, relativeError, values } from "../../numeric.js";
import { testTorchCases } from "../../torch.js";

function constants(g: GraphBuilder, size: number, value: number): Value {
  return g.constant(tensor("float32", [size], new Array<number>(size).fill(value)));
}

describe("normalisations against PyTorch", () => {
  testTorchCases("normalization", ({ attributes }) => (g, inputs) => {
    const { op, ...rest } = attributes;
    const channels = inputs[1]?.shape[0] ?? 0;
    const training = rest["training_mode"] === 1;
    const statistics = training ? [constants(g, channels, 0), constants(g, channels, 1)] : [];
    return g.op(op as string, [...inputs, ...statistics], rest as Attributes, { outputs: training ? 3 : 1 });
  });
});

describe("batch normalisation in training", () => {
  const inputs = [values([4, 3, 2, 2]), values([3], 1), values([3], 2)];
  /** Gradients of a weighted sum; the running statistics are outputs too, as ONNX Runtime wants all three. */
  async function gradients(momentum: number): Promise<Float32Array[]> {
    const g = new GraphBuilder();
    const leaves = inputs.map((input, i) => g.input(`x${i}`, "float32", input.shape));
    const attributes = { training_mode: 1, momentum };
    const running = [constants(g, 3, 5), constants(g, 3, 2)];
    const [y, mean, variance] = g.node("BatchNormalization", [...leaves, ...running], attributes, {
      outputs: 3,
    });
    const loss = g.reduceSum(g.mul(y!, g.constant(tensor("float32", y!.shape, lossWeights(48)))));
    const [dx, dscale, dbias] = [...differentiate(g, loss, leaves).values()];
    const graph = g.build({ dx: dx!, dscale: dscale!, dbias: dbias!, mean: mean!, variance: variance! });
    await using session = await createSession(graph, { threads: 1 });
    const got = await session.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));
    return ["dx", "dscale", "dbias"].map((name) => got[name]!.data as Float32Array);
  }

  test("has the same gradients with every momentum of the running statistics", async () => {
    const expected = await gradients(0);
    const got = await gradients(0.9);
    got.forEach((gradient, i) => {
      // Both compute in float32, the statistics in different orders.
      expect(relativeError(gradient, expected[i]!)).toBeLessThan(1e-5);
    });
  });

  test.each(["cpu", "webgpu"] as const)("yields the batch's statistics (%s)", async (target) => {
    const g = new GraphBuilder();
    const [x, scale, bias] = inputs.map((input, i) => g.input(`x${i}`, "float32", input.shape));
    const outputs = { ...batchNormTraining(g, x!, scale!, bias!, { epsilon: 1e-5, target }) };
    await using session = await createSession(g.build(outputs), { threads: 1 });
    const got = await session.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));

    const data = [...inputs[0]!.data];
    const moments = [0, 1, 2].map((c) => {
      const channel = data.filter((_, i) => Math.floor(i / 4) % 3 === c);
      const mean = channel.reduce((a, b) => a + b, 0) / channel.length;
      return { mean, variance: channel.reduce((a, b) => a + (b - mean) ** 2, 0) / channel.length };
    });
    const expected = data.map((value, i) => {
      const c = Math.floor(i / 4) % 3;
      const { mean, variance } = moments[c]!;
      const scale = inputs[1]!.data[c]!;
      return (scale * (value - mean)) / Math.sqrt(variance + 1e-5) + inputs[2]!.data[c]!;
    });
    const errorOf = (name: string, values: number[]) =>
      relativeError(got[name]!.data as Float32Array, values);
    expect(errorOf("y", expected)).toBeLessThan(1e-5);
    expect(
      errorOf(
        "mean",
        moments.map(({ mean }) => mean),
      ),
    ).toBeLessThan(1e-5);
    expect(
      errorOf(
        "variance",
        moments.map(({ variance }) => variance),
      ),
    ).toBeLessThan(1e-5);
  });
});

import { describe, expect, test } from "vitest";
import type { Target, Tensor, Value } from "../../../src/onnx/index.js";
import { batchNormTraining, differentiate, GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { lossWeights, relativeError, values } from "../numeric.js";

const CHANNELS = 4;
const shape = [3, CHANNELS, 2, 2];

const filled = (value: number) => tensor("float32", [CHANNELS], new Array<number>(CHANNELS).fill(value));

type Normalize = (x: Value) => ReturnType<typeof batchNormTraining>;

/** What two normalisations in a row may share, and the scale and bias that each then takes. */
const sharing: Record<string, (g: GraphBuilder, p: Value, q: Value) => readonly [Value, Value][]> = {
  "constants, as layers without parameters do": (g) => {
    const pair: [Value, Value] = [g.constant(filled(1)), g.constant(filled(0))];
    return [pair, pair];
  },
  "constants that are equal": (g) => [
    [g.constant(filled(1)), g.constant(filled(0))],
    [g.cast(g.constant(tensor("int32", [CHANNELS], [1, 1, 1, 1])), "float32"), g.zeros([CHANNELS])],
  ],
  "one constant for scale and bias": (g) => {
    const one = g.constant(filled(1));
    return [
      [one, one],
      [one, one],
    ];
  },
  "parameters, as one layer applied twice does": (_, p, q) => [
    [p, q],
    [p, q],
  ],
  "equal expressions of parameters": (g, p, q) => [
    [g.exp(p), g.tanh(q)],
    [g.exp(p), g.tanh(q)],
  ],
  "the scale alone": (g, p, q) => [
    [p, q],
    [p, g.constant(filled(0))],
  ],
  "one parameter in turned places": (_, p, q) => [
    [p, q],
    [q, p],
  ],
};

/** Outputs and gradients of normalisation, doubling, normalisation, and one more of the first one's input. */
async function run(target: Target, pairsOf: (typeof sharing)[string]): Promise<Record<string, Tensor>> {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", shape);
  const p = g.input("p", "float32", [CHANNELS]);
  const q = g.input("q", "float32", [CHANNELS]);
  const layers = pairsOf(g, p, q).map(
    ([scale, bias]): Normalize =>
      (value) =>
        batchNormTraining(g, value, scale, bias, { epsilon: 1e-2, target }),
  );
  const [first, second] = layers as [Normalize, Normalize];
  const a = first(x);
  const b = second(g.mul(g.op("Softplus", [a.y]), 2));
  const c = second(x);
  const y = g.add(g.mul(a.y, b.y), c.y);
  const loss = g.reduceSum(g.mul(y, g.constant(tensor("float32", shape, lossWeights(48)))));
  const extra = g.mul(g.reduceSum(g.add(p, q)), 0.1);
  const gradients = differentiate(g, g.add(loss, extra), [x, p, q], { target });
  const outputs: Record<string, Value> = { loss, p1: g.add(p, 0), q1: g.add(q, 0) };
  for (const leaf of [x, p, q]) outputs[`d${leaf.name}`] = gradients.get(leaf)!;
  // Not the statistics themselves: what is an output of the graph gets memory of its own.
  [a, b, c].forEach(({ mean, variance }, i) => {
    Object.assign(outputs, { [`m${i}`]: g.mul(mean, 2), [`v${i}`]: g.mul(variance, 2) });
  });
  await using session = await createSession(g.build(outputs), { threads: 1 });
  const feeds = { x: values(shape), p: values([CHANNELS], 1), q: values([CHANNELS], 2) };
  await session.run(feeds);
  const results = await session.run(feeds);
  // What was fed is what was there before.
  expect(feeds).toEqual({ x: values(shape), p: values([CHANNELS], 1), q: values([CHANNELS], 2) });
  return results;
}

describe("normalisations in training that share", () => {
  test.each(Object.entries(sharing))("%s give what reductions give", async (_, pairsOf) => {
    const got = await run("cpu", pairsOf);
    const expected = await run("webgpu", pairsOf);
    for (const [name, value] of Object.entries(expected)) {
      const error = relativeError(got[name]!.data as Float32Array, value.data as Float32Array);
      // Both compute in float32, the statistics in different orders.
      expect(error, name).toBeLessThan(1e-4);
    }
  });

  test("running statistics move each by itself, at any momentum", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", shape);
    const [one, mean, variance] = [filled(1), filled(5), filled(2)].map((contents) => g.constant(contents));
    const outputs: Record<string, Value> = { mean: mean! };
    [0.9, 0.9, 0.5].forEach((momentum, i) => {
      const inputs = [g.mul(x, i === 1 ? 3 : 1), one!, one!, mean!, i === 2 ? mean! : variance!];
      const attributes = { training_mode: 1, momentum };
      const [, m, v] = g.node("BatchNormalization", inputs, attributes, { outputs: 3 });
      Object.assign(outputs, { [`m${i}`]: g.mul(m!, 2), [`v${i}`]: g.mul(v!, 2) });
    });
    await using session = await createSession(g.build(outputs), { threads: 1 });
    const fed = values(shape);
    await session.run({ x: fed });
    const got = await session.run({ x: fed });
    const moments = (factor: number) => {
      const channel = [...fed.data]
        .filter((_, i) => Math.floor(i / 4) % CHANNELS === 0)
        .map((v) => v * factor);
      const average = channel.reduce((a, b) => a + b, 0) / channel.length;
      return [average, channel.reduce((a, b) => a + (b - average) ** 2, 0) / channel.length] as const;
    };
    [
      { momentum: 0.9, factor: 1, from: [5, 2] },
      { momentum: 0.9, factor: 3, from: [5, 2] },
      { momentum: 0.5, factor: 1, from: [5, 5] },
    ].forEach(({ momentum, factor, from }, i) => {
      moments(factor).forEach((batch, k) => {
        const name = `${"mv"[k]}${i}`;
        const expected = 2 * (from[k]! * momentum + batch * (1 - momentum));
        expect(got[name]!.data[0], name).toBeCloseTo(expected, 4);
      });
    });
    expect([...got["mean"]!.data]).toEqual([5, 5, 5, 5]);
  });
});

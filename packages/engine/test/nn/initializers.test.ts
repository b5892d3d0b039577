import { describe, expect, test } from "vitest";
import type { Initializer, Layer } from "../../src/nn/index.js";
import {
  batchNorm2d,
  constantInit,
  conv1d,
  conv2d,
  convTranspose2d,
  embedding,
  fanInUniform,
  gru,
  kaimingNormal,
  layerNorm,
  linear,
  lstm,
  modelOf,
  multiheadAttention,
  normalInit,
  prelu,
  resnet18,
  sequential,
  uniformInit,
  wrappedNormalInit,
  xavierUniform,
} from "../../src/nn/index.js";
import { sizeOf } from "../../src/onnx/index.js";
import { fillNormal, fillUniform } from "../../src/random/index.js";

function initial(layer: Layer, name: string, seed = 0): Float32Array {
  return modelOf(layer)
    .parameters.find((parameter) => parameter.name === name)!
    .initial(seed);
}

function moments(data: Float32Array) {
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const variance = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
  return { mean, std: Math.sqrt(variance), largest: data.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

/** Uniform on ±bound: nothing outside, something near it, deviation bound / sqrt(3); 5 % is over six standard errors. */
function expectUniform(data: Float32Array, bound: number): void {
  const { mean, std, largest } = moments(data);
  expect(largest).toBeLessThanOrEqual(Math.fround(bound) * (1 + 1e-6));
  expect(largest).toBeGreaterThan(0.98 * bound);
  expect(Math.abs(mean)).toBeLessThan(0.06 * bound);
  expect(Math.abs(std / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.05);
}

function expectNormal(data: Float32Array, deviation: number): void {
  const { mean, std, largest } = moments(data);
  expect(Math.abs(mean)).toBeLessThan(0.06 * deviation);
  expect(Math.abs(std / deviation - 1)).toBeLessThan(0.05);
  expect(largest).toBeGreaterThan(3 * deviation);
}

describe("initializers are", () => {
  const key = { seed: 3, stream: "test", step: 2 };
  const uniform = (shape: readonly number[], bound: number) =>
    fillUniform(new Float32Array(sizeOf(shape)), key, { low: -bound, high: bound });
  const gauss = (shape: readonly number[], std: number) =>
    fillNormal(new Float32Array(sizeOf(shape)), key, { std });
  const wrapped = (shape: readonly number[], std: number) => gauss(shape, 1).map((v) => (v % 2) * std);
  const shapes = [[6, 5, 3, 2], [6, 5], [6], [], [0, 5]] as const;

  test.each<[string, Initializer, (shape: readonly number[]) => Float32Array]>([
    ["constantInit", constantInit(-2), (shape) => new Float32Array(sizeOf(shape)).fill(-2)],
    ["uniformInit", uniformInit(0.5), (shape) => uniform(shape, 0.5)],
    ["normalInit()", normalInit(), (shape) => gauss(shape, 1)],
    ["normalInit", normalInit(0.5), (shape) => gauss(shape, 0.5)],
    ["wrappedNormalInit()", wrappedNormalInit(), (shape) => wrapped(shape, 0.01)],
    ["wrappedNormalInit", wrappedNormalInit(0.5), (shape) => wrapped(shape, 0.5)],
    ["fanInUniform", fanInUniform(16), (shape) => uniform(shape, 0.25)],
    ["fanInUniform of nothing", fanInUniform(0), (shape) => new Float32Array(sizeOf(shape))],
    ["fanInUniform of less than one", fanInUniform(0.25), (shape) => uniform(shape, 2)],
  ])("%s", (_, init, expected) => {
    for (const shape of shapes) {
      // -0 and 0 are one number here.
      const plus0 = (data: Float32Array) => Array.from(data, (v) => v + 0);
      expect(plus0(init(shape, key))).toEqual(plus0(expected(shape)));
    }
  });

  // [out, in, …kernel]: 5 · 3 · 2 = 30 into each output, 6 · 3 · 2 = 36 out of each input.
  test.each<[readonly number[], fanIn: number, fanOut: number]>([
    [[6, 5, 3, 2], 30, 36],
    [[6, 5, 4], 20, 24],
    [[6, 5], 5, 6],
    [[6], 1, 6],
    [[], 1, 1],
  ])("by the fans of %j", (shape, fanIn, fanOut) => {
    expect(xavierUniform()(shape, key)).toEqual(uniform(shape, Math.sqrt(6 / (fanIn + fanOut))));
    for (const init of [kaimingNormal(), kaimingNormal({ mode: "fanIn" }), kaimingNormal({})]) {
      expect(init(shape, key)).toEqual(gauss(shape, Math.sqrt(2 / fanIn)));
    }
    expect(kaimingNormal({ mode: "fanOut" })(shape, key)).toEqual(gauss(shape, Math.sqrt(2 / fanOut)));
  });
});

describe("layers start as PyTorch's do", () => {
  test.each<[string, Layer, string, number]>([
    ["linear weight", linear(100, 80), "weight", 1 / 10],
    ["linear bias", linear(100, 9000), "bias", 1 / 10],
    ["conv1d", conv1d(16, 100, { kernelSize: 4 }), "weight", 1 / 8],
    ["grouped conv2d", conv2d(64, 64, { groups: 4 }), "weight", 1 / 12],
    ["depthwise conv2d bias", conv2d(9000, 9000, { groups: 9000 }), "bias", 1 / 3],
    ["convTranspose2d", convTranspose2d(64, 16, { kernelSize: 4 }), "weight", 1 / 16],
    ["attention in", multiheadAttention(60, 4), "in_proj_weight", Math.sqrt(6 / 240)],
    ["attention out", multiheadAttention(100, 4), "out_proj.weight", 1 / 10],
    ["lstm", lstm(30, 64), "weight_ih_l0", 1 / 8],
    ["lstm hidden", lstm(30, 64), "weight_hh_l0", 1 / 8],
    ["gru bias", gru(2, 4096), "bias_hh_l0", 1 / 64],
  ])("uniform: %s", (_, layer, name, bound) => {
    expectUniform(initial(layer, name), bound);
  });

  test("normal: embedding, residual network", () => {
    expectNormal(initial(embedding(200, 50), "weight"), 1);
    expectNormal(initial(resnet18(), "layer2.0.conv1.weight"), Math.sqrt(2 / (128 * 9)));
  });

  test.each<[string, Layer, string, number]>([
    ["batchNorm2d weight", batchNorm2d(3), "weight", 1],
    ["batchNorm2d bias", batchNorm2d(3), "bias", 0],
    ["layerNorm weight", layerNorm(4), "weight", 1],
    ["attention in bias", multiheadAttention(4, 2), "in_proj_bias", 0],
    ["attention out bias", multiheadAttention(4, 2), "out_proj.bias", 0],
    ["prelu", prelu(), "weight", 0.25],
    ["zero-started block", resnet18({ width: 2, zeroInit: true }), "layer1.0.bn2.weight", 0],
  ])("constant: %s", (_, layer, name, value) => {
    expect(new Set(initial(layer, name))).toEqual(new Set([value]));
  });

  test("running statistics start at mean 0 and variance 1", () => {
    const { buffers } = modelOf(batchNorm2d(2));
    expect(buffers.map(({ name, initial: first }) => [name, ...first()])).toEqual([
      ["running_mean", 0, 0],
      ["running_var", 1, 1],
    ]);
  });

  test("values depend on seed and name alone", () => {
    const alone = sequential(linear(8, 8));
    const longer = sequential(linear(8, 8), linear(8, 8));
    expect(initial(longer, "0.weight")).toEqual(initial(alone, "0.weight"));
    expect(initial(longer, "1.weight")).not.toEqual(initial(longer, "0.weight"));
    expect(initial(alone, "0.weight", 1)).not.toEqual(initial(alone, "0.weight", 0));
  });
});

describe("initializers", () => {
  const draw = (init: Initializer, shape: readonly number[]) => init(shape, { seed: 3, stream: "test" });

  test("normalInit, kaimingNormal", () => {
    expectNormal(draw(normalInit(0.02), [100, 100]), 0.02);
    expectNormal(draw(kaimingNormal(), [50, 20, 3, 3]), Math.sqrt(2 / 180));
    expectNormal(draw(kaimingNormal({ mode: "fanOut" }), [50, 20, 3, 3]), Math.sqrt(2 / 450));
  });

  test("xavierUniform", () => {
    expectUniform(draw(xavierUniform(), [100, 50]), Math.sqrt(6 / 150));
  });

  test("wrappedNormalInit leaves nothing beyond two deviations", () => {
    const data = draw(wrappedNormalInit(), [100, 100]);
    const { largest, std } = moments(data);
    expect(largest).toBeLessThan(0.02);
    expect(largest).toBeGreaterThan(0.019);
    // Wrapping the 4.6 % beyond two deviations to near zero leaves a deviation of about 0.88.
    expect(std).toBeGreaterThan(0.0085);
    expect(std).toBeLessThan(0.0091);
  });
});

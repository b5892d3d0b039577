import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/nn/index.js";
import {
  adaptiveAvgPool2d,
  adaptiveConcatPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  basicBlock,
  batchNorm1d,
  batchNorm2d,
  bottleneck,
  conv1d,
  conv2d,
  convTranspose2d,
  dropout,
  elu,
  embedding,
  flatten,
  gelu,
  globalAvgPool,
  groupNorm,
  gru,
  hardsigmoid,
  hardswish,
  identity,
  instanceNorm2d,
  layerNorm,
  leakyRelu,
  linear,
  lstm,
  maxPool2d,
  mish,
  modelOf,
  multiheadAttention,
  prelu,
  relu,
  relu6,
  selu,
  sequential,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
  transformerEncoder,
  transformerEncoderLayer,
} from "../../src/nn/index.js";
import { packIndices } from "../../src/nn/layers/pack-padded.js";
import { graphContext } from "../../src/nn/step/graph-context.js";
import type { Tensor } from "../../src/onnx/index.js";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import { relativeError, values } from "../onnx/numeric.js";
import { runLayer } from "./run-layer.js";
import { nnFixture, parameterValue, ramp, scaled } from "./torch-fixture.js";

const encoderLayer = (options = {}) =>
  transformerEncoderLayer(8, 2, { dimFeedforward: 12, dropout: 0, ...options });

const activations: Record<string, Layer> = {
  relu: relu(),
  relu6: relu6(),
  leakyRelu: leakyRelu({ negativeSlope: 0.1 }),
  prelu: prelu({ numParameters: 7 }),
  gelu: gelu(),
  geluTanh: gelu({ approximate: "tanh" }),
  silu: silu(),
  mish: mish(),
  tanh: tanh(),
  sigmoid: sigmoid(),
  hardsigmoid: hardsigmoid(),
  hardswish: hardswish(),
  elu: elu({ alpha: 0.7 }),
  selu: selu(),
  softplus: softplus(),
  softsign: softsign(),
  softmax: softmax(),
};

const layers: Record<string, Layer> = {
  ...activations,
  linear: linear(4, 3),
  "linear 3d no bias": linear(4, 3, { bias: false }),
  conv1d: conv1d(2, 4, { stride: 2, padding: 1, groups: 2 }),
  conv2d: conv2d(2, 3, { padding: 1 }),
  "conv2d strided": conv2d(2, 4, {
    kernelSize: [3, 2],
    stride: [2, 1],
    padding: [0, 1],
    dilation: [1, 2],
    bias: false,
  }),
  convTranspose2d: convTranspose2d(3, 2, { stride: 2, padding: 1, outputPadding: 1 }),
  batchNorm1d: batchNorm1d(3),
  "batchNorm1d sequence": batchNorm1d(3),
  batchNorm2d: batchNorm2d(3, { eps: 1e-3, momentum: 0.2 }),
  layerNorm: layerNorm(6),
  "layerNorm two dimensions": layerNorm([3, 6], { eps: 1e-4 }),
  groupNorm: groupNorm(2, 4),
  instanceNorm2d: instanceNorm2d(3, { affine: true }),
  "instanceNorm2d plain": instanceNorm2d(3),
  embedding: embedding(6, 3),
  maxPool2d: maxPool2d(3, { stride: 2, padding: 1 }),
  "maxPool2d ceil": maxPool2d(2, { ceilMode: true }),
  avgPool2d: avgPool2d(3, { stride: 2, padding: 1 }),
  "avgPool2d without padding": avgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
  adaptiveAvgPool2d: adaptiveAvgPool2d(1),
  "adaptiveAvgPool2d grid": adaptiveAvgPool2d([2, 3]),
  "adaptiveMaxPool2d grid": adaptiveMaxPool2d([2, 3]),
  adaptiveConcatPool2d: adaptiveConcatPool2d(),
  multiheadAttention: multiheadAttention(8, 2),
  "multiheadAttention no bias": multiheadAttention(8, 4, { bias: false }),
  "multiheadAttention padded": multiheadAttention(8, 2),
  "multiheadAttention causal": multiheadAttention(8, 2, { causal: true }),
  transformerEncoderLayer: encoderLayer(),
  "transformerEncoderLayer norm first": encoderLayer({ normFirst: true, activation: "gelu" }),
  transformerEncoder: transformerEncoder([encoderLayer(), encoderLayer()], { norm: layerNorm(8) }),
  lstm: lstm(3, 4),
  "lstm deep": lstm(3, 2, { numLayers: 2, bidirectional: true, batchFirst: false }),
  "lstm last": lstm(3, 2, { numLayers: 2, bidirectional: true, output: "last" }),
  "lstm packed": lstm(3, 4),
  "lstm deep packed": lstm(3, 2, { numLayers: 2, bidirectional: true }),
  "lstm last packed": lstm(3, 2, { numLayers: 2, bidirectional: true, output: "last" }),
  gru: gru(3, 4),
  "gru packed": gru(3, 4),
  "gru deep packed": gru(3, 2, { numLayers: 2, bidirectional: true }),
  "gru last packed": gru(3, 2, { numLayers: 2, bidirectional: true, output: "last" }),
  "gru deep": gru(3, 2, { numLayers: 2, bidirectional: true, bias: false, batchFirst: false }),
  basicBlock: basicBlock(3, 3),
  "basicBlock strided": basicBlock(2, 4, { stride: 2 }),
  bottleneck: bottleneck(4, 3, { stride: 2 }),
};

const paddingMask: Tensor = tensor("bool", [2, 5], [0, 0, 0, 1, 1, 0, 0, 0, 0, 1]);

function inputsOf(name: string, shape: readonly number[]): Tensor[] {
  if (name === "embedding") return [ramp(shape, 6)];
  if (name.endsWith(" packed")) return [values(shape), tensor("int32", [4], [2, 5, 0, 1])];
  const x = name in activations ? scaled(values(shape), 4) : values(shape);
  return name === "multiheadAttention padded" ? [x, paddingMask] : [x];
}

// Both sides compute in float32; an absolute 1e-4 where the gradient itself is zero up to rounding (convolution
// biases in front of a normalisation, key biases of attention).
function expectClose(got: Tensor | undefined, expected: readonly number[], what: string): void {
  const largest = Math.max(...expected.map(Math.abs));
  const scale = largest < 1e-4 ? 1 / largest : 1;
  expect(relativeError(got!.data as Float32Array, expected) / scale, what).toBeLessThan(1e-4);
}

describe("layers agree with PyTorch", () => {
  test("the table holds every case of the fixture", () => {
    expect(Object.keys(layers).sort()).toEqual(nnFixture.layers.map(({ name }) => name).sort());
  });

  // The graphs for WebAssembly and WebGPU are other ones in part; run on the CPU they give the same numbers.
  const table = (["cpu", "wasm", "webgpu"] as const).flatMap((target) =>
    nnFixture.layers.map((torch) => ({ target, torch, name: torch.name })),
  );

  test.each(table)("$name, for $target", async ({ target, torch }) => {
    const layer = layers[torch.name]!;
    const specs = new Map(modelOf(layer).parameters.map(({ name, shape }) => [name, shape]));
    expect(new Set(specs.keys())).toEqual(new Set(torch.parameters.map(({ name }) => name)));
    const parameters = Object.fromEntries(
      torch.parameters.map(({ name, shape }, i) => [name, parameterValue(i, shape, torch.scale)]),
    );
    const inputs = inputsOf(torch.name, torch.input.shape);

    const trained = await runLayer(layer, inputs, parameters, { target });
    expect(trained.y.shape).toEqual(torch.output.shape);
    expectClose(trained.y, torch.output.data, "output");
    for (const { name, shape, gradient } of torch.parameters) {
      expect(trained.gradients[name]?.shape, name).toEqual(shape);
      expectClose(trained.gradients[name], gradient, `gradient by ${name}`);
    }
    if (torch.inputGradient)
      expectClose(trained.gradients["input"], torch.inputGradient, "gradient by input");
    expect(Object.keys(trained.buffers).sort()).toEqual(Object.keys(torch.buffers).sort());
    for (const [name, expected] of Object.entries(torch.buffers)) {
      expectClose(trained.buffers[name], expected, name);
    }

    const buffers = trained.buffers;
    const evaluated = await runLayer(layer, inputs, parameters, { training: false, buffers, target });
    expectClose(evaluated.y, torch.evaluation, "evaluation");
  });
});

describe("layers", () => {
  test("globalAvgPool averages all positions", async () => {
    const x = tensor("float32", [1, 2, 2, 2], [1, 2, 3, 6, 0, 0, 0, 4]);
    const { y } = await runLayer(globalAvgPool(), [x], {});
    expect(y.shape).toEqual([1, 2]);
    expect([...(y.data as Float32Array)]).toEqual([3, 1]);
  });

  test("identity and a dropout of 0 add no node; dropout in evaluation neither", async () => {
    const x = values([2, 3]);
    for (const layer of [identity(), dropout(0)]) {
      expect((await runLayer(layer, [x], {}, { training: false })).y.data).toEqual(x.data);
    }
    expect((await runLayer(dropout(0.5), [x], {}, { training: false })).y.data).toEqual(x.data);
  });

  test("flatten keeps the first dimension", async () => {
    expect((await runLayer(flatten(), [values([2, 3, 4])], {})).y.shape).toEqual([2, 12]);
  });

  test("an embedding's padding vector is zero and has no gradient", async () => {
    const layer = embedding(4, 2, { paddingIdx: 1 });
    const weight = values([4, 2]);
    const { y, gradients } = await runLayer(layer, [tensor("int32", [3], [1, 0, 1])], { weight });
    expect([...(y.data as Float32Array)].map((v) => v === 0)).toEqual([true, true, false, false, true, true]);
    expect([...(gradients["weight"]!.data as Float32Array)].slice(2, 4)).toEqual([0, 0]);
    expect([...modelOf(layer).parameters[0]!.initial(0)].map((v) => v === 0)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("a batch-norm whose buffers are held runs in evaluation form while training", async () => {
    const layer = sequential(batchNorm2d(2));
    const parameters = { "0.weight": values([2], 1), "0.bias": values([2], 2) };
    const buffers = {
      "0.running_mean": values([2], 3),
      "0.running_var": tensor("float32", [2], [0.5, 2]),
    };
    const x = values([2, 2, 3, 3]);
    const heldBuffers = new Set(Object.keys(buffers));
    const held = await runLayer(layer, [x], parameters, { buffers, heldBuffers });
    const evaluated = await runLayer(layer, [x], parameters, { buffers, training: false });
    expect(held.y.data).toEqual(evaluated.y.data);
    expect(held.buffers).toEqual({});
    expect(Object.keys(held.gradients)).toContain("0.weight");
  });

  test("a row of attention that may look at nothing stays finite", async () => {
    const layer = multiheadAttention(4, 2);
    const parameters = Object.fromEntries(
      modelOf(layer).parameters.map(({ name, shape }, i) => [name, values(shape, i)]),
    );
    const all = tensor("bool", [1, 3], [1, 1, 1]);
    const { y } = await runLayer(layer, [values([1, 3, 4]), all], parameters);
    expect((y.data as Float32Array).every(Number.isFinite)).toBe(true);
  });
});

describe("errors of layers say what to change", () => {
  const run = (layer: Layer, shape: readonly number[]) => runLayer(layer, [values(shape)], {});

  test.each<[string, () => unknown, string]>([
    ["dropout", () => dropout(1), "dropout: expected p to be a finite number in [0, 1), got 1"],
    [
      "conv2d",
      () => conv2d(3, 4, { groups: 2 }),
      "conv2d: expected inChannels to be a multiple of 2 groups, got 3; try a number of groups that divides it",
    ],
    ["groupNorm", () => groupNorm(3, 4), "groupNorm: expected channels to be a multiple of 3 groups, got 4"],
    [
      "multiheadAttention",
      () => multiheadAttention(6, 4),
      "multiheadAttention: expected embedDim to be a multiple of 4 heads, got 6",
    ],
    [
      "embedding",
      () => embedding(4, 2, { paddingIdx: 4 }),
      "embedding: expected paddingIdx to be an integer in [0, 4), got 4",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("a batch-norm has nothing to normalise in one value per channel", async () => {
    await expect(run(batchNorm1d(3), [1, 3])).rejects.toThrow(
      "BatchNorm1d: expected at least 2 values per channel to train on, got input [1, 3]; try a larger batch",
    );
  });

  test("a batch-norm of another number of dimensions", async () => {
    await expect(run(batchNorm2d(3), [2, 3])).rejects.toThrow(
      "BatchNorm2d: expected an input of 4 dimensions, got [2, 3]",
    );
  });

  test("an adaptive pool whose windows would overlap", async () => {
    await expect(run(adaptiveAvgPool2d(2), [1, 1, 3, 4])).rejects.toThrow(
      "adaptiveAvgPool2d: expected height and width to be multiples of 2 and 2, got 3 and 4",
    );
  });

  test.each<
    [string, Layer, readonly (readonly number[])[], "float32" | "int32" | "int64", string | undefined]
  >([
    [
      "one value per channel",
      batchNorm1d(2),
      [[1, 2]],
      "float32",
      "BatchNorm1d: expected at least 2 values per channel to train on, got input [1, 2]; try a larger batch, or drop the last one",
    ],
    ["two values per channel", batchNorm1d(2), [[2, 2]], "float32", undefined],
    ["two positions of one item", batchNorm1d(2), [[1, 2, 2]], "float32", undefined],
    [
      "1d, too few",
      batchNorm1d(2),
      [[2]],
      "float32",
      "BatchNorm1d: expected an input of 2 or 3 dimensions, got [2]",
    ],
    [
      "1d, too many",
      batchNorm1d(2),
      [[2, 2, 2, 2]],
      "float32",
      "BatchNorm1d: expected an input of 2 or 3 dimensions, got [2, 2, 2, 2]",
    ],
    [
      "2d, too few",
      batchNorm2d(2),
      [[2, 2, 2]],
      "float32",
      "BatchNorm2d: expected an input of 4 dimensions, got [2, 2, 2]",
    ],
    [
      "a width that does not divide",
      adaptiveAvgPool2d([1, 3]),
      [[1, 1, 3, 4]],
      "float32",
      "adaptiveAvgPool2d: expected height and width to be multiples of 1 and 3, got 3 and 4; try an output size that divides the input's",
    ],
    [
      "a height that does not divide",
      adaptiveMaxPool2d([2, 1]),
      [[1, 1, 3, 4]],
      "float32",
      "adaptiveMaxPool2d: expected height and width to be multiples of 2 and 1, got 3 and 4; try an output size that divides the input's",
    ],
    [
      "lengths that nobody takes",
      sequential(relu(), relu()),
      [[2, 3, 4], [2]],
      "int32",
      "sequential: expected one input, as none of its layers takes the lengths of sequences, got 2; try a layer of your own, which says where each goes",
    ],
    ["lengths that a layer takes", sequential(relu(), lstm(4, 2)), [[2, 3, 4], [2]], "int32", undefined],
    ["lengths of 64 bits", gru(4, 2), [[2, 3, 4], [2]], "int64", undefined],
    [
      "lengths for another batch",
      gru(4, 2),
      [[2, 3, 4], [3]],
      "int32",
      "GRU: expected lengths int32[2], one for each sequence, got int32[3]",
    ],
    [
      "lengths of two dimensions",
      lstm(4, 2),
      [
        [2, 3, 4],
        [2, 1],
      ],
      "int64",
      "LSTM: expected lengths int32[2], one for each sequence, got int64[2, 1]",
    ],
    [
      "lengths that are fractions",
      lstm(4, 2),
      [[2, 3, 4], [2]],
      "float32",
      "LSTM: expected lengths int32[2], one for each sequence, got float32[2]",
    ],
  ])("%s", (_, layer, shapes, dtype, message) => {
    const build = () => {
      const g = new GraphBuilder();
      const model = modelOf(layer);
      const context = graphContext(g, model, { training: true, target: "cpu", trained: new Set() });
      const inputs = shapes.map((shape, i) => g.input(`x${i}`, i === 0 ? "float32" : dtype, shape));
      model.forward(context, inputs);
    };
    if (message === undefined) expect(build).not.toThrow();
    else expect(build).toThrow(expect.objectContaining({ message }));
  });

  test.each<[readonly number[], "int32" | "int64" | "float32", string | undefined]>([
    [[2, 3], "int32", undefined],
    [[2, 3], "int64", undefined],
    [[2, 3], "float32", "packPadded: expected indices int32[N, L], got float32[2, 3]"],
    [[2], "int32", "packPadded: expected indices int32[N, L], got int32[2]"],
    [[2, 3, 1], "int64", "packPadded: expected indices int32[N, L], got int64[2, 3, 1]"],
  ])("indices %j of %s to be packed", (shape, dtype, message) => {
    const g = new GraphBuilder();
    const pack = () => packIndices(g, g.input("x", dtype, shape), 1);
    if (message === undefined) expect(pack().indices.shape).toEqual(shape);
    else expect(pack).toThrow(expect.objectContaining({ message }));
  });
});

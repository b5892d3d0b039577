import { describe, expect, it } from "vitest";
import {
  above0,
  type Boundary,
  below1,
  boundary,
  expectArgument,
  expectBoundaries,
  finite,
  flag,
  from0,
  upTo1,
  whole,
  words,
} from "../../../../test/support/boundaries.js";
import {
  type Check,
  checkArgument,
  describe as describeValue,
  OptionError,
} from "../../../lrfind/src/core/index.js";
import * as checks from "../../src/nn/checks.js";
import * as nn from "../../src/nn/index.js";

const MAX = 2 ** 31 - 1;
const size = whole(1, MAX);
const noSizes = [0, -1, 1.5, MAX + 1, "3", null, Number.NaN];
const size2d = boundary([1, [1, 2]], [...noSizes, [1], [1, 2, 3], [1, 0], [], {}]);
const padding2d = boundary([0, [0, 1]], [-1, 0.5, [0, -1], [0], "1", null]);
const depth = whole(1, 1000);
const initializer = boundary(
  [nn.normalInit(), () => new Float32Array(1)],
  [nn.normalInit, nn.kaimingNormal, nn.xavierUniform, nn.constantInit, 0.1, null, "he"],
);
const layer = boundary([nn.relu()], [nn.relu, nn.modelOf(nn.relu()), {}, null, "relu", { forward: () => 1 }]);
const inside01 = boundary(
  [Number.MIN_VALUE, 0.5, 1 - Number.EPSILON],
  [0, 1, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "0.5", null],
);
const recurrent = {
  numLayers: depth,
  bias: flag,
  batchFirst: flag,
  dropout: below1,
  bidirectional: flag,
  output: words("sequence", "last"),
};
const residual = { stride: size, zeroInit: flag };
const conv1d = {
  kernelSize: size,
  stride: size,
  padding: whole(0, MAX),
  dilation: size,
  groups: boundary([1, 2], [0, -1, 3, 0.5, "1", null]),
  bias: flag,
  weightInit: initializer,
};
const conv2d = { ...conv1d, kernelSize: size2d, stride: size2d, padding: padding2d, dilation: size2d };
const adamW = { mom: below1, sqrMom: below1, eps: from0, wd: from0 };
const { takes, refuses } = above0;
const xresnet = { numClasses: size, inChannels: size, width: whole(1, 65536) };
const resnet18 = { ...xresnet, stem: words("standard", "deep", "small"), zeroInit: flag };

const cases: [name: string, call: (options: never) => unknown, options: Record<string, Boundary>][] = [
  ["adam", nn.adam, { ...adamW, decoupleWd: flag }],
  ["adamW", nn.adamW, adamW],
  ["lamb", nn.lamb, { ...adamW, maxRatio: above0 }],
  ["rmsProp", nn.rmsProp, { ...adamW, decoupleWd: flag, centered: flag }],
  ["sgd", nn.sgd, { mom: below1, wd: from0, decoupleWd: flag, nesterov: flag }],
  [
    "avgPool2d",
    (o) => nn.avgPool2d(2, o),
    { stride: size2d, padding: padding2d, ceilMode: flag, countIncludePad: flag },
  ],
  ["maxPool2d", (o) => nn.maxPool2d(2, o), { stride: size2d, padding: padding2d, ceilMode: flag }],
  ["basicBlock", (o) => nn.basicBlock(2, 2, o), residual],
  ["bottleneck", (o) => nn.bottleneck(2, 2, o), residual],
  ["batchNorm1d", (o) => nn.batchNorm1d(2, o), { eps: from0, momentum: upTo1, weightFill: finite }],
  ["batchNorm2d", (o) => nn.batchNorm2d(2, o), { eps: from0, momentum: upTo1, weightFill: finite }],
  ["conv1d", (o) => nn.conv1d(2, 2, o), conv1d],
  ["conv2d", (o) => nn.conv2d(2, 2, o), conv2d],
  ["convTranspose2d", (o) => nn.convTranspose2d(2, 2, o), { ...conv2d, outputPadding: padding2d }],
  ["elu", nn.elu, { alpha: finite }],
  [
    "embedding",
    (o) => nn.embedding(5, 3, o),
    { weightInit: initializer, paddingIdx: boundary([0, 4], [-1, 5, 0.5, "0", null]) },
  ],
  ["gelu", nn.gelu, { approximate: words("none", "tanh") }],
  ["groupNorm", (o) => nn.groupNorm(1, 2, o), { eps: from0 }],
  ["gru", (o) => nn.gru(2, 2, o), recurrent],
  ["lstm", (o) => nn.lstm(2, 2, o), recurrent],
  ["instanceNorm2d", (o) => nn.instanceNorm2d(2, o), { eps: from0, affine: flag }],
  ["kaimingNormal", nn.kaimingNormal, { mode: words("fanIn", "fanOut") }],
  ["layerNorm", (o) => nn.layerNorm(2, o), { eps: from0 }],
  ["leakyRelu", nn.leakyRelu, { negativeSlope: finite }],
  [
    "linBnDrop",
    (o) => nn.linBnDrop(2, 2, o),
    { bn: flag, p: below1, act: layer, linFirst: flag, weightInit: initializer },
  ],
  ["linear", (o) => nn.linear(2, 2, o), { bias: flag, weightInit: initializer, biasInit: initializer }],
  [
    "multiheadAttention",
    (o) => nn.multiheadAttention(4, 2, o),
    { dropout: below1, bias: flag, causal: flag },
  ],
  ["prelu", nn.prelu, { numParameters: size }],
  ["softmax", nn.softmax, { axis: boundary([-2, 0, 1], [0.5, "1", null, Number.NaN]) }],
  [
    "resnet",
    nn.resnet,
    {
      ...resnet18,
      block: words("basic", "bottleneck"),
      layers: boundary(
        [[1, 1, 1, 1]],
        [[], [1, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1001], [1, 1, 1, 1, 1], 4, null],
      ),
    },
  ],
  ["resnet18", nn.resnet18, resnet18],
  ["resnet34", nn.resnet34, resnet18],
  ["xresnet18", nn.xresnet18, xresnet],
  ["xresnet34", nn.xresnet34, xresnet],
  [
    "smallCnn",
    nn.smallCnn,
    { inChannels: size, channels: boundary([[1], [2, 3]], [[], [0], [1, -1], 3, null]), batchNorm: flag },
  ],
  ["transformerEncoder", (o) => nn.transformerEncoder([], o), { norm: layer }],
  [
    "transformerEncoderLayer",
    (o) => nn.transformerEncoderLayer(4, 2, o),
    {
      dimFeedforward: size,
      dropout: below1,
      activation: words("relu", "gelu"),
      normFirst: flag,
      layerNormEps: from0,
      causal: flag,
    },
  ],
  [
    "bceWithLogits",
    nn.bceWithLogits,
    {
      posWeight: boundary(
        [...takes, [1, 2]],
        [...refuses.filter((v) => !Array.isArray(v)), [], [0], [1, -1]],
      ),
    },
  ],
  [
    "crossEntropy",
    nn.crossEntropy,
    {
      labelSmoothing: upTo1,
      weight: boundary([[0, 1]], [[], [-1e-9], [1, Number.NaN], 1, null]),
      ignoreIndex: boundary([-100, 0], [0.5, Number.NaN, "0", null]),
      axis: boundary([1, -1], [0, 2, "1", null]),
    },
  ],
  ["huber", nn.huber, { delta: above0 }],
  ["smoothL1", nn.smoothL1, { beta: above0 }],
  ["f1Score", nn.f1Score, { average: words("binary", "macro"), positive: whole(0) }],
  ["accuracyMulti", nn.accuracyMulti, { threshold: inside01 }],
  ["f1ScoreMulti", nn.f1ScoreMulti, { threshold: inside01, average: words("macro", "micro") }],
];

describe("options at the boundary", () => {
  it.each(cases)("%s", (_, call, options) => expectBoundaries(call, options));

  it("asks for a momentum where nesterov is on", () => {
    expect(() => nn.sgd({ mom: 0, nesterov: true })).toThrow("sgd with nesterov: expected mom");
    expect(() => nn.sgd({ mom: 1e-9, nesterov: true })).not.toThrow();
  });
});

describe("arguments at the boundary", () => {
  it.each<[string, (value: never) => unknown, Boundary]>([
    ["linear in", (n) => nn.linear(n, 2), size],
    ["linear out", (n) => nn.linear(2, n), size],
    ["conv1d in", (n) => nn.conv1d(n, 2), size],
    ["conv2d out", (n) => nn.conv2d(2, n), size],
    ["convTranspose2d in", (n) => nn.convTranspose2d(n, 2), size],
    ["embedding count", (n) => nn.embedding(n, 2), size],
    ["embedding size", (n) => nn.embedding(2, n), size],
    ["batchNorm1d", (n) => nn.batchNorm1d(n), size],
    ["batchNorm2d", (n) => nn.batchNorm2d(n), size],
    ["groupNorm groups", (n) => nn.groupNorm(n, 2), boundary([1, 2], [0, -1, 3, 0.5, "1", null])],
    ["groupNorm channels", (n) => nn.groupNorm(1, n), size],
    ["instanceNorm2d", (n) => nn.instanceNorm2d(n), size],
    ["layerNorm", (n) => nn.layerNorm(n), boundary([1, [2, 3]], [...noSizes, [], [0], [2, -1], {}])],
    ["lstm in", (n) => nn.lstm(n, 2), size],
    ["gru hidden", (n) => nn.gru(2, n), size],
    ["linBnDrop in", (n) => nn.linBnDrop(n, 2), size],
    ["linBnDrop out", (n) => nn.linBnDrop(2, n), size],
    ["attention width", (n) => nn.multiheadAttention(n, 1), whole(1, MAX)],
    ["attention heads", (n) => nn.multiheadAttention(6, n), boundary([1, 6], [0, -1, 4, 7, 1.5, "2", null])],
    ["basicBlock in", (n) => nn.basicBlock(n, 2), size],
    ["bottleneck width", (n) => nn.bottleneck(2, n), boundary([1], noSizes)],
    ["maxPool2d", (n) => nn.maxPool2d(n), size2d],
    ["avgPool2d", (n) => nn.avgPool2d(n), size2d],
    ["adaptiveAvgPool2d", (n) => nn.adaptiveAvgPool2d(n), size2d],
    ["adaptiveMaxPool2d", (n) => nn.adaptiveMaxPool2d(n), size2d],
    [
      "transformerEncoder",
      (n) => nn.transformerEncoder(n),
      boundary([[], [nn.relu()]], [null, 1, [nn.relu], [undefined], new Array(1), "ab"]),
    ],
    ["transformerEncoderLayer", (n) => nn.transformerEncoderLayer(n, 1), size],
    ["dropout", nn.dropout, below1],
    [
      "sigmoidRange low",
      (n) => nn.sigmoidRange(n, 1),
      boundary([0, 1 - 1e-9], [1, 2, Number.NaN, Number.NEGATIVE_INFINITY, "0", null]),
    ],
    [
      "sigmoidRange high",
      (n) => nn.sigmoidRange(0, n),
      boundary([1e-9, 1], [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1", null]),
    ],
    ["constantInit", nn.constantInit, finite],
    ["uniformInit", nn.uniformInit, from0],
    ["normalInit", nn.normalInit, from0],
    ["wrappedNormalInit", nn.wrappedNormalInit, from0],
    ["fanInUniform", nn.fanInUniform, from0],
    ["clipGradNorm", nn.clipGradNorm, above0],
    ["clipGradValue", nn.clipGradValue, above0],
    ["topKAccuracy", nn.topKAccuracy, whole(1)],
    ["modelOf", nn.modelOf, layer],
    [
      "initialTensors",
      nn.initialTensors,
      boundary([nn.modelOf(nn.relu())], [nn.relu(), nn.relu, {}, null, 3]),
    ],
    ["initialTensors seed", (seed) => nn.initialTensors(nn.modelOf(nn.relu()), seed), whole(0)],
  ])("%s", (_, call, values) => expectArgument(call, values));

  it.each<[name: string, initializer: nn.Initializer]>([
    ["constantInit", nn.constantInit(1)],
    ["uniformInit", nn.uniformInit(1)],
    ["normalInit", nn.normalInit()],
    ["wrappedNormalInit", nn.wrappedNormalInit()],
    ["fanInUniform", nn.fanInUniform(2)],
    ["xavierUniform", nn.xavierUniform()],
    ["kaimingNormal", nn.kaimingNormal()],
  ])("the shape of %s", (_, make) => {
    const shapes = boundary(
      [[0], [2, 3], [2, 3, 1]],
      [[-1], [1e9, 1e9], [0.5], [Number.NaN], ["2"], 3, null],
    );
    expectArgument((shape) => make(shape, { seed: 0 }), shapes);
  });
});

describe("a function where its result is wanted", () => {
  it.each<[() => unknown, string]>([
    [
      () => nn.sequential(nn.relu as never),
      "sequential: expected layers[0] to be a layer, got function relu; try relu()",
    ],
    [
      () => nn.sequential(nn.relu(), undefined as never),
      "sequential: expected layers[1] to be a layer, got undefined",
    ],
    [
      () => nn.modelOf(nn.resnet18 as never),
      "modelOf: expected layer to be a layer, got function resnet18; try resnet18()",
    ],
    [
      () => nn.linear("3" as never, 4),
      'linear: expected inFeatures to be an integer in [1, 2147483647], got "3"',
    ],
    [
      () => nn.linear(3, 4, { weightInit: nn.kaimingNormal as never }),
      "linear: expected weightInit to be an initializer, got function kaimingNormal; try kaimingNormal(…)",
    ],
    [() => nn.linBnDrop(3, 4, { act: nn.relu as never }), "got function relu; try relu()"],
    [
      () => nn.initialTensors(nn.relu() as never),
      "initialTensors: expected model to be a model, got an object; try modelOf(layer)",
    ],
    [() => nn.initialTensors(nn.resnet18 as never), "try modelOf(resnet18())"],
  ])("%s", (call, message) => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(message);
  });

  it("says so of an initializer that gives another function", () => {
    const made = nn.modelOf(nn.linear(3, 4, { weightInit: () => nn.normalInit() as never }));
    expect(() => nn.initialTensors(made)).toThrow(
      'initializer of "weight": expected a Float32Array of 12 elements, got a function; try calling the function',
    );
  });

  it("names the layer inside that is none", () => {
    const broken = {
      ...nn.sequential(nn.sequential(nn.relu())),
      children: { a: { kind: "A", children: { b: nn.relu } } },
    };
    expect(() => nn.modelOf(broken as never)).toThrow('layer "a"');
  });
});

describe("what is taken for", () => {
  const sgd = nn.sgd();
  const relu = nn.relu();
  const model = nn.modelOf(relu);
  const fn = () => {};
  it.each<[string, Check, taken: unknown[], refused: unknown[]]>([
    [
      "a layer",
      checks.layer,
      [relu],
      [{ forward: fn }, { kind: "A" }, { kind: 1, forward: fn }, model, fn, null],
    ],
    [
      "a model",
      checks.model,
      [model],
      [
        ...[relu, fn, null, { ...model, parameters: undefined }, { ...model, buffers: undefined }],
        ...[
          { ...model, forward: undefined },
          { ...model, parameters: {} },
          { ...model, buffers: "" },
        ],
      ],
    ],
    ["a loss", checks.lossFunc, [nn.mse()], [nn.mse, {}, null, { build: 1 }]],
    [
      "an optimizer",
      checks.optimizer,
      [sgd, { ...sgd, slots: [] }],
      [
        ...[
          nn.sgd,
          null,
          { ...sgd, update: 1 },
          { ...sgd, scalars: undefined },
          { ...sgd, slots: "velocity" },
        ],
        ...[
          { ...sgd, defaults: null },
          { ...sgd, defaults: undefined },
          { ...sgd, defaults: { mom: 0.9 } },
        ],
        ...[
          { ...sgd, defaults: { wd: 0 } },
          { ...sgd, defaults: { mom: Number.NaN, wd: 0 } },
        ],
        ...[
          { ...sgd, defaults: { mom: "0.9", wd: 0 } },
          { ...sgd, defaults: 3 },
        ],
      ],
    ],
    [
      "a metric",
      checks.metric,
      [nn.accuracy],
      [nn.f1Score, { start: fn }, { name: "a" }, { start: fn, name: 1 }, null],
    ],
    [
      "an initializer",
      checks.initializer,
      [nn.normalInit(), fn],
      [nn.normalInit, nn.xavierUniform, "he", null],
    ],
    ["a depth", checks.depth, [1, 1000], [0, 1001, 1.5]],
    ["a size", checks.size, [1, MAX], [0, MAX + 1]],
    ["a padding", checks.size1d({ min: 0 }), [0, MAX], [-1, MAX + 1]],
    ["two sizes", checks.size2d({ min: 1 }), [1, [1, MAX]], [0, [1], [1, 1, 1], [1, 0], [MAX + 1, 1]]],
  ])("%s", (_, check, taken, refused) => {
    for (const value of taken) expect(check.accepts(value), describeValue(value)).toBe(true);
    for (const value of refused) expect(check.accepts(value), describeValue(value)).toBe(false);
  });

  it.each<[Check, unknown, string]>([
    [checks.layer, {}, "a layer, got an object; try relu()"],
    [checks.model, fn, "a model, got function fn; try modelOf(fn())"],
    [checks.model, () => 1, "a model, got a function; try modelOf(layer())"],
    [checks.model, relu, "a model, got an object; try modelOf(layer)"],
    [checks.model, 3, "a model, got 3; try modelOf(sequential(…))"],
    [checks.lossFunc, nn.mse, "a loss, got function mse; try mse()"],
    [checks.lossFunc, 3, "a loss, got 3; try crossEntropy()"],
    [checks.optimizer, nn.sgd, "an optimizer, got function sgd; try sgd()"],
    [checks.optimizer, {}, "an optimizer, got an object; try adam()"],
    [checks.metric, {}, "a metric, got an object; try accuracy"],
    [checks.initializer, nn.normalInit, "an initializer, got function normalInit; try normalInit(…)"],
    [checks.initializer, nn.constantInit, "an initializer, got function constantInit; try constantInit(…)"],
    [
      checks.initializer,
      nn.kaimingNormal,
      "an initializer, got function kaimingNormal; try kaimingNormal(…)",
    ],
    [checks.initializer, 3, "an initializer, got 3; try kaimingNormal()"],
    [checks.size2d({ min: 1 }), "3", 'an integer in [1, 2147483647], or two of them, got "3"'],
  ])("%#: the message", (check, value, message) => {
    expect(() => checkArgument("f", "x", value, check)).toThrow(
      expect.objectContaining({ message: `f: expected x to be ${message}` }),
    );
  });

  it("groups of channels", () => {
    expect(() => checks.checkGroups("f", 2, { a: 4, b: 2 })).not.toThrow();
    expect(() => checks.checkGroups("f", 2, { a: 4, b: 3 })).toThrow(
      expect.objectContaining({
        ...{ where: "f", option: "b", received: 3, hint: "a number of groups that divides it" },
        message: "f: expected b to be a multiple of 2 groups, got 3; try a number of groups that divides it",
      }),
    );
    expect(() => nn.multiheadAttention(6, 4)).toThrow(
      expect.objectContaining({ where: "multiheadAttention", option: "embedDim", received: 6 }),
    );
    expect(() => nn.convTranspose2d(2, 3, { groups: 2 })).toThrow(
      "expected outChannels to be a multiple of 2",
    );
  });

  it("sizes and layers, by name", () => {
    expect(() => checks.checkSizes("f", { a: 1, b: 0 })).toThrow("f: expected b to be an integer in [1,");
    expect(() => checks.checkLayers("f", "parts", [relu, 3])).toThrow(
      "f: expected parts[1] to be a layer, got 3",
    );
    expect(() => checks.checkLayers("f", "parts", new Array(1))).toThrow("parts[0]");
    expect(() => nn.packPadded(nn.embedding(3, 2), nn.linear(2, 2), { paddingIdx: 0 })).toThrow(
      expect.objectContaining({
        message:
          'packPadded: expected recurrent to be a layer that takes lengths, got a layer of kind "Linear"; try lstm(…) or gru(…) with batchFirst',
        option: "recurrent",
      }),
    );
    expect(() => nn.packPadded(nn.embedding(3, 2), 3 as never, { paddingIdx: 0 })).toThrow(
      "packPadded: expected embed and recurrent[1] to be a layer, got 3",
    );
    for (const paddingIdx of [undefined, -1, 0.5, "0", null]) {
      expect(() => nn.packPadded(nn.embedding(3, 2), nn.gru(2, 2), { paddingIdx } as never)).toThrow(
        "packPadded: expected paddingIdx to be an integer at least 0",
      );
    }
  });

  it("elements of a shape", () => {
    expect([[], [0], [2, 3], [MAX]].map((shape) => checks.checkedSize("f", shape))).toEqual([1, 0, 6, MAX]);
    for (const shape of [[MAX + 1], [2, MAX], [-1], [0.5], [2 ** 53], ["2"], "23", null]) {
      expect(() => checks.checkedSize("f", shape), describeValue(shape)).toThrow(
        expect.objectContaining({ where: "f", option: "shape", received: shape }),
      );
    }
  });
});

describe("names of other frameworks", () => {
  it.each<[() => unknown, string]>([
    [() => nn.sgd({ momentum: 0.9 } as never), 'sgd: expected a known option, got "momentum"; try mom'],
    [
      () => nn.adam({ weight_decay: 0.1 } as never),
      'adam: expected a known option, got "weight_decay"; try wd',
    ],
    [() => nn.adam({ beta2: 0.1 } as never), "try sqrMom"],
    [() => nn.batchNorm1d(3, { mom: 0.1 } as never), "try momentum"],
    [() => nn.linBnDrop(3, 4, { dropout: 0.1 } as never), "try p"],
  ])("%s", (call, message) => expect(call).toThrow(message));
});

import { describe, expect, test } from "vitest";
import * as nn from "../../src/nn/index.js";
import { graphContext } from "../../src/nn/step/graph-context.js";
import { type DType, GraphBuilder, printGraph, type Target } from "../../src/onnx/index.js";

// What each layer adds to a graph, to the last attribute: with its defaults, and with every option set otherwise. That
// the numbers are right is what packages/engine/test/nn/layers.test.ts compares with PyTorch; here nothing changes unnoticed.

interface Case {
  readonly layer: () => nn.Layer;
  readonly inputs: readonly (readonly number[])[];
  readonly dtype?: DType;
  readonly training?: boolean;
  readonly target?: Target;
  readonly held?: boolean;
  /** Only what changes the shape of the images: for models of many blocks, which have cases of their own. */
  readonly brief?: boolean;
}

const cases: Record<string, Case> = {};
const add = (name: string, layer: () => nn.Layer, shape: readonly number[], more: Partial<Case> = {}) => {
  cases[name] = { layer, inputs: [shape], ...more };
};

for (const make of [
  nn.relu,
  nn.relu6,
  nn.leakyRelu,
  nn.prelu,
  nn.gelu,
  nn.silu,
  nn.mish,
  nn.tanh,
  nn.sigmoid,
  nn.hardsigmoid,
  nn.hardswish,
  nn.elu,
  nn.selu,
  nn.softplus,
  nn.softsign,
  nn.softmax,
  nn.identity,
  nn.flatten,
  nn.dropout,
  nn.globalAvgPool,
  nn.adaptiveAvgPool2d,
  nn.adaptiveMaxPool2d,
  nn.adaptiveConcatPool2d,
]) {
  add(`${make.name}()`, () => make(), [2, 3, 4, 4], { training: true });
}
add("leakyRelu, all options", () => nn.leakyRelu({ negativeSlope: 0.3 }), [2]);
add("prelu, all options, a vector", () => nn.prelu({ numParameters: 3 }), [3]);
add("prelu, all options, a batch of vectors", () => nn.prelu({ numParameters: 3 }), [2, 3]);
add("prelu, all options, a batch of images", () => nn.prelu({ numParameters: 3 }), [2, 3, 4, 4]);
add("gelu, all options", () => nn.gelu({ approximate: "tanh" }), [2]);
add("elu, all options", () => nn.elu({ alpha: 0.3 }), [2]);
add("softmax, all options", () => nn.softmax({ axis: 1 }), [2, 3, 4]);
add("sigmoidRange", () => nn.sigmoidRange(-1, 5), [2]);
add("dropout, all options", () => nn.dropout(0.2), [2, 3], { training: true });
add("dropout that drops nothing", () => nn.dropout(0), [2, 3], { training: true });
add("dropout that does not train", () => nn.dropout(), [2, 3]);

add("linear()", () => nn.linear(4, 3), [2, 4]);
add("linear, of sequences without bias", () => nn.linear(4, 3, { bias: false }), [2, 5, 4]);
add("linBnDrop()", () => nn.linBnDrop(4, 3), [2, 4], { training: true });
const allOfLinBnDrop = { bn: true, p: 0.1, act: nn.relu(), linFirst: true };
add("linBnDrop, all options", () => nn.linBnDrop(4, 3, allOfLinBnDrop), [2, 4], { training: true });
const withoutBn = { bn: false, p: 0.1, act: nn.relu() };
add("linBnDrop without batch-norm", () => nn.linBnDrop(4, 3, withoutBn), [2, 4], { training: true });

add("conv1d()", () => nn.conv1d(2, 4), [2, 2, 9]);
const conv1d = { kernelSize: 2, stride: 3, padding: 1, dilation: 2, groups: 2, bias: false };
add("conv1d, all options", () => nn.conv1d(2, 4, conv1d), [2, 2, 9]);
add("conv2d()", () => nn.conv2d(2, 4), [2, 2, 9, 9]);
const pairs = { kernelSize: [2, 4], stride: [3, 1], padding: [1, 2], dilation: [2, 1] } as const;
add("conv2d, all options", () => nn.conv2d(2, 4, { ...pairs, groups: 2, bias: false }), [2, 2, 9, 9]);
add("convTranspose2d()", () => nn.convTranspose2d(2, 4), [2, 2, 5, 5]);
const transposed = { ...pairs, groups: 2, bias: false, outputPadding: [1, 0] } as const;
add("convTranspose2d, all options", () => nn.convTranspose2d(2, 4, transposed), [2, 2, 5, 5]);

for (const [name, make] of [
  ["maxPool2d", nn.maxPool2d],
  ["avgPool2d", nn.avgPool2d],
] as const) {
  add(`${name}()`, () => make([3, 2]), [2, 2, 9, 9]);
  const options = { stride: [1, 2], padding: [1, 0], ceilMode: true, countIncludePad: undefined } as const;
  const { countIncludePad: _, ...pool } = options;
  add(`${name}, all options`, () => make([3, 2], pool), [2, 2, 9, 9]);
}
add("avgPool2d without padding", () => nn.avgPool2d(3, { padding: 1, countIncludePad: false }), [2, 2, 9, 9]);
add("adaptiveAvgPool2d, all options", () => nn.adaptiveAvgPool2d([2, 3]), [2, 2, 4, 9]);
add("adaptiveAvgPool2d of one row", () => nn.adaptiveAvgPool2d([1, 3]), [2, 2, 4, 9]);
add("adaptiveMaxPool2d, all options", () => nn.adaptiveMaxPool2d([2, 1]), [2, 2, 4, 9]);

for (const training of [false, true]) {
  for (const [name, make, shape] of [
    ["batchNorm1d", nn.batchNorm1d, [4, 2]],
    ["batchNorm1d", nn.batchNorm1d, [4, 2, 3]],
    ["batchNorm2d", nn.batchNorm2d, [1, 2, 2, 1]],
  ] as const) {
    const what = `${name} ${shape.length}d${training ? " that trains" : ""}`;
    add(what, () => make(2), shape, { training });
    const options = { eps: 0.1, momentum: 0.25, weightFill: 3 };
    add(`${what}, all options`, () => make(2, options), shape, { training });
  }
}
add("batchNorm2d that trains but is held", () => nn.batchNorm2d(2), [1, 2, 2, 1], {
  training: true,
  held: true,
});
for (const target of ["cpu", "webgpu"] as const) {
  add(`layerNorm() for ${target}`, () => nn.layerNorm(4), [2, 3, 4], { target });
  add(`layerNorm, all options, for ${target}`, () => nn.layerNorm([3, 4], { eps: 0.1 }), [2, 3, 4], {
    target,
  });
}
add("groupNorm()", () => nn.groupNorm(2, 4), [2, 4, 3]);
add("groupNorm, all options", () => nn.groupNorm(1, 4, { eps: 0.1 }), [2, 4, 3]);
add("instanceNorm2d()", () => nn.instanceNorm2d(2), [2, 2, 3, 3]);
add("instanceNorm2d, all options", () => nn.instanceNorm2d(2, { eps: 0.1, affine: true }), [2, 2, 3, 3]);

add("embedding()", () => nn.embedding(5, 3), [2, 4], { dtype: "int32" });
add("embedding, all options", () => nn.embedding(5, 3, { paddingIdx: 2 }), [2, 4], { dtype: "int64" });

const attention = { dropout: 0.2, bias: false, causal: true };
add("multiheadAttention()", () => nn.multiheadAttention(4, 2), [2, 3, 4], { training: true });
add("multiheadAttention, all options", () => nn.multiheadAttention(4, 1, attention), [2, 3, 4], {
  ...{
    training: true,
    inputs: [
      [2, 3, 4],
      [2, 3],
    ],
  },
});
add("transformerEncoderLayer()", () => nn.transformerEncoderLayer(4, 2), [2, 3, 4], { training: true });
const block = {
  ...({ dimFeedforward: 6, dropout: 0.2, activation: "gelu", normFirst: true } as const),
  ...{ layerNormEps: 0.1, causal: true },
};
add("transformerEncoderLayer, all options", () => nn.transformerEncoderLayer(4, 1, block), [2, 3, 4], {
  ...{
    training: true,
    inputs: [
      [2, 3, 4],
      [2, 3],
    ],
  },
});
const plain = () => nn.transformerEncoderLayer(4, 1, { dimFeedforward: 2, dropout: 0 });
add("transformerEncoder()", () => nn.transformerEncoder([plain()]), [2, 3, 4]);
const encoder = () => nn.transformerEncoder([plain(), plain()], { norm: nn.layerNorm(4) });
add("transformerEncoder, all options", encoder, [2, 3, 4], {
  inputs: [
    [2, 3, 4],
    [2, 3],
  ],
});

const recurrent = {
  ...{ numLayers: 3, bias: false, batchFirst: false, dropout: 0.2, bidirectional: true },
  output: "last",
} as const;
for (const [name, make] of [
  ["lstm", nn.lstm],
  ["gru", nn.gru],
] as const) {
  add(`${name}()`, () => make(3, 2), [2, 5, 3], { training: true });
  add(`${name}, all options`, () => make(3, 2, recurrent), [5, 2, 3], { training: true });
  add(`${name}, the last state`, () => make(3, 2, { output: "last", numLayers: 2 }), [2, 5, 3], {
    training: true,
  });
}
add("packPadded", () => nn.packPadded(nn.embedding(7, 3), nn.gru(3, 2), { paddingIdx: 1 }), [2, 5], {
  dtype: "int32",
});

add("basicBlock()", () => nn.basicBlock(2, 2), [1, 2, 4, 4]);
const residual = { stride: 2, zeroInit: true };
add("basicBlock, all options", () => nn.basicBlock(2, 2, residual), [1, 2, 4, 4]);
add("basicBlock of more channels", () => nn.basicBlock(2, 3), [1, 2, 4, 4]);
add("bottleneck()", () => nn.bottleneck(8, 2), [1, 8, 4, 4]);
add("bottleneck, all options", () => nn.bottleneck(8, 2, residual), [1, 8, 4, 4]);

add("smallCnn()", () => nn.smallCnn(), [1, 3, 8, 8]);
const cnn = { inChannels: 1, channels: [2, 3, 4], batchNorm: false };
add("smallCnn, all options", () => nn.smallCnn(cnn), [1, 1, 8, 8]);
const tiny = { layers: [1, 1, 1, 1], width: 2, numClasses: 3 } as const;
for (const stem of ["standard", "deep", "small"] as const) {
  add(`resnet, a ${stem} stem`, () => nn.resnet({ ...tiny, stem, width: 3, inChannels: 1 }), [1, 1, 32, 32], {
    brief: true,
  });
}
const deep = { ...tiny, block: "bottleneck", layers: [2, 1, 1, 3], zeroInit: true, inChannels: 4 } as const;
add("resnet, all options", () => nn.resnet(deep), [1, 4, 32, 32], { brief: true });

/** The graph of a layer, and before it what it keeps and what that is at first. */
function printed({
  layer: make,
  inputs,
  dtype = "float32",
  training = false,
  target = "cpu",
  held,
  brief,
}: Case) {
  const layer = make();
  const model = nn.modelOf(layer);
  const g = new GraphBuilder();
  const xs = inputs.map((shape, i) => g.input(`input:${i}`, i === 0 ? dtype : "float32", shape));
  const context = graphContext(g, model, {
    ...{ training, target, trained: new Set<string>() },
    ...(held ? { heldBuffers: new Set(model.buffers.map(({ name }) => name)) } : {}),
  });
  const y = model.forward(context, xs);
  const updates = [...context.updates].map(([name, value]) => [`next:${name}`, g.add(value, 0)]);
  const graph = g.build({ y: g.add(y, 0), ...Object.fromEntries(updates) });
  const tensors = [
    ...model.parameters.map((p) => ({ ...p, what: p.role as string, first: p.initial(0) })),
    ...model.buffers.map((b) => ({ ...b, what: "buffer", first: b.initial() })),
  ].map(({ name, shape, what, first }) => {
    const [least, most] = [first.reduce((a, b) => Math.min(a, b)), first.reduce((a, b) => Math.max(a, b))];
    const from = least === most ? `all ${least}` : `${least.toPrecision(4)} … ${most.toPrecision(4)}`;
    return `  ${what} ${name}: [${shape.join(", ")}], at first ${from}`;
  });
  const masks = context.masks.map((m) => `  mask ${m.name}: [${m.shape.join(", ")}], keeps ${m.keepProb}`);
  const lines = printGraph(graph).split("\n");
  if (brief) return lines.filter((line) => / = (?:Conv|MaxPool|Gemm)\(/.test(line)).join("\n");
  // Inputs of parameters and buffers are said above.
  const rest = lines.filter((line) => !/^ {2}input {2}(?:param|buffer):/.test(line));
  return [layer.kind, ...tensors, ...masks, ...rest].join("\n");
}

describe("the graphs of layers", () => {
  test.each(Object.entries(cases))("%s", (_, of) => {
    expect(printed(of)).toMatchSnapshot();
  });
});

describe("residual networks by name", () => {
  const shapes = (layer: nn.Layer) =>
    nn.modelOf(layer).parameters.map(({ name, shape, initial }) => {
      // A batch-norm that starts a block as the identity is told by its first value.
      const fill = name.includes("bn2.weight") ? ` ${initial(0)[0]}` : "";
      return `${name} [${shape.join(", ")}]${fill}`;
    });
  const small = { width: 2, numClasses: 3, inChannels: 1 };

  test.each<[string, () => nn.Layer, nn.ResnetOptions]>([
    ["resnet()", () => nn.resnet(small), { ...small, block: "basic", layers: [2, 2, 2, 2] }],
    ["resnet18", () => nn.resnet18(small), { ...small, layers: [2, 2, 2, 2], stem: "standard" }],
    ["resnet34", () => nn.resnet34(small), { ...small, layers: [3, 4, 6, 3], stem: "standard" }],
    [
      "resnet18, all options",
      () => nn.resnet18({ ...small, stem: "deep", zeroInit: true }),
      { ...small, layers: [2, 2, 2, 2], stem: "deep", zeroInit: true },
    ],
    [
      "resnet34, all options",
      () => nn.resnet34({ ...small, stem: "small", zeroInit: true }),
      { ...small, layers: [3, 4, 6, 3], stem: "small", zeroInit: true },
    ],
    [
      "xresnet18",
      () => nn.xresnet18(small),
      { ...small, layers: [2, 2, 2, 2], stem: "deep", zeroInit: true },
    ],
    [
      "xresnet34",
      () => nn.xresnet34(small),
      { ...small, layers: [3, 4, 6, 3], stem: "deep", zeroInit: true },
    ],
  ])("%s", (_, layer, options) => {
    expect(shapes(layer())).toEqual(shapes(nn.resnet(options)));
  });

  test("are of 1000 classes, three channels and 64 at first, unless told otherwise", () => {
    for (const make of [nn.resnet, nn.resnet18, nn.xresnet18]) {
      const names = new Map(nn.modelOf(make()).parameters.map(({ name, shape }) => [name, shape]));
      expect(names.get("fc.weight")).toEqual([1000, 512]);
      const stem = make === nn.xresnet18 ? "stem.0.weight" : "conv1.weight";
      expect(names.get(stem)).toEqual(make === nn.xresnet18 ? [32, 3, 3, 3] : [64, 3, 7, 7]);
    }
  });
});

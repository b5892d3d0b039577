import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/nn/index.js";
import * as nn from "../../src/nn/index.js";
import type { Target, Tensor } from "../../src/onnx/index.js";
import { tensor } from "../../src/onnx/index.js";
import { relativeError, values } from "../onnx/numeric.js";
import { Steps } from "./train.js";

interface Case {
  readonly layer: Layer;
  readonly input: Tensor;
}

// Batches of 8 images, so that the graph for the CPU is the folded one wherever that is worthwhile.
const image = values([8, 4, 8, 8]);
const rows = values([6, 8]);
const sequence = values([3, 5, 8]);
const { sequential, conv2d, linear, flatten, relu } = nn;

const block = (norm: Layer) => sequential(conv2d(4, 6, { padding: 1, bias: false }), norm, relu());

const cases: Record<string, Case> = {
  linear: { layer: linear(8, 3), input: rows },
  "convolution and max pool": {
    layer: sequential(conv2d(4, 6, { padding: 1 }), relu(), nn.maxPool2d(2), flatten(), linear(96, 3)),
    input: image,
  },
  "overlapping max pool": {
    layer: sequential(conv2d(4, 6), nn.maxPool2d(3, { stride: 2, padding: 1, ceilMode: true })),
    input: image,
  },
  "average pool over the end": {
    layer: sequential(conv2d(4, 6), nn.avgPool2d(3, { stride: 2, padding: 1, ceilMode: true })),
    input: image,
  },
  "strided convolution": { layer: conv2d(4, 6, { stride: 2, padding: 1 }), input: image },
  "dilated convolution in groups": { layer: conv2d(4, 6, { dilation: 2, groups: 2 }), input: image },
  "transposed convolution": { layer: nn.convTranspose2d(4, 3, { stride: 2 }), input: image },
  "convolution over one dimension": { layer: nn.conv1d(8, 4, { padding: 1 }), input: values([4, 8, 6]) },
  "batch norm of images": { layer: block(nn.batchNorm2d(6)), input: image },
  "batch norm of rows": { layer: sequential(linear(8, 5), nn.batchNorm1d(5)), input: rows },
  "group norm": { layer: block(nn.groupNorm(3, 6)), input: image },
  "instance norm": { layer: block(nn.instanceNorm2d(6, { affine: true })), input: image },
  "layer norm": { layer: sequential(linear(8, 5), nn.layerNorm(5)), input: rows },
  "layer norm over two dimensions": { layer: nn.layerNorm([5, 8]), input: sequence },
  "PReLU, one slope": { layer: sequential(linear(8, 5), nn.prelu()), input: rows },
  "PReLU, many slopes": { layer: nn.prelu({ numParameters: 4 }), input: image },
  "PReLU of rows": { layer: nn.prelu({ numParameters: 8 }), input: rows },
  attention: { layer: nn.multiheadAttention(8, 2), input: sequence },
  transformer: {
    layer: nn.transformerEncoderLayer(8, 2, { dimFeedforward: 12, dropout: 0 }),
    input: sequence,
  },
  lstm: { layer: nn.lstm(8, 4, { numLayers: 2, bidirectional: true }), input: sequence },
  gru: { layer: nn.gru(8, 4), input: sequence },
  embedding: {
    layer: sequential(nn.embedding(6, 3), linear(3, 2)),
    input: tensor("int32", [2, 3], [0, 1, 5, 5, 2, 0]),
  },
  "residual block": { layer: nn.basicBlock(4, 6, { stride: 2 }), input: image },
  bottleneck: { layer: nn.bottleneck(4, 3), input: image },
  "pools over all positions": {
    layer: sequential(conv2d(4, 6), nn.adaptiveConcatPool2d(), flatten(), linear(12, 2)),
    input: image,
  },
  "pools over a grid": {
    layer: sequential(conv2d(4, 3, { padding: 1 }), nn.adaptiveMaxPool2d(2), nn.adaptiveAvgPool2d(1)),
    input: image,
  },
  ...Object.fromEntries(
    Object.entries({
      ...{ gelu: nn.gelu(), silu: nn.silu(), mish: nn.mish(), tanh: nn.tanh(), sigmoid: nn.sigmoid() },
      ...{ hardsigmoid: nn.hardsigmoid(), hardswish: nn.hardswish(), elu: nn.elu(), selu: nn.selu() },
      ...{ softplus: nn.softplus(), "gelu by tanh": nn.gelu({ approximate: "tanh" }) },
    }).map(([name, layer]) => [name, { layer: sequential(linear(8, 5), layer), input: rows }]),
  ),
  softsign: { layer: sequential(linear(8, 5), nn.softsign(), nn.softmax()), input: rows },
  "leaky ReLU and ReLU6": { layer: sequential(linear(8, 5), nn.leakyRelu(), nn.relu6()), input: rows },
};

/** The outputs of a training step: parameters and buffers behind it, the loss, and what it changed of each parameter. */
async function step({ layer, input }: Case, target: Target): Promise<Record<string, Tensor>> {
  const model = nn.modelOf(layer);
  const names = model.parameters.map(({ name }) => name);
  const groups = [{ name: "all", parameters: names }];
  const inputs = [{ dtype: input.dtype, shape: input.shape }];
  const { predictionShape } = nn.buildEvaluationGraph({ model, inputs, target });
  const state = Object.fromEntries([
    ...model.parameters.map(
      ({ name, shape }, i) => [`param:${name}`, scaled(values(shape, 10 + i))] as const,
    ),
    ...model.buffers.map(
      ({ name, shape, initial }) => [`buffer:${name}`, tensor("float32", shape, initial())] as const,
    ),
  ]);
  await using steps = await Steps.make({
    model,
    lossFunc: nn.mse(),
    optimizer: nn.sgd({ mom: 0 }),
    inputs,
    targets: [{ dtype: "float32", shape: predictionShape }],
    groups,
    target,
  });
  const feeds = { "input:0": input, "target:0": values(predictionShape, 5) };
  const { outputs } = await steps.run(state, { lr: 1, feeds });
  // What a step changes of a parameter is its gradient: the parameter itself would hide it.
  const changes = names.map((name) => {
    const before = state[`param:${name}`]!;
    const after = outputs[`next:param:${name}`]!;
    const change = Array.from(after.data as Float32Array, (v, i) => v - Number(before.data[i]));
    return [`change of ${name}`, tensor("float32", before.shape, change)] as const;
  });
  return { ...outputs, ...Object.fromEntries(changes) };
}

function scaled(x: Tensor<"float32">): Tensor<"float32"> {
  return { ...x, data: x.data.map((v) => v * 0.5) };
}

describe("a training step gives the same numbers, whatever target its graph is for", () => {
  test.each(Object.keys(cases))("%s", async (name) => {
    const cpu = await step(cases[name]!, "cpu");
    for (const target of ["wasm", "webgpu"] as const) {
      const other = await step(cases[name]!, target);
      expect(Object.keys(other).sort()).toEqual(Object.keys(cpu).sort());
      for (const [output, { data, shape }] of Object.entries(cpu)) {
        expect(other[output]!.shape).toEqual(shape);
        const largest = Math.max(...Array.from(data as Float32Array, Math.abs));
        // Both round in float32, at the parameters' size of about 1.
        const error = relativeError(other[output]!.data as Float32Array, data as Float32Array) * largest;
        expect(error, `${output}, ${target}`).toBeLessThan(1e-4 * largest + 1e-5);
      }
    }
  });
});

import { type Tensor, tensor } from "@lrfind/engine";
import {
  conv2d,
  crossEntropy,
  embedding,
  flatten,
  type Layer,
  linear,
  type Model,
  maxPool2d,
  modelOf,
  relu,
  resnet18,
  sequential,
  type TensorType,
  transformerEncoder,
  transformerEncoderLayer,
} from "@lrfind/learner";
import { fillNormal, fillUniform } from "../packages/engine/src/random/index.js";

/** A model and a mini-batch to time. `torch_steps.py` has the same by the same name. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** The largest ratio to PyTorch's time that is good enough. */
  readonly target: number;
  /** Steps in one repetition. */
  readonly steps: number;
  readonly classes: number;
  model(): Model;
  /** One mini-batch; its last tensor is the labels. */
  batch(): readonly Tensor[];
}

export const lossFunc = crossEntropy();

/** The mean over the tokens: [N, L, D] becomes [N, D]. */
const meanOverTokens: Layer = { kind: "MeanOverTokens", forward: ({ g }, x) => g.reduceMean(x!, [1]) };

export const cases: readonly Case[] = [
  {
    name: "mlp",
    title: "MLP 784-256-128-10, batch 64",
    target: 0.9,
    steps: 100,
    classes: 10,
    model: () => modelOf(sequential(linear(784, 256), relu(), linear(256, 128), relu(), linear(128, 10))),
    batch: () => [floats([64, 784]), labels(64, 10)],
  },
  {
    name: "cnn",
    title: "CNN on 28x28, batch 64",
    target: 0.9,
    steps: 10,
    classes: 10,
    model: () =>
      modelOf(
        sequential(
          ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
          ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
          ...[flatten(), linear(32 * 7 * 7, 10)],
        ),
      ),
    batch: () => [floats([64, 1, 28, 28]), labels(64, 10)],
  },
  {
    name: "resnet18",
    title: "ResNet-18 on 64x64, batch 16",
    target: 1.2,
    steps: 2,
    classes: 10,
    model: () => modelOf(resnet18({ numClasses: 10 })),
    batch: () => [floats([16, 3, 64, 64]), labels(16, 10)],
  },
  {
    name: "transformer",
    title: "Transformer encoder, 2 layers, d 128, 64 tokens, batch 32",
    target: 1,
    steps: 3,
    classes: 10,
    model: () =>
      modelOf(
        sequential(
          embedding(1000, 128),
          transformerEncoder([0, 1].map(() => encoderLayer())),
          meanOverTokens,
          linear(128, 10),
        ),
      ),
    batch: () => [labels(32 * 64, 1000, [32, 64]), labels(32, 10)],
  },
];

/** The type of a tensor of the mini-batch. */
export function typeOf({ dtype, shape }: Tensor): TensorType {
  return { dtype, shape };
}

function encoderLayer(): Layer {
  return transformerEncoderLayer(128, 4, { dimFeedforward: 512, dropout: 0 });
}

function floats(shape: readonly number[]): Tensor {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormal(data, { seed: 1, stream: "inputs" });
  return tensor("float32", shape, data);
}

function labels(count: number, classes: number, shape: readonly number[] = [count]): Tensor {
  const values = new Float32Array(count);
  fillUniform(values, { seed: 2, stream: "labels" }, { low: 0, high: classes });
  return tensor("int32", shape, Int32Array.from(values, Math.floor));
}

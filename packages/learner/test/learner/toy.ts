import {
  conv2d,
  crossEntropy,
  flatten,
  linear,
  maxPool2d,
  relu,
  sequential,
  sgd,
} from "../../../engine/src/nn/index.js";
import { normal } from "../../../engine/src/random/index.js";
import type { DataLoaders } from "../../src/data/index.js";
import { arrayDataset, dataLoaders } from "../../src/data/index.js";
import type { LearnerOptions } from "../../src/learner/index.js";
import { accuracy, Learner } from "../../src/learner/index.js";

/** Images of 8 x 8 with noise around one of three bright corners, which a small CNN learns in a few steps. */
export function cornerLoaders(options: { count?: number; batchSize?: number } = {}): DataLoaders {
  const { count = 120, batchSize = 16 } = options;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Float32Array.from({ length: count * 64 }, (_, i) => {
    const row = Math.floor((i % 64) / 8);
    const column = i % 8;
    const corner = (row < 4 ? 0 : 2) + (column < 4 ? 0 : 1);
    return 0.5 * normal({ seed: 7, stream: "images" }, i) + (corner === labels[Math.floor(i / 64)] ? 1 : 0);
  });
  const dataset = arrayDataset({ images, shape: [1, 8, 8], labels, classes: ["a", "b", "c"] });
  return dataLoaders(dataset, { batchSize, seed: 3 });
}

/** A small CNN on the corners; single-threaded, as the machine's other cores do not matter for results. */
export function cornerLearner(options: Partial<LearnerOptions> = {}): Learner {
  return new Learner({
    dls: cornerLoaders(),
    model: sequential(
      ...[conv2d(1, 4, { padding: 1 }), relu(), maxPool2d(2)],
      ...[conv2d(4, 8, { padding: 1 }), relu(), maxPool2d(2)],
      ...[flatten(), linear(8 * 2 * 2, 3)],
    ),
    lossFunc: crossEntropy(),
    optFunc: sgd({ mom: 0.9 }),
    metrics: [accuracy],
    runtime: { threads: 1 },
    ...options,
  });
}

/** Every tensor's bits, so that two states are equal only when they are equal bit for bit. */
export function bitsOf(learner: Learner): Record<string, string> {
  const bits: Record<string, string> = {};
  for (const [name, { data }] of Object.entries(learner.state.tensors)) {
    bits[name] = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  }
  return bits;
}

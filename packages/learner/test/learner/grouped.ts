import type { Model } from "../../../engine/src/nn/index.js";
import {
  batchNorm2d,
  conv2d,
  crossEntropy,
  dropout,
  flatten,
  linear,
  maxPool2d,
  relu,
  sequential,
} from "../../../engine/src/nn/index.js";
import { normal } from "../../../engine/src/random/index.js";
import type { DataLoaders } from "../../src/data/index.js";
import { arrayDataset, dataLoaders } from "../../src/data/index.js";
import type { LearnerOptions } from "../../src/learner/index.js";
import { accuracy, Learner } from "../../src/learner/index.js";

/** Images of 6 x 6 of three classes: noise around a bright row, a bright column or nothing. */
export function stripeLoaders(
  options: { count?: number; batchSize?: number; shuffle?: boolean } = {},
): DataLoaders {
  const { count = 60, batchSize = 8, shuffle = true } = options;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Float32Array.from({ length: count * 36 }, (_, i) => {
    const row = Math.floor((i % 36) / 6);
    const column = i % 6;
    const label = labels[Math.floor(i / 36)];
    const bright = (label === 0 && row === 2) || (label === 1 && column === 2);
    return 0.3 * normal({ seed: 11, stream: "stripes" }, i) + (bright ? 1 : 0);
  });
  const dataset = arrayDataset({ images, shape: [1, 6, 6], labels, classes: ["row", "column", "none"] });
  return dataLoaders(dataset, { batchSize, seed: 5, shuffle });
}

/** Three groups: a stem with batch-norm, a hidden layer with dropout, a head. */
export function threeGroups(model: Model) {
  const names = model.parameters.map(({ name }) => name);
  const starting = (...prefixes: string[]) =>
    names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  return [
    { name: "stem", parameters: starting("0.", "1.") },
    { name: "hidden", parameters: starting("5.") },
    { name: "head", parameters: starting("8.") },
  ];
}

/** A learner with batch-norm, dropout and three parameter groups. */
export function groupedLearner(options: Partial<LearnerOptions> = {}): Learner {
  return new Learner({
    dls: stripeLoaders(),
    model: sequential(
      ...[conv2d(1, 4, { padding: 1 }), batchNorm2d(4), relu(), maxPool2d(2), flatten()],
      ...[linear(4 * 3 * 3, 16), relu(), dropout(0.25)],
      linear(16, 3),
    ),
    splitter: threeGroups,
    lossFunc: crossEntropy(),
    metrics: [accuracy],
    runtime: { threads: 1 },
    ...options,
  });
}

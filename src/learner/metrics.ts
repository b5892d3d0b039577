import type { Tensor } from "../onnx/index.js";

/** A measure of predictions, gathered mini-batch by mini-batch. */
export interface Metric {
  readonly name: string;
  /** Starts a new measurement. */
  start(): MetricTally;
}

/** One measurement in progress. */
export interface MetricTally {
  add(prediction: Tensor, targets: readonly Tensor[]): void;
  /** The measure over all that was added; NaN when nothing was. */
  value(): number;
}

/**
 * The part of items whose largest logit is the target's: prediction [N, classes], target int32 [N].
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });
 * ```
 */
export const accuracy: Metric = {
  name: "accuracy",
  start() {
    let right = 0;
    let count = 0;
    return {
      add({ shape, data }, targets) {
        const classes = shape[1]!;
        const labels = targets[0]!.data;
        for (let item = 0; item < shape[0]!; item++) {
          let best = 0;
          for (let k = 1; k < classes; k++) {
            if (data[item * classes + k]! > data[item * classes + best]!) best = k;
          }
          if (best === Number(labels[item])) right++;
          count++;
        }
      },
      value: () => right / count,
    };
  },
};

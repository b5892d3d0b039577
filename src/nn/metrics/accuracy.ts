import { checkArgument, integer } from "../../core/index.js";
import { predictedClasses } from "./classes.js";
import type { Metric } from "./metric.js";

/**
 * The part of items whose largest output is the target's: prediction [N, classes] (or one logit per item), target
 * class indices [N].
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });
 * ```
 */
export const accuracy: Metric = hits("accuracy", (right, count) => right / count);

/**
 * The part of items whose largest output is not the target's: 1 - accuracy.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [errorRate] });
 * ```
 */
export const errorRate: Metric = hits("errorRate", (right, count) => (count - right) / count);

/**
 * The part of items whose target is among the `k` largest outputs: prediction [N, classes], target class indices
 * [N]. Outputs equal to the target's count as smaller where they come later.
 *
 * @param k - A whole number from 1 up. Default: 5.
 * @throws {OptionError} when `k` is not.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [topKAccuracy(3)] });
 * ```
 *
 * Source: Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge (2015), section 4.1.
 */
export function topKAccuracy(k = 5): Metric {
  checkArgument("topKAccuracy", "k", k, integer({ min: 1 }));
  return {
    name: `top${k}Accuracy`,
    start() {
      let right = 0;
      let count = 0;
      return {
        add({ shape, data }, targets) {
          const classes = shape[1]!;
          const labels = targets[0]!.data;
          for (let item = 0; item < shape[0]!; item++) {
            const label = Number(labels[item]);
            const own = data[item * classes + label]!;
            let larger = 0;
            for (let other = 0; other < classes; other++) {
              const value = data[item * classes + other]!;
              if (value > own || (value === own && other < label)) larger++;
            }
            // NaN compares as neither larger nor equal, and must not pass for a hit.
            if (larger < k && !Number.isNaN(Number(own))) right++;
            count++;
          }
        },
        value: () => right / count,
      };
    },
  };
}

function hits(name: string, value: (right: number, count: number) => number): Metric {
  return {
    name,
    start() {
      let right = 0;
      let count = 0;
      return {
        add(prediction, targets) {
          const labels = targets[0]!.data;
          predictedClasses(prediction).forEach((predicted, item) => {
            if (predicted === Number(labels[item])) right++;
            count++;
          });
        },
        value: () => value(right, count),
      };
    },
  };
}

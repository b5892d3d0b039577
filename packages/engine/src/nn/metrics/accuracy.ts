import { checkArgument, integer } from "lrfind/core";
import { classOutputs } from "./class-outputs.js";
import type { Metric } from "./metric.js";

/**
 * The part of items whose largest output is the target's. NaN where an output that counts is NaN, or nothing counts.
 *
 * Prediction [N, classes] and target [N]; per position [N, classes, …] (or [N, …, classes], as the loss's `axis` says)
 * and [N, …]; or one logit per item, [N] or [N, 1], for classes 0 and 1. Targets are class indices, of any dtype; the
 * loss's `ignoreIndex` does not count. One-hot and multi-hot targets are refused: see `accuracyMulti`.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });
 * ```
 */
export const accuracy: Metric = hits("accuracy", "larger", (right, count) => right / count);

/**
 * The part of items whose largest output is not the target's: 1 - accuracy. Shapes and dtypes are those of `accuracy`.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [errorRate] });
 * ```
 */
export const errorRate: Metric = hits("errorRate", "smaller", (right, count) => (count - right) / count);

/**
 * The part of items whose target is among the `k` largest outputs. Outputs equal to the target's count as smaller where
 * they come later. Shapes and dtypes are those of `accuracy`; NaN where an output that counts is NaN.
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
  const name = `top${k}Accuracy`;
  return {
    name,
    better: "larger",
    start(labels) {
      let right = 0;
      let count = 0;
      return {
        add(prediction, targets) {
          const { classes, positions, value, label } = classOutputs(name, prediction, targets[0], labels);
          for (let position = 0; position < positions; position++) {
            const actual = label(position);
            if (actual === undefined) continue;
            const own = value(position, actual);
            let larger = 0;
            for (let other = 0; other < classes; other++) {
              const rival = value(position, other);
              if (Number.isNaN(rival)) right = Number.NaN;
              if (rival > own || (rival === own && other < actual)) larger++;
            }
            if (larger < k) right++;
            count++;
          }
        },
        value: () => right / count,
      };
    },
  };
}

function hits(
  name: string,
  better: "smaller" | "larger",
  measure: (right: number, count: number) => number,
): Metric {
  return {
    name,
    better,
    start(labels) {
      let right = 0;
      let count = 0;
      return {
        add(prediction, targets) {
          const { positions, label, largest } = classOutputs(name, prediction, targets[0], labels);
          for (let position = 0; position < positions; position++) {
            const actual = label(position);
            if (actual === undefined) continue;
            const predicted = largest(position);
            if (Number.isNaN(predicted)) right = Number.NaN;
            if (predicted === actual) right++;
            count++;
          }
        },
        value: () => measure(right, count),
      };
    },
  };
}

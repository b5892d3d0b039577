import { type Checks, checkOptions, integer, oneOf } from "lrfind/core";
import { TargetError } from "../losses/loss.js";
import { classOutputs } from "./class-outputs.js";
import type { Metric } from "./metric.js";

/** Which F1 score. */
export interface F1Options {
  /**
   * "binary": that of one class against all others. "macro": the mean over all classes that occur as a target or
   * a prediction, each counted alike.
   * @default "binary"
   */
  readonly average?: "binary" | "macro";
  /**
   * Index of the class for "binary".
   * @default 1
   */
  readonly positive?: number;
}

const OPTIONS: Checks<F1Options> = { average: oneOf("binary", "macro"), positive: integer({ min: 0 }) };

/**
 * The harmonic mean of precision and recall: `2 TP / (2 TP + FP + FN)`; 0 for a class that is never predicted
 * right, and where it never occurs.
 *
 * Shapes and dtypes are those of `accuracy`. NaN where an output that counts is NaN, or nothing counts. The metric is
 * named by its options: "f1Score", "f1Score macro", "f1Score of 2".
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [f1Score({ average: "macro" })] });
 * ```
 *
 * Source: van Rijsbergen, Information Retrieval (1979), chapter 7; the conventions for absent classes are
 * scikit-learn's.
 */
export function f1Score(options: F1Options = {}): Metric {
  checkOptions("f1Score", options, OPTIONS);
  const { average = "binary", positive = 1 } = options;
  const name = average === "macro" ? "f1Score macro" : positive === 1 ? "f1Score" : `f1Score of ${positive}`;
  return {
    name,
    better: "larger",
    start(labels) {
      let isBroken = false;
      const counts = new Map<number, { right: number; predicted: number; actual: number }>();
      const countsOf = (label: number) => {
        const known = counts.get(label) ?? { right: 0, predicted: 0, actual: 0 };
        counts.set(label, known);
        return known;
      };
      const score = (label: number) => {
        const { right, predicted, actual } = countsOf(label);
        return predicted + actual === 0 ? 0 : (2 * right) / (predicted + actual);
      };
      return {
        add(prediction, targets) {
          const { classes, positions, label, largest } = classOutputs(name, prediction, targets[0], labels);
          if (average === "binary" && positive >= classes) {
            throw new TargetError({
              where: name,
              expected: `positive to be one of ${classes} classes`,
              got: String(positive),
              hint: 'f1Score({ average: "macro" })',
            });
          }
          for (let position = 0; position < positions; position++) {
            const actual = label(position);
            if (actual === undefined) continue;
            const predicted = largest(position);
            if (Number.isNaN(predicted)) isBroken = true;
            countsOf(predicted).predicted++;
            countsOf(actual).actual++;
            if (predicted === actual) countsOf(actual).right++;
          }
        },
        value() {
          if (isBroken || counts.size === 0) return Number.NaN;
          if (average === "binary") return score(positive);
          const seen = [...counts.keys()];
          return seen.reduce((sum, label) => sum + score(label), 0) / seen.length;
        },
      };
    },
  };
}

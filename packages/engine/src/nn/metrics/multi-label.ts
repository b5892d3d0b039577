import { type Checks, checkOptions, number, oneOf } from "lrfind/core";
import type { Tensor } from "../../onnx/index.js";
import { describeTensor } from "../../onnx/index.js";
import { type LabelOptions, placeOf, TargetError } from "../losses/loss.js";
import { essential } from "./class-outputs.js";
import type { Metric } from "./metric.js";

/** Options of `accuracyMulti`. */
export interface AccuracyMultiOptions {
  /**
   * The probability above which a label is predicted, in (0, 1).
   * @default 0.5
   */
  readonly threshold?: number;
}

/** Options of `f1ScoreMulti`. */
export interface F1MultiOptions extends AccuracyMultiOptions {
  /**
   * "macro": the mean over labels of each one's score. "micro": the score of all labels' decisions together.
   * @default "macro"
   */
  readonly average?: "macro" | "micro";
}

const THRESHOLD = { threshold: number({ above: 0, below: 1 }) };
const OPTIONS: Checks<AccuracyMultiOptions> = THRESHOLD;
const F1_OPTIONS: Checks<F1MultiOptions> = { ...THRESHOLD, average: oneOf("macro", "micro") };

/**
 * The part of decisions that are right where each item may have several labels: a label is predicted where the sigmoid
 * of its logit is above the threshold. NaN where a logit is NaN, or there is nothing.
 *
 * Prediction: logits (probabilities, where the model ends in a Sigmoid that its loss takes) [N, labels] or [N, labels, …];
 * target: 0 or 1, of any dtype, in the same shape but for dimensions of
 * size 1.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: bceWithLogits(), metrics: [accuracyMulti()] });
 * ```
 *
 * Source: fastai's `accuracy_multi`; 1 minus scikit-learn's `hamming_loss`.
 */
export function accuracyMulti(options: AccuracyMultiOptions = {}): Metric {
  checkOptions("accuracyMulti", options, OPTIONS);
  const { threshold = 0.5 } = options;
  const name = named("accuracyMulti", threshold);
  return {
    name,
    better: "larger",
    start({ outputs }: LabelOptions = {}) {
      let right = 0;
      let count = 0;
      return {
        add(prediction, targets) {
          forEachDecision(name, prediction, targets[0], { threshold, outputs }, (predicted, actual) => {
            if (Number.isNaN(predicted)) right = Number.NaN;
            if (predicted === actual) right++;
            count++;
          });
        },
        value: () => right / count,
      };
    },
  };
}

/**
 * The F1 score, `2 TP / (2 TP + FP + FN)`, where each item may have several labels; 0 for a label that is neither
 * predicted nor there. Prediction, target and threshold are as for `accuracyMulti`; NaN where a logit is NaN.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: bceWithLogits(), metrics: [f1ScoreMulti({ average: "micro" })] });
 * ```
 *
 * Source: as `f1Score`; scikit-learn's `f1_score` of label indicators.
 */
export function f1ScoreMulti(options: F1MultiOptions = {}): Metric {
  checkOptions("f1ScoreMulti", options, F1_OPTIONS);
  const { threshold = 0.5, average = "macro" } = options;
  const name = named(average === "macro" ? "f1ScoreMulti" : `f1ScoreMulti ${average}`, threshold);
  return {
    name,
    better: "larger",
    start({ outputs }: LabelOptions = {}) {
      const counts: { hits: number; sum: number }[] = [];
      return {
        add(prediction, targets) {
          forEachDecision(
            name,
            prediction,
            targets[0],
            { threshold, outputs },
            (predicted, actual, label) => {
              counts[label] ??= { hits: 0, sum: 0 };
              counts[label].hits += predicted * actual;
              counts[label].sum += predicted + actual;
            },
          );
        },
        value() {
          if (average === "macro") return counts.reduce((sum, count) => sum + f1(count), 0) / counts.length;
          if (counts.length === 0) return Number.NaN;
          const hits = counts.reduce((sum, count) => sum + count.hits, 0);
          return f1({ hits, sum: counts.reduce((total, { sum }) => total + sum, 0) });
        },
      };
    },
  };
}

function f1({ hits, sum }: { readonly hits: number; readonly sum: number }): number {
  return sum === 0 ? 0 : (2 * hits) / sum;
}

function named(name: string, threshold: number): string {
  return threshold === 0.5 ? name : `${name} at ${threshold}`;
}

/** Goes through all labels of all items: 1 or 0 (NaN for a NaN logit), 1 or 0, and the label's index. */
function forEachDecision(
  where: string,
  prediction: Tensor,
  target: Tensor | undefined,
  { threshold, outputs }: { readonly threshold: number } & Pick<LabelOptions, "outputs">,
  visit: (predicted: number, actual: number, label: number) => void,
): void {
  const { shape, data } = prediction;
  if (!target || String(essential(shape)) !== String(essential(target.shape))) {
    const got = target ? describeTensor(target) : "none";
    throw new TargetError({
      where,
      expected: `targets of the prediction's shape [${shape.join(", ")}]`,
      got,
      hint: "accuracy and f1Score() for class indices",
    });
  }
  const cut = outputs === "probabilities" ? threshold : Math.log(threshold / (1 - threshold));
  const labels = shape[1] ?? 1;
  const inner = shape.slice(2).reduce((a, b) => a * b, 1);
  for (let i = 0; i < data.length; i++) {
    const actual = Number(target.data[i]);
    if (actual !== 0 && actual !== 1) {
      throw new TargetError({
        where,
        expected: "targets of 0 or 1",
        got: `${actual} at ${placeOf(i, target.shape)} of the mini-batch`,
      });
    }
    const logit = Number(data[i]);
    const predicted = Number.isNaN(logit) ? Number.NaN : logit > cut ? 1 : 0;
    visit(predicted, actual, Math.floor(i / inner) % labels);
  }
}

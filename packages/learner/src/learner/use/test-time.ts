import type { EndingKind, LossFunc, Tensor } from "@lrfind/engine";
import { integer, number } from "lrfind/core";
import type { DataLoader } from "../../data/index.js";
import { checkLearnerOptions } from "../checks.js";
import type { StateTensors } from "../state.js";
import { meaningOf, type OutputMeaning, probabilitiesOf } from "./decode-output.js";
import type { Evaluator } from "./evaluator.js";
import { type Predictions, predictAll } from "./predictions.js";
import { EVALUATION_OPTIONS, type EvaluationOptions } from "./validate.js";

/** How predictions are averaged over augmented items. */
export interface TtaOptions extends EvaluationOptions {
  /**
   * How often each item is augmented; from 1 up.
   * @default 4
   */
  readonly n?: number;
  /**
   * The part of the prediction without augmentation, in [0, 1].
   * @default 0.25
   */
  readonly beta?: number;
}

/** Checks how to average. @throws {LearnerError} */
export function checkTta(options: unknown): void {
  checkLearnerOptions<TtaOptions>("tta", options, {
    ...EVALUATION_OPTIONS,
    n: integer({ min: 1 }),
    beta: number({ min: 0, max: 1 }),
  });
}

/**
 * The mean of predictions for `n` augmentations of each item, moved by `beta` towards the one without:
 * `p = (1 − β) Σ pₖ / n + β p₀`; of probabilities, where the outputs stand for classes or labels.
 *
 * @param loader - In order, not augmented.
 */
export async function testTimeAugmented(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  options: Pick<TtaOptions, "n" | "beta" | "signal"> & {
    readonly lossFunc: LossFunc;
    readonly vocab: readonly string[] | undefined;
  },
): Promise<Predictions> {
  const { n = 4, beta = 0.25, signal, lossFunc, vocab } = options;
  const { ending, ...plain } = await predictAll(loader, evaluator, tensors, { signal });
  const meaning = meaningOf(plain.predictions.shape.slice(1), { lossFunc, ending, vocab });
  const mean = scaled(plain.predictions, meaning, beta);
  const augmenting = loader.with({ training: true });
  for (let epoch = 0; epoch < n; epoch++) {
    const { predictions } = await predictAll(augmenting, evaluator, tensors, { signal, epoch });
    const part = scaled(predictions, meaning, (1 - beta) / n);
    for (let i = 0; i < mean.length; i++) mean[i]! += part[i]!;
  }
  const made = endingOf(meaning) ?? ending;
  const predictions = { ...plain.predictions, dtype: "float32", data: Float32Array.from(mean) } as Tensor;
  return { ...plain, predictions, ...(made === undefined ? {} : { ending: made }) };
}

/** Outputs, as probabilities where they stand for some, times a number. */
function scaled({ shape, data }: Tensor, { activation }: OutputMeaning, factor: number): Float64Array {
  const size = data.length / shape[0]!;
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += size) {
    const values = Array.from(data.slice(start, start + size) as ArrayLike<number>, Number);
    for (const [i, value] of probabilitiesOf(values, activation).entries())
      result[start + i] = factor * value;
  }
  return result;
}

/** How outputs that have become probabilities say so. */
function endingOf({ activation }: OutputMeaning): EndingKind | undefined {
  if (activation === "none") return undefined;
  return activation === "sigmoid" ? "sigmoid" : "softmax";
}

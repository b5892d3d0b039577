import type { EndingKind, LossFunc, Tensor } from "@lrfind/engine";
import { checkOptions, number } from "lrfind/core";

/** What a model makes of one item. */
export interface Prediction {
  /** The model's output, without the batch dimension. */
  readonly output: Tensor;
  /**
   * For classes: the probability of each, which add up to 1 (of a single output: of class 0 and class 1). For labels of
   * which any number may hold, as `bceWithLogits` learns them: the probability of each on its own.
   */
  readonly probabilities?: readonly number[];
  /** For classes: index of the likeliest; absent where an output is NaN. */
  readonly index?: number;
  /** For classes: name of the likeliest. */
  readonly label?: string;
  /** For labels: indices of those whose probability exceeds the threshold. */
  readonly indices?: readonly number[];
  /** For labels: their names. */
  readonly labels?: readonly string[];
  /** For numbers: the output, in the order of the targets. */
  readonly numbers?: readonly number[];
}

/** How to predict. */
export interface PredictOptions {
  /**
   * For labels: one holds where its probability exceeds this, in [0, 1].
   * @default 0.5
   */
  readonly threshold?: number;
}

/** The threshold that `predict` is told. @throws {OptionError} when an option cannot be used. */
export function thresholdOf(where: string, options: PredictOptions): number {
  checkOptions<PredictOptions>(where, options, { threshold: number({ min: 0, max: 1 }) });
  return options.threshold ?? 0.5;
}

/** How to read a model's output for one item: plain data, saved with an exported model. */
export interface OutputMeaning {
  /** "class": one of several; "labels": any number of them; "numbers": neither. */
  readonly kind: "class" | "labels" | "numbers";
  /** What is still to be done to an output to make probabilities of it; what the model ends in is done already. */
  readonly activation: "softmax" | "sigmoid" | "exp" | "none";
}

/**
 * What a model's outputs stand for, by the loss it was trained with, the way it ends, and the classes of the data.
 *
 * @param shape - Of the output for one item, without the batch dimension.
 */
export function meaningOf(
  shape: readonly number[],
  parts: {
    readonly lossFunc: LossFunc;
    readonly ending: EndingKind | undefined;
    readonly vocab: readonly string[] | undefined;
  },
): OutputMeaning {
  const { lossFunc, ending, vocab } = parts;
  const count = shape.reduce((a, b) => a * b, 1);
  const isRow = shape.filter((dim) => dim !== 1).length <= 1;
  const isBinary = vocab?.length === 2 && count === 1;
  const isNamed = vocab?.length === count || isBinary;
  const family = ending ?? lossFunc.activation?.kind ?? (isNamed ? "softmax" : undefined);
  const isKnown = vocab ? isNamed : lossFunc.activation !== undefined && isRow;
  if (!isKnown || family === undefined) return { kind: "numbers", activation: "none" };
  const kind = family === "sigmoid" && !isBinary ? "labels" : "class";
  if (ending !== undefined) return { kind, activation: ending === "logSoftmax" ? "exp" : "none" };
  // The softmax of a single logit beside 0 is its sigmoid.
  return { kind, activation: isBinary ? "sigmoid" : (family as "softmax" | "sigmoid") };
}

/**
 * What the output for one item says.
 *
 * @param output - Without the batch dimension.
 * @param threshold - A label holds where its probability exceeds this.
 */
export function decodeOutput(
  output: Tensor,
  { kind, activation }: OutputMeaning,
  options: { readonly vocab: readonly string[] | undefined; readonly threshold: number },
): Prediction {
  const { vocab, threshold } = options;
  const values = Array.from(output.data as ArrayLike<number | bigint>, Number);
  if (kind === "numbers") return { output, ...(output.shape.length <= 1 ? { numbers: values } : {}) };
  const each = probabilitiesOf(values, activation);
  if (kind === "labels") {
    const indices = each.flatMap((probability, i) => (probability > threshold ? [i] : []));
    const labels = vocab && indices.map((i) => vocab[i]!);
    return { output, probabilities: each, indices, ...(labels ? { labels } : {}) };
  }
  const probabilities = each.length === 1 && vocab?.length === 2 ? [1 - each[0]!, each[0]!] : each;
  const index = probabilities.indexOf(Math.max(...probabilities));
  // An output that is NaN says no class.
  if (index < 0) return { output, probabilities };
  const label = vocab?.[index];
  return { output, probabilities, index, ...(label === undefined ? {} : { label }) };
}

/** What an item's outputs are after an activation. */
export function probabilitiesOf(
  values: readonly number[],
  activation: OutputMeaning["activation"],
): number[] {
  switch (activation) {
    case "none":
      return [...values];
    case "exp":
      return values.map(Math.exp);
    case "sigmoid":
      return values.map((value) => 1 / (1 + Math.exp(-value)));
    case "softmax": {
      const largest = Math.max(...values);
      const weights = values.map((value) => Math.exp(value - largest));
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight) => weight / total);
    }
  }
}

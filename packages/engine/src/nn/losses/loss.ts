import { LrfindError } from "lrfind/core";
import type { GraphBuilder, Tensor, Value } from "../../onnx/index.js";

/**
 * What a loss takes a prediction for: logits, of which softmax over `axis` or a sigmoid makes probabilities.
 */
export type OutputActivation =
  | { readonly kind: "softmax"; readonly axis: 1 | -1 }
  | { readonly kind: "sigmoid" };

/**
 * The loss of a mini-batch as a quotient: its mean is `sum / weight`, and the mean over several mini-batches is the sum
 * of their sums over the sum of their weights, whatever their sizes.
 */
export interface LossParts {
  /** A float32 scalar, which gradients run through. */
  readonly sum: Value;
  /** From 0 up: a number, or a float32 scalar where it hangs on the targets. No gradient runs through it. */
  readonly weight: Value | number;
}

/** Adds the loss of a mini-batch to a graph. */
export interface BuildLoss {
  /**
   * @param g - The graph.
   * @param prediction - The model's output, [N, …].
   * @param targets - What the mini-batch says it should have been.
   * @returns The mean, a float32 scalar.
   */
  (g: GraphBuilder, prediction: Value, targets: readonly Value[]): Value;
  /**
   * The same as a quotient. Default: the mean is taken to be over the N items, whose weight is then N; a loss whose
   * mean is over something else (elements, tokens that count, weights of classes) is to say so, as `weightedLoss` does.
   */
  readonly parts?: (g: GraphBuilder, prediction: Value, targets: readonly Value[]) => LossParts;
}

/**
 * A loss: adds to a graph the scalar that training makes small.
 *
 * All means over several mini-batches (validation, an epoch's training loss, accumulated gradients) are a sum over a
 * sum. A mini-batch of weight 0, whose labels are all ignored, contributes nothing to them; a step of nothing but such
 * mini-batches is not made. (PyTorch's mean over nothing is NaN, and so are the weights after it.)
 *
 * @example
 * ```ts
 * const logCosh: LossFunc = {
 *   name: "logCosh",
 *   build(g, prediction, [target]) {
 *     const d = g.sub(prediction, target!);
 *     return g.reduceMean(g.log(g.mul(g.add(g.exp(d), g.exp(g.neg(d))), 0.5)));
 *   },
 * };
 * ```
 */
export interface LossFunc {
  readonly name: string;
  /**
   * For a loss that takes logits: what makes probabilities of them. A model that ends in this itself is trained on what
   * comes before. Absent: the loss takes the model's output as it is.
   */
  readonly activation?: OutputActivation;
  /** Adds the loss of a mini-batch: its mean and, as `build.parts`, its sum and weight. */
  readonly build: BuildLoss;
  /** What the targets are, where they are class indices: metrics count them alike. */
  readonly labels?: LabelOptions;
  /**
   * Checks targets before they are used.
   *
   * @throws {TargetError} when one is out of range.
   */
  check?(prediction: { readonly shape: readonly number[] }, targets: readonly Tensor[]): void;
}

/** How targets are read as class indices. */
export interface LabelOptions {
  /** A label that does not count. Default: none. */
  readonly ignoreIndex?: number | undefined;
  /** The dimension of the prediction's classes. Default: 1, or the last where only that fits. */
  readonly axis?: 1 | -1 | undefined;
  /**
   * What outputs of 0 or 1 for an item are: logits, or probabilities, as a model that ends in a Sigmoid gives them to a
   * loss such as `mse`. Default: logits.
   */
  readonly outputs?: "logits" | "probabilities" | undefined;
}

/** Targets that the loss cannot take, such as a class index out of range. */
export class TargetError extends LrfindError {
  override readonly name = "TargetError";
}

/** The place of a flat index in a tensor, as an error message says it: "item 3", or "item 3, position [0, 2]". */
export function placeOf(index: number, shape: readonly number[]): string {
  const rest = shape.slice(1);
  const place: number[] = [];
  let remainder = index;
  for (let d = rest.length - 1; d >= 0; d--) {
    place.unshift(remainder % rest[d]!);
    remainder = Math.floor(remainder / rest[d]!);
  }
  const item = `item ${remainder}`;
  return rest.length > 0 ? `${item}, position [${place.join(", ")}]` : item;
}

import type { Tensor } from "../../onnx/index.js";
import { describeTensor, sizeOf } from "../../onnx/index.js";
import type { LabelOptions } from "../losses/loss.js";
import { placeOf, TargetError } from "../losses/loss.js";

/** Outputs for classes and the class that each should have been, position by position. */
export interface ClassOutputs {
  /** Classes; two for a single logit, whose classes 0 and 1 have the logits 0 and x. */
  readonly classes: number;
  /** Items, times positions of an item. */
  readonly positions: number;
  /** The output for a class. */
  value(position: number, k: number): number;
  /** The class it should have been; undefined where that does not count. */
  label(position: number): number | undefined;
  /** The class of the largest output, the first of equal ones; NaN where an output is NaN. */
  largest(position: number): number;
}

/** Where a prediction's classes lie: output (position, k) is at `(outer * classes + k) * inner + position % inner`. */
interface Layout {
  readonly classes: number;
  readonly inner: number;
  /** One logit per position, for two classes. */
  readonly isLogit: boolean;
}

/**
 * Reads a prediction beside its target as classes.
 *
 * - Prediction [N, classes] with target [N]; [N, classes, …] with [N, …]; [N, …, classes] with [N, …], where `axis`
 *   says so or only that fits.
 * - One logit per position, where prediction and target have one shape but for dimensions of size 1, such as [N] or
 *   [N, 1]; or, as `outputs` says, one probability. Where the loss is over classes (`axis` is given), it is the output
 *   of the only class.
 *
 * Targets are class indices of any dtype.
 *
 * @param where - The metric, for errors.
 * @throws {TargetError} when the shapes do not fit, or a target is no class: a fraction, one-hot, out of range.
 */
export function classOutputs(
  where: string,
  prediction: Tensor,
  target: Tensor | undefined,
  { ignoreIndex, axis, outputs }: LabelOptions = {},
): ClassOutputs {
  if (!target) throw new TargetError({ where, expected: "a target", got: "none" });
  const { classes, inner, isLogit } = layoutOf(where, prediction, target, axis);
  const positions = target.data.length;
  const { data } = prediction;
  const stored = isLogit ? 1 : classes;
  // A probability exceeds one half where its logit exceeds 0.
  const zero = isLogit && outputs === "probabilities" ? 0.5 : 0;
  const value = (position: number, k: number) => {
    if (isLogit && k === 0) return 0;
    const at = Math.floor(position / inner) * stored + (isLogit ? 0 : k);
    return Number(data[at * inner + (position % inner)]) - zero;
  };
  return {
    classes,
    positions,
    value,
    label(position) {
      const label = Number(target.data[position]);
      if (label === ignoreIndex) return undefined;
      if (Number.isInteger(label) && label >= 0 && label < classes) return label;
      const place = placeOf(position, target.shape);
      throw new TargetError({
        where,
        expected: `class indices in [0, ${classes})`,
        got: `${label} at ${place} of the mini-batch`,
        hint: "targets that are class indices",
      });
    },
    largest: (position) => largestOf(classes, (k) => value(position, k)),
  };
}

/** The index of the largest value, the first of equal ones; NaN where one is NaN. */
export function largestOf(count: number, value: (k: number) => number): number {
  let best = 0;
  let most = value(0);
  for (let k = 1; k < count; k++) {
    const other = value(k);
    if (Number.isNaN(other)) return Number.NaN;
    if (other > most) {
      best = k;
      most = other;
    }
  }
  return Number.isNaN(most) ? Number.NaN : best;
}

function layoutOf(where: string, prediction: Tensor, target: Tensor, axis: 1 | -1 | undefined): Layout {
  const { shape } = prediction;
  const rank = shape.length;
  const fits = (at: number) => rank > 1 && equal(essential(shape.toSpliced(at, 1)), essential(target.shape));
  const at = (axis === undefined ? [1, rank - 1] : [axis === -1 ? rank - 1 : 1]).find(fits);
  if (at !== undefined) {
    const isLogit = shape[at] === 1 && axis === undefined;
    return { classes: isLogit ? 2 : shape[at]!, inner: sizeOf(shape.slice(at + 1)), isLogit };
  }
  if (rank <= 1 && equal(essential(shape), essential(target.shape))) {
    return { classes: 2, inner: 1, isLogit: true };
  }
  const isSame = equal(essential(shape), essential(target.shape));
  const expected = rank > 1 ? shape.toSpliced(axis === -1 ? rank - 1 : 1, 1) : shape;
  throw new TargetError({
    where,
    expected: `class indices [${expected.join(", ")}] for a prediction [${shape.join(", ")}]`,
    got: describeTensor(target),
    hint: `${
      isSame
        ? "class indices in place of one-hot targets, or accuracyMulti() and f1ScoreMulti() for several labels per item"
        : "targets of the prediction's shape without its classes"
    }`,
  });
}

/** A shape without its dimensions of size 1, but for the first, which counts the items. */
export function essential(shape: readonly number[]): readonly number[] {
  return shape.filter((dim, d) => d === 0 || dim !== 1);
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, d) => dim === b[d]);
}

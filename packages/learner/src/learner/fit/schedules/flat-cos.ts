import type { Checks } from "lrfind/core";
import { checkLearnerOptions, divisor, share } from "../../checks.js";
import { checkValue } from "./check-value.js";
import { upAndDown } from "./one-cycle.js";
import type { Schedule } from "./schedule.js";

/** When a flat schedule falls, and how far. */
export interface FlatCosOptions {
  /**
   * The last rate is the first divided by this.
   * @default 1e5
   */
  readonly divFinal?: number;
  /**
   * The part of the fit during which the rate stays as it is, in [0, 1].
   * @default 0.75
   */
  readonly pctStart?: number;
}

/** The checks of a flat schedule's options. */
export const FLAT_COS: Checks<FlatCosOptions> = { divFinal: divisor, pctStart: share };

/**
 * A constant rate that falls by half a cosine at the end: `lr`, then from `lr` to `lr / divFinal`.
 *
 * @param lr - The rate.
 * @throws {LearnerError} when it is no finite number.
 *
 * @example
 * ```ts
 * const lr = flatCos(0.1);
 * [lr(0), lr(0.75), lr(1)]; // [0.1, 0.1, 0.000001]
 * ```
 *
 * Source: fastai's `fit_flat_cos`.
 */
export function flatCos(lr: number, options: FlatCosOptions = {}): Schedule {
  checkValue("flatCos", "lr", lr);
  checkLearnerOptions("flatCos", options, FLAT_COS);
  const { divFinal = 1e5, pctStart = 0.75 } = options;
  return upAndDown(pctStart, [lr, lr, lr / divFinal]);
}

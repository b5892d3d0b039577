import type { Checks } from "lrfind/core";
import { check, checkLearnerOptions, divisor, momenta, share } from "../../checks.js";
import { checkValue } from "./check-value.js";
import { combineSchedules } from "./combine.js";
import { cosineSchedule } from "./cosine.js";
import type { Schedule } from "./schedule.js";

/** How a one-cycle schedule rises and falls. */
export interface OneCycleOptions {
  /**
   * The first rate is the largest divided by this.
   * @default 25
   */
  readonly div?: number;
  /**
   * The last rate is the largest divided by this.
   * @default 1e5
   */
  readonly divFinal?: number;
  /**
   * The part of the fit during which the rate rises, in [0, 1].
   * @default 0.25
   */
  readonly pctStart?: number;
}

/** The checks of a one-cycle schedule's options. */
export const ONE_CYCLE: Checks<OneCycleOptions> = { div: divisor, divFinal: divisor, pctStart: share };

/**
 * The learning rate of the one-cycle policy: half a cosine up from `lrMax / div` to `lrMax`, then half a cosine
 * down to `lrMax / divFinal`.
 *
 * @param lrMax - The largest rate.
 * @throws {LearnerError} when it is no finite number.
 *
 * @example
 * ```ts
 * const lr = oneCycle(0.1);
 * [lr(0), lr(0.25), lr(1)]; // [0.004, 0.1, 0.000001]
 * ```
 *
 * Source: Smith, A disciplined approach to neural network hyper-parameters (2018); the form of the two halves is
 * fastai's `fit_one_cycle`.
 */
export function oneCycle(lrMax: number, options: OneCycleOptions = {}): Schedule {
  checkValue("oneCycle", "lrMax", lrMax);
  checkLearnerOptions("oneCycle", options, ONE_CYCLE);
  const { div = 25, divFinal = 1e5, pctStart = 0.25 } = options;
  return upAndDown(pctStart, [lrMax / div, lrMax, lrMax / divFinal]);
}

/**
 * The momentum of the one-cycle policy, which falls while the rate rises: half a cosine from the first to the
 * second value, then one to the third.
 *
 * @param moms - Momentum at the start, at the largest rate, and at the end. Default: [0.95, 0.85, 0.95].
 * @param pctStart - As the rate's. Default: 0.25.
 *
 * @example
 * ```ts
 * oneCycleMomentum()(0.25); // 0.85
 * ```
 *
 * Source: as `oneCycle`.
 */
export function oneCycleMomentum(moms: Momenta = DEFAULT_MOMENTA, pctStart = 0.25): Schedule {
  check("oneCycleMomentum", "moms", moms, momenta);
  check("oneCycleMomentum", "pctStart", pctStart, share);
  return upAndDown(pctStart, moms);
}

/** Momentum at the start, at the largest learning rate, and at the end. */
export type Momenta = readonly [start: number, middle: number, end: number];

/** fastai's. */
export const DEFAULT_MOMENTA: Momenta = [0.95, 0.85, 0.95];

/** Half a cosine from the first to the second value, then one to the third. */
export function upAndDown(pct: number, [start, middle, end]: Momenta): Schedule {
  return combineSchedules([
    { pct, schedule: cosineSchedule(start, middle) },
    { pct: 1 - pct, schedule: cosineSchedule(middle, end) },
  ]);
}

import { type Checks, integer, number, oneOf, required } from "../../core/index.js";
import { check, checkFinderOptions } from "../checks.js";

/** How the rates between `startLr` and `endLr` are spaced: by equal ratios, or by equal differences. */
export type Sweep = "exponential" | "linear";

/**
 * The learning rate of one step of a sweep.
 *
 * `exponential: lr(i) = start · (end / start)^(i / numIt)`, `linear: lr(i) = start + (end − start) · i / numIt`,
 * for i = 0 … numIt − 1. The end itself is never reached: that is fastai's schedule, where it would be the
 * rate of the step after the last.
 *
 * @param sweep - The spacing.
 * @param bounds - First rate, bounding rate, and the number of steps between them.
 * @param step - 0-based index of the step.
 * @returns The rate of that step.
 *
 * @example
 * ```ts
 * sweepLr("exponential", { start: 1e-7, end: 10, numIt: 100 }, 50); // 1e-3
 * ```
 *
 * Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017, arXiv 1506.01186),
 * §3.3, sweeps linearly; the exponential sweep is fastai's `SchedExp`.
 */
export function sweepLr(
  sweep: Sweep,
  bounds: { readonly start: number; readonly end: number; readonly numIt: number },
  step: number,
): number {
  check("sweepLr", "sweep", sweep, oneOf("exponential", "linear"));
  checkFinderOptions("sweepLr", bounds, BOUNDS);
  check("sweepLr", "step", step, number({ min: 0 }));
  return rateAt(sweep, bounds, step / bounds.numIt);
}

interface SweepBounds {
  readonly start: number;
  readonly end: number;
  readonly numIt: number;
}

const RATE = required(number({ above: 0 }));
const BOUNDS: Checks<SweepBounds> = { start: RATE, end: RATE, numIt: required(integer({ min: 1 })) };

/** The rate of a sweep that has come from 0 (`start`) to `done` of 1 (`end`). */
export function rateAt(
  sweep: Sweep,
  { start, end }: { readonly start: number; readonly end: number },
  done: number,
): number {
  return sweep === "linear" ? start + (end - start) * done : start * (end / start) ** done;
}

/** How far a sweep had come, from 0 (`start`) to 1 (`end`), when it reached the rate `lr`. */
export function sweepProgress(
  sweep: Sweep,
  bounds: { readonly start: number; readonly end: number },
  lr: number,
): number {
  const { start, end } = bounds;
  return sweep === "linear" ? (lr - start) / (end - start) : Math.log(lr / start) / Math.log(end / start);
}

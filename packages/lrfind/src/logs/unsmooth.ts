import { arrayOf, type Check, checkArgument, oneOf } from "../core/index.js";

/** The finders whose smoothing is known. */
export const SMOOTHINGS = ["lightning", "fastai", "torch-lr-finder"] as const;

/** A finder whose log holds smoothed losses. */
export type Smoothing = (typeof SMOOTHINGS)[number];

/** What each finder does, in words. */
export const SMOOTHING_NAMES: Readonly<Record<Smoothing, string>> = {
  lightning: "Lightning's smoothing (a moving average with 0.98, its bias corrected by one step too many)",
  fastai: "fastai's smoothing (a moving average with 0.98)",
  "torch-lr-finder": "torch-lr-finder's smoothing (0.05 of each loss, 0.95 of what was before)",
};

const NUMBERS: Check = arrayOf({ expected: "a number", accepts: (value) => typeof value === "number" });

/**
 * The raw losses behind a finder's smoothed ones.
 *
 * - Lightning: `v ← 0.98 v + 0.02 x; s_i = v / (1 − 0.98^(i + 2))`
 * - fastai: the same with the exponent `i + 1`
 * - torch-lr-finder: `s_0 = x_0; s_i = 0.05 x_i + 0.95 s_(i − 1)`
 *
 * with i from 0. What is not finite stays what it is, and so does all that such a loss was averaged into.
 *
 * @param smoothed - The losses as they were stored, from the first step on, none left out.
 * @param by - Whose smoothing it is.
 * @throws {OptionError} for something other than numbers, or a finder that is not known.
 * @returns As many raw losses: to some 1e-13 of the losses' size, which is what dividing by 0.02 leaves of a double.
 *
 * @example
 * ```ts
 * unsmooth([2, 1.95], "torch-lr-finder"); // [2, 1]: to the last digits
 * ```
 *
 * Source: `_LRCallback` in Lightning's `lr_finder.py`; `AvgSmoothLoss` in fastai's `learner.py`; `LRFinder.range_test`
 * in torch-lr-finder's `lr_finder.py`.
 */
export function unsmooth(smoothed: readonly number[], by: Smoothing): number[] {
  checkArgument("unsmooth", "smoothed", smoothed, NUMBERS);
  checkArgument("unsmooth", "by", by, oneOf(...SMOOTHINGS));
  if (by === "torch-lr-finder") {
    return smoothed.map((value, i) => (i === 0 ? value : (value - 0.95 * smoothed[i - 1]!) / 0.05));
  }
  const beta = 0.98;
  const ahead = by === "lightning" ? 2 : 1;
  const averages = smoothed.map((value, i) => value * (1 - beta ** (i + ahead)));
  return averages.map((value, i) => (value - beta * (averages[i - 1] ?? 0)) / (1 - beta));
}

import { LrFindOptionError } from "../../errors.js";
import type { Suggestion } from "../suggestion.js";
import { CONSTANT_REASON, isConstant } from "./constant.js";
import { scaledRate } from "./scaled-rate.js";
import { suggester } from "./suggester.js";

/** Options of `slide`. */
export interface SlideOptions {
  /** Width of the sliding interval, in points; an integer, at least 1. @default 15 */
  readonly lrDiff: number;
  /** How much the loss's gradient may differ across it, in units of loss per step; at least 0. @default 0.005 */
  readonly thresh: number;
  /** Factor on the rate that is found; above 0. @default 1 */
  readonly adjustValue: number;
}

/**
 * Slides an interval down from the large rates while the loss's gradient differs across it, and stops on the
 * even slope before the blow-up.
 *
 * With g the gradient of L by index (central differences, one-sided at the ends), r = n − 1 and
 * l = r − lrDiff: while `l ≥ 0` and `|g[r] − g[l]| > thresh`, remember x[l] and move both down by one. The rate
 * is the last remembered (x[n − 1 − lrDiff], if none) times adjustValue; the point's loss is interpolated
 * over log x.
 *
 * `thresh` is absolute, so that unlike the other suggesters this one depends on the scale of the loss.
 *
 * Gives no rate for fewer than `lrDiff + 1` points, or where every loss is the same.
 *
 * @example
 * ```ts
 * suggest(curve, { suggestFuncs: [slide.with({ lrDiff: 10 })] }).slide.lr;
 * ```
 *
 * Source: fastai's `slide` (from Novetta's "interval slide rule").
 */
export const slide = suggester(
  "slide",
  ({ lr, loss }, { lrDiff, thresh, adjustValue }: SlideOptions): Suggestion => {
    const n = loss.length;
    if (n < lrDiff + 1)
      return { lr: null, reason: `${n} readable points, at least ${lrDiff + 1} are needed` };
    if (isConstant(loss)) return { lr: null, reason: CONSTANT_REASON };
    const rate = lr[windowStart(loss, { lrDiff, thresh })]! * adjustValue;
    return scaledRate(rate, { lr: rate, loss: lossAtRate(lr, loss, rate) });
  },
  {
    summary: "the even slope before the loss turns up",
    explain({ lr, loss }, { lrDiff, thresh }) {
      if (loss.length < lrDiff + 1 || isConstant(loss)) return null;
      const left = windowStart(loss, { lrDiff, thresh });
      return {
        text: `A window of ${lrDiff} steps slides down from the last rate until the slopes at its ends are alike; the rate is its lower end.`,
        interval: { from: lr[left]!, to: lr[left + lrDiff]!, label: `${lrDiff} steps` },
      };
    },
    defaults: { lrDiff: 15, thresh: 0.005, adjustValue: 1 },
    check({ lrDiff, thresh, adjustValue }, where) {
      if (!Number.isSafeInteger(lrDiff) || lrDiff < 1) {
        const expected = "lrDiff to be an integer >= 1";
        throw new LrFindOptionError(where, { option: "lrDiff", expected, received: lrDiff, hint: "15" });
      }
      if (!(thresh >= 0 && Number.isFinite(thresh))) {
        const expected = "thresh >= 0";
        throw new LrFindOptionError(where, { option: "thresh", expected, received: thresh, hint: "0.005" });
      }
      if (!(adjustValue > 0 && Number.isFinite(adjustValue))) {
        const expected = "adjustValue > 0";
        const received = adjustValue;
        throw new LrFindOptionError(where, { option: "adjustValue", expected, received, hint: "1" });
      }
    },
  },
);

/** Where the window begins whose ends first slope alike, or the last before the curve's start. */
function windowStart(
  loss: readonly number[],
  { lrDiff, thresh }: { readonly lrDiff: number; readonly thresh: number },
): number {
  let right = loss.length - 1;
  let left = right - lrDiff;
  let found = left;
  while (left >= 0 && Math.abs(gradientAt(loss, right) - gradientAt(loss, left)) > thresh) {
    found = left;
    right--;
    left--;
  }
  return found;
}

/** Central difference by index; one-sided at the ends. */
function gradientAt(values: readonly number[], i: number): number {
  const last = values.length - 1;
  if (i === 0) return values[1]! - values[0]!;
  if (i === last) return values[last]! - values[last - 1]!;
  return (values[i + 1]! - values[i - 1]!) / 2;
}

/** The loss at a rate between the measured ones, linear over log rate; the nearest end's loss outside them. */
function lossAtRate(lr: readonly number[], loss: readonly number[], rate: number): number {
  const above = lr.findIndex((x) => x >= rate);
  if (above === 0) return loss[0]!;
  if (above < 0) return loss[loss.length - 1]!;
  if (lr[above] === rate) return loss[above]!;
  const below = above - 1;
  const share = Math.log(rate / lr[below]!) / Math.log(lr[above]! / lr[below]!);
  return loss[below]! + share * (loss[above]! - loss[below]!);
}

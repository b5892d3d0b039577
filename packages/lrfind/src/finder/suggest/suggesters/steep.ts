import type { Suggestion } from "../suggestion.js";
import { CONSTANT_REASON, isConstant } from "./constant.js";
import { suggester } from "./suggester.js";

/**
 * The rate at which the loss falls fastest, per factor of rate.
 *
 * `i = argmin (L[i+1] − L[i]) / (ln x[i+1] − ln x[i]); lr = x[i]`.
 *
 * Gives no rate for fewer than two points, or where the loss falls between no two neighbours (the smallest
 * rise is no descent).
 *
 * @example
 * ```ts
 * suggest(curve, { suggestFuncs: [steep] }).steep.lr;
 * ```
 *
 * Source: fastai's `steep`; Smith's advice (arXiv 1506.01186, §3.3) to look where the curve falls.
 */
export const steep = suggester(
  "steep",
  ({ lr, loss }): Suggestion => {
    if (loss.length < 2) return { lr: null, reason: `${loss.length} readable points, at least 2 are needed` };
    if (isConstant(loss)) return { lr: null, reason: CONSTANT_REASON };
    const steepest = steepestStep(lr, loss);
    if (steepest < 0) return { lr: null, reason: "the loss falls nowhere" };
    return { lr: lr[steepest]!, point: { lr: lr[steepest]!, loss: loss[steepest]! } };
  },
  {
    summary: "where the loss falls fastest",
    explain({ lr, loss }) {
      const steepest = loss.length < 2 ? -1 : steepestStep(lr, loss);
      if (steepest < 0) return null;
      return {
        text: "Between these two steps the loss falls fastest over the logarithm of the rate.",
        places: [
          { label: "steepest", lr: lr[steepest]!, loss: loss[steepest]! },
          { label: "next", lr: lr[steepest + 1]!, loss: loss[steepest + 1]! },
        ],
      };
    },
  },
);

/** Index of the step behind which the loss falls fastest; −1 where it falls nowhere. */
function steepestStep(lr: readonly number[], loss: readonly number[]): number {
  let steepest = -1;
  let slope = 0;
  for (let i = 0; i + 1 < loss.length; i++) {
    // ln of the ratio, not a difference of logarithms: scaling all rates by a power of two changes no bit.
    const here = (loss[i + 1]! - loss[i]!) / Math.log(lr[i + 1]! / lr[i]!);
    if (here < slope) {
      slope = here;
      steepest = i;
    }
  }
  return steepest;
}

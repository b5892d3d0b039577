import type { Suggestion } from "../suggestion.js";
import { CONSTANT_REASON, isConstant } from "./constant.js";
import { suggester } from "./suggester.js";

/**
 * About half way down the longest valley: the default, and the one that the originals trust most.
 *
 * The valley is the longest strictly decreasing subsequence of the losses; of equally long ones, the one
 * that ends first. With the index e of its end, its length k and `s = k / 3`:
 * `lr = x[e − k + floor(s) + floor(s / 2)]`.
 *
 * Gives no rate where no loss is below an earlier one, or where the only valley is the first two points.
 *
 * @example
 * ```ts
 * suggest(curve, { suggestFuncs: [valley] }).valley.lr;
 * ```
 *
 * Source: fastai's `valley` (an idea of ESRI's), which compares all pairs of points; this finds the same end
 * and length in O(n log n), by patience sorting.
 */
export const valley = suggester(
  "valley",
  ({ lr, loss }): Suggestion => {
    if (loss.length < 2) return { lr: null, reason: `${loss.length} readable points, at least 2 are needed` };
    if (isConstant(loss)) return { lr: null, reason: CONSTANT_REASON };
    const { end, length } = longestDescent(loss);
    if (length < 2) return { lr: null, reason: "no loss is below an earlier one" };
    const third = length / 3;
    const i = end - length + Math.floor(third) + Math.floor(third / 2);
    if (i < 0) return { lr: null, reason: "the loss falls between the first two points only" };
    return { lr: lr[i]!, point: { lr: lr[i]!, loss: loss[i]! } };
  },
  {
    summary: "half way down the longest descent",
    explain({ lr, loss }) {
      const { end, length } = longestDescent(loss);
      if (isConstant(loss) || length < 2 || end - length + Math.floor(length / 3) < 0) return null;
      return {
        text: "The longest descent is cut into thirds; the rate lies in the middle of the second.",
        interval: { from: lr[Math.max(0, end - length)]!, to: lr[end]!, label: "longest descent" },
      };
    },
  },
);

/** Where the longest strictly decreasing subsequence ends (of equally long ones, the first), and its length. */
function longestDescent(values: readonly number[]): { readonly end: number; readonly length: number } {
  // tops[k]: the largest value on which a descent of k + 1 values seen so far can end; a decreasing column.
  const tops: number[] = [];
  let end = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle]! > value) low = middle + 1;
      else high = middle;
    }
    if (low === tops.length) end = i;
    tops[low] = value;
  }
  return { end, length: tops.length };
}

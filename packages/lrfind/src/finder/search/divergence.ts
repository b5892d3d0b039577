import { number } from "../../core/index.js";
import { check } from "../checks.js";

/**
 * Watches smoothed losses and tells when training has diverged.
 *
 * After `best ← min(best, smoothed)`, it has diverged when `smoothed − best > (factor − 1) · |best|`. For a
 * positive loss that is fastai's rule, `smoothed > factor · best`; written so, it also holds for a loss that
 * may be negative, where four times the best would lie below it.
 *
 * @param factor - How many times its best value the smoothed loss may reach; above 1. Default 4.
 * @returns A function from the next smoothed loss to whether training has diverged.
 *
 * @example
 * ```ts
 * const hasDiverged = divergenceWatch(4);
 * hasDiverged(1); // false
 * hasDiverged(4.1); // true
 * ```
 *
 * Source: fastai's `LRFinder` callback; the form for negative losses is ours.
 */
export function divergenceWatch(factor = 4): (smoothed: number) => boolean {
  check("divergenceWatch", "factor", factor, number({ above: 1 }));
  let best = Number.POSITIVE_INFINITY;
  return (smoothed) => {
    best = Math.min(best, smoothed);
    // Multiplying, not subtracting, keeps the positive case bit for bit what it is in the original.
    return best > 0 ? smoothed > factor * best : smoothed - best > (factor - 1) * -best;
  };
}

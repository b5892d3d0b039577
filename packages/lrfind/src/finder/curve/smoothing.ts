import { check, losses as lossesCheck, smoothing } from "../checks.js";

/** fastai's default smoothing factor. */
export const DEFAULT_BETA = 0.98;

/**
 * A bias-corrected exponential moving average, fed one loss at a time.
 *
 * `v ← β v + (1 − β) loss; smoothed = v / (1 − β^(i + 1))`, for the i-th loss (0-based): the correction makes
 * the first value the first loss, rather than a fiftieth of it. Computed in the equal form
 * `smoothed ← smoothed + (loss − smoothed) (1 − β) / (1 − β^(i + 1))`, in which equal losses stay exactly equal.
 *
 * @param beta - Smoothing factor in [0, 1). 0 returns each loss unchanged. Default 0.98.
 * @returns A function from the next raw loss to its smoothed value.
 *
 * @example
 * ```ts
 * const next = smoother(0.98);
 * next(2.3); // 2.3
 * next(2.1); // 2.199: nearly the mean of both
 * ```
 *
 * Source: fastai's `AvgSmoothLoss`, with the debiasing of D. P. Kingma and J. Ba, "Adam" (ICLR 2015), §3.
 */
export function smoother(beta: number = DEFAULT_BETA): (loss: number) => number {
  check("smoother", "beta", beta, smoothing);
  let smoothed = 0;
  let count = 0;
  return (loss) => {
    if (beta === 0) return loss;
    count++;
    smoothed += (loss - smoothed) * ((1 - beta) / (1 - beta ** count));
    return smoothed;
  };
}

/**
 * The whole smoothed column of a raw one.
 *
 * @param losses - Raw losses, in step order.
 * @param beta - Smoothing factor in [0, 1). Default 0.98.
 * @returns As many smoothed losses.
 *
 * @example
 * ```ts
 * smooth([2, 1], 0.5); // [2, 1.3333333333333333]
 * ```
 */
export function smooth(losses: readonly number[], beta: number = DEFAULT_BETA): number[] {
  check("smooth", "losses", losses, lossesCheck);
  return losses.map(smoother(beta));
}

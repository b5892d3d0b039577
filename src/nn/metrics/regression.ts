import { TargetError } from "../losses/loss.js";
import type { Metric } from "./metric.js";

/**
 * The root of the mean squared error, `sqrt(mean((y - ŷ)²))`, over all elements.
 *
 * Prediction and target have equally many elements.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [rmse] });
 * ```
 */
export const rmse: Metric = residuals("rmse", ({ squares, count }) => Math.sqrt(squares / count));

/**
 * The mean absolute error, `mean(|y - ŷ|)`, over all elements.
 *
 * Prediction and target have equally many elements.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [mae] });
 * ```
 */
export const mae: Metric = residuals("mae", ({ absolutes, count }) => absolutes / count);

/**
 * The part of the targets' variance that is explained: `1 - Σ (y - ŷ)² / Σ (y - mean(y))²`, over all elements.
 *
 * Of targets that do not vary: 1 when all are met, else 0. Of fewer than two: NaN.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [r2Score] });
 * ```
 *
 * Source: Draper and Smith, Applied Regression Analysis (1998), section 1.3; the conventions are scikit-learn's.
 */
export const r2Score: Metric = residuals("r2Score", ({ squares, deviation, count }) => {
  if (count < 2) return Number.NaN;
  if (deviation === 0) return squares === 0 ? 1 : 0;
  return 1 - squares / deviation;
});

interface Sums {
  readonly count: number;
  /** Sum of squared residuals. */
  readonly squares: number;
  /** Sum of absolute residuals. */
  readonly absolutes: number;
  /** Sum of squared deviations of the targets from their mean. */
  readonly deviation: number;
}

function residuals(name: string, value: (sums: Sums) => number): Metric {
  return {
    name,
    start() {
      let count = 0;
      let squares = 0;
      let absolutes = 0;
      // Welford's running mean: the difference of two large sums would cancel.
      let mean = 0;
      let deviation = 0;
      return {
        add(prediction, targets) {
          const target = targets[0]!;
          if (prediction.data.length !== target.data.length) {
            throw new TargetError(
              `${name}: expected as many targets as predictions, got ${target.data.length} for ${prediction.data.length}`,
            );
          }
          for (let i = 0; i < target.data.length; i++) {
            const y = Number(target.data[i]);
            const residual = y - Number(prediction.data[i]);
            squares += residual * residual;
            absolutes += Math.abs(residual);
            count++;
            const shift = y - mean;
            mean += shift / count;
            deviation += shift * (y - mean);
          }
        },
        value: () => (count === 0 ? Number.NaN : value({ count, squares, absolutes, deviation })),
      };
    },
  };
}

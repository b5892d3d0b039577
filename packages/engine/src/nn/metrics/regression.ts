import type { Tensor } from "../../onnx/index.js";
import { describeTensor } from "../../onnx/index.js";
import { TargetError } from "../losses/loss.js";
import { essential } from "./class-outputs.js";
import type { Metric } from "./metric.js";

/**
 * The root of the mean squared error, `sqrt(mean((y - ŷ)²))`, over all elements.
 *
 * Prediction and target: numbers [N, …] of any dtype, of one shape but for dimensions of size 1. NaN where one is NaN.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [rmse] });
 * ```
 */
export const rmse: Metric = residuals("rmse", "smaller", (columns) =>
  Math.sqrt(total(columns, "squares") / total(columns, "count")),
);

/**
 * The mean absolute error, `mean(|y - ŷ|)`, over all elements.
 *
 * Prediction and target: as for `rmse`.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [mae] });
 * ```
 */
export const mae: Metric = residuals(
  "mae",
  "smaller",
  (columns) => total(columns, "absolutes") / total(columns, "count"),
);

/**
 * The part of the targets' variance that is explained: `1 - Σ (y - ŷ)² / Σ (y - mean(y))²`. Of several targets the mean
 * over them, each against its own mean, whatever their units.
 *
 * Of a target that does not vary: 1 when all are met, else 0. Of fewer than two items: NaN.
 *
 * Prediction and target: as for `rmse`; all dimensions after the first are targets: [N, 3] has three, [N, 3, 4] twelve,
 * and the mini-batches have equally many.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), metrics: [r2Score] });
 * ```
 *
 * Source: Draper and Smith, Applied Regression Analysis (1998), section 1.3; the conventions are those of scikit-learn's
 * `r2_score` with its default `multioutput="uniform_average"`.
 */
export const r2Score: Metric = residuals("r2Score", "larger", (columns) => {
  if (columns[0]!.count < 2) return Number.NaN;
  const scores = columns.map(({ squares, deviation }) => {
    if (deviation === 0) return squares === 0 ? 1 : 0;
    return 1 - squares / deviation;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
});

/** Sums over the items of one target. */
interface Column {
  count: number;
  /** Sum of squared residuals. */
  squares: number;
  /** Sum of absolute residuals. */
  absolutes: number;
  /** Mean of the targets. */
  mean: number;
  /** Sum of squared deviations of the targets from their mean. */
  deviation: number;
}

function total(columns: readonly Column[], field: keyof Column): number {
  return columns.reduce((sum, column) => sum + column[field], 0);
}

function residuals(
  name: string,
  better: "smaller" | "larger",
  value: (columns: readonly Column[]) => number,
): Metric {
  return {
    name,
    better,
    start() {
      let columns: Column[] = [];
      return {
        add(prediction, targets) {
          const target = aligned(name, prediction, targets[0]);
          const width = target.data.length / (target.shape[0] ?? 1);
          if (columns.length !== width) {
            // Elements of any shape count alike but where each target has a mean of its own.
            if (columns.length > 0 && name === "r2Score") {
              throw new TargetError({
                where: name,
                expected: `${columns.length} targets per item, as before`,
                got: String(width),
                hint: "rmse",
              });
            }
            columns = grown(columns, width);
          }
          for (let i = 0; i < target.data.length; i++) {
            const column = columns[i % width]!;
            const y = Number(target.data[i]);
            const residual = y - Number(prediction.data[i]);
            column.squares += residual * residual;
            column.absolutes += Math.abs(residual);
            column.count++;
            // Welford's running mean: the difference of two large sums would cancel.
            const shift = y - column.mean;
            column.mean += shift / column.count;
            column.deviation += shift * (y - column.mean);
          }
        },
        value: () => (total(columns, "count") === 0 ? Number.NaN : value(columns)),
      };
    },
  };
}

function grown(columns: readonly Column[], width: number): Column[] {
  return Array.from(
    { length: Math.max(columns.length, width) },
    (_, i) => columns[i] ?? { count: 0, squares: 0, absolutes: 0, mean: 0, deviation: 0 },
  );
}

function aligned(where: string, prediction: Tensor, target: Tensor | undefined): Tensor {
  if (target && String(essential(prediction.shape)) === String(essential(target.shape))) return target;
  const got = target ? describeTensor(target) : "none";
  throw new TargetError({
    where,
    expected: `targets of the prediction's shape [${prediction.shape.join(", ")}]`,
    got,
    hint: "a model with as many outputs as targets",
  });
}

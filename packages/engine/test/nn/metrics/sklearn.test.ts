import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  accuracyMulti,
  errorRate,
  f1Score,
  f1ScoreMulti,
  type Metric,
  mae,
  r2Score,
  rmse,
  rocAuc,
} from "../../../src/nn/index.js";
import { type DType, tensor } from "../../../src/onnx/index.js";

type Rows = readonly (number | readonly number[])[];
type Case<Values extends string, Lists extends string> = Record<Values, number> & Record<Lists, Rows>;

/** See packages/engine/test/fixtures/sklearn/metrics.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/sklearn/metrics.json", import.meta.url), "utf8"),
) as {
  readonly classes: Case<"accuracy" | "macro", "logits" | "labels" | "f1">;
  readonly binary: Case<"auc" | "accuracy" | "f1", "scores" | "labels">;
  readonly multi: Case<"hamming" | "macro" | "micro", "logits" | "labels">;
  readonly numbers: Case<"r2" | "mae" | "rmse", "predictions" | "targets">;
};

function tensorOf(dtype: DType, rows: Rows) {
  const [first] = rows;
  const shape = Array.isArray(first) ? [rows.length, first.length] : [rows.length];
  return tensor(dtype, shape, rows.flat() as number[]);
}

/** Measures in mini-batches of every size, which must all be scikit-learn's value of the whole. */
function expectValue(metric: Metric, predictions: Rows, targets: Rows, dtype: DType, value: number): void {
  for (const size of [1, 7, 16, predictions.length]) {
    const tally = metric.start();
    for (let i = 0; i < predictions.length; i += size) {
      const part = (rows: Rows) => rows.slice(i, i + size);
      tally.add(tensorOf("float32", part(predictions)), [tensorOf(dtype, part(targets))], 0, {
        sum: 0,
        weight: 1,
      });
    }
    // Float64 sums in another order.
    expect(Math.abs(tally.value() - value), `${metric.name} by ${size}`).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(value)),
    );
  }
}

describe("metrics are scikit-learn's", () => {
  test("of classes", () => {
    const { logits, labels, f1, ...values } = fixture.classes;
    expectValue(accuracy, logits, labels, "int32", values.accuracy);
    expectValue(errorRate, logits, labels, "int64", 1 - values.accuracy);
    expectValue(f1Score({ average: "macro" }), logits, labels, "int32", values.macro);
    f1.forEach((value, positive) => {
      expectValue(f1Score({ positive }), logits, labels, "float32", value as number);
    });
  });

  test("of two classes, by one logit", () => {
    const { scores, labels, ...values } = fixture.binary;
    for (const rows of [scores, scores.map((score) => [score as number])]) {
      expectValue(rocAuc, rows, labels, "int32", values.auc);
      expectValue(accuracy, rows, labels, "float32", values.accuracy);
      expectValue(f1Score(), rows, labels, "int32", values.f1);
    }
    const pairs = scores.map((score) => [1, 1 + (score as number)]);
    expectValue(rocAuc, pairs, labels, "int32", values.auc);
  });

  test("of several labels per item", () => {
    const { logits, labels, ...values } = fixture.multi;
    expectValue(accuracyMulti(), logits, labels, "float32", 1 - values.hamming);
    expectValue(f1ScoreMulti(), logits, labels, "int32", values.macro);
    expectValue(f1ScoreMulti({ average: "micro" }), logits, labels, "int32", values.micro);
  });

  test("of several numbers", () => {
    const { predictions, targets, ...values } = fixture.numbers;
    expectValue(r2Score, predictions, targets, "float32", values.r2);
    expectValue(mae, predictions, targets, "float32", values.mae);
    expectValue(rmse, predictions, targets, "float32", values.rmse);
  });
});

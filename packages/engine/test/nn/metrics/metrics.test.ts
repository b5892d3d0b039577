import { describe, expect, test } from "vitest";
import type { Metric } from "../../../src/nn/metrics/index.js";
import {
  accuracy,
  errorRate,
  f1Score,
  mae,
  perplexity,
  r2Score,
  rmse,
  rocAuc,
  topKAccuracy,
} from "../../../src/nn/metrics/index.js";
import { tensor } from "../../../src/onnx/index.js";
import { RandomSequence } from "../../../src/random/index.js";

const draw = new RandomSequence({ seed: 5, stream: "metrics" });
const COUNT = 57;
const CLASSES = 4;

/** Coarse values, so that ties occur. */
const coarse = () => Math.round(draw.uniform() * 8) / 8;

const logits = Array.from({ length: COUNT }, () => Array.from({ length: CLASSES }, coarse));
const labels = logits.map((row) =>
  draw.uniform() < 0.5 ? row.indexOf(Math.max(...row)) : draw.int(CLASSES),
);

/** Measures rows in mini-batches of a size, the last one short. */
function measure(
  metric: Metric,
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  size: number,
) {
  const tally = metric.start();
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size);
    const wanted = targets.slice(start, start + size);
    tally.add(
      tensor("float32", [part.length, part[0]!.length], part.flat()),
      [tensor("float32", [part.length], wanted)],
      // A loss that can be checked: the mean of the targets.
      wanted.reduce((a, b) => a + b, 0) / part.length,
      { sum: wanted.reduce((a, b) => a + b, 0), weight: part.length },
    );
  }
  return tally.value();
}

/** Measures in one piece and in pieces, which must agree. */
function measured(metric: Metric, rows: readonly (readonly number[])[], targets: readonly number[]) {
  const whole = measure(metric, rows, targets, rows.length);
  for (const size of [1, 7, 16]) {
    const inPieces = measure(metric, rows, targets, size);
    if (Number.isNaN(whole)) expect(inPieces).toBeNaN();
    else expect(inPieces).toBeCloseTo(whole, 10);
  }
  return whole;
}

const argmax = (row: readonly number[]) => row.indexOf(Math.max(...row));

describe("classification", () => {
  const predicted = logits.map(argmax);
  const right = predicted.filter((p, i) => p === labels[i]).length;

  test("accuracy and error rate count hits and misses", () => {
    expect(measured(accuracy, logits, labels)).toBe(right / COUNT);
    expect(measured(errorRate, logits, labels)).toBe((COUNT - right) / COUNT);
  });

  test("accuracy takes one logit per item as a binary decision", () => {
    expect(measured(accuracy, [[-1], [2], [0], [3]], [0, 1, 1, 0])).toBe(0.5);
  });

  test("top-k looks at the k first of a stable descending order", () => {
    for (const k of [1, 2, 3, 4, 9]) {
      const hits = logits.filter((row, i) => {
        const order = row.map((_, j) => j).sort((a, b) => row[b]! - row[a]! || a - b);
        return order.slice(0, k).includes(labels[i]!);
      });
      expect(measured(topKAccuracy(k), logits, labels)).toBe(hits.length / COUNT);
    }
    expect(() => topKAccuracy(0)).toThrow("topKAccuracy: expected k to be an integer at least 1, got 0");
    expect(measured(topKAccuracy(1), [[Number.NaN, 1]], [0])).toBeNaN();
  });

  test("F1 is the harmonic mean of precision and recall", () => {
    const score = (label: number) => {
      const hits = predicted.filter((p, i) => p === label && labels[i] === label).length;
      const precision = hits / predicted.filter((p) => p === label).length;
      const recall = hits / labels.filter((l) => l === label).length;
      return (2 * precision * recall) / (precision + recall);
    };
    for (let label = 0; label < CLASSES; label++) {
      expect(measured(f1Score({ positive: label }), logits, labels)).toBeCloseTo(score(label), 12);
    }
    const macro = [0, 1, 2, 3].reduce((sum, label) => sum + score(label), 0) / CLASSES;
    expect(measured(f1Score({ average: "macro" }), logits, labels)).toBeCloseTo(macro, 12);
  });

  test("F1 leaves classes that never occur out of the mean, and is 0 for one that is never right", () => {
    // Predicted 0, 0, 2; actual 0, 2, 0: class 0 has 1 hit of 2 and 2, class 2 none; class 1 does not occur.
    const rows = [
      [1, 0, 0],
      [1, 0, 0],
      [0, 0, 1],
    ];
    expect(measured(f1Score({ average: "macro" }), rows, [0, 2, 0])).toBe(0.25);
    expect(measured(f1Score({ positive: 1 }), rows, [0, 2, 0])).toBe(0);
  });

  test("AUROC is the part of pairs in the right order, ties counting half", () => {
    const scores = logits.map((row) => row[0]!);
    const binary = labels.map((label) => (label < 2 ? 1 : 0));
    let wins = 0;
    let pairs = 0;
    for (let i = 0; i < COUNT; i++) {
      for (let j = 0; j < COUNT; j++) {
        if (binary[i] !== 1 || binary[j] !== 0) continue;
        pairs++;
        if (scores[i]! > scores[j]!) wins++;
        else if (scores[i] === scores[j]) wins += 0.5;
      }
    }
    expect(
      measured(
        rocAuc,
        scores.map((s) => [s]),
        binary,
      ),
    ).toBeCloseTo(wins / pairs, 12);
    expect(
      measured(
        rocAuc,
        scores.map((s) => [1 - s, 2 + s]),
        binary,
      ),
    ).toBeCloseTo(wins / pairs, 12);
  });

  test("AUROC of one class alone is not a number", () => {
    expect(measured(rocAuc, [[1], [2]], [1, 1])).toBeNaN();
    expect(() => measured(rocAuc, logits, labels)).toThrow(
      "rocAuc: expected one or two outputs per item, got 4",
    );
  });
});

describe("regression", () => {
  const y = Array.from({ length: COUNT }, () => 1000 + coarse());
  const predictions = y.map((value) => value + coarse() - 0.5);
  const rows = predictions.map((value) => [value]);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  test("RMSE and MAE are means over items", () => {
    const errors = y.map((value, i) => value - predictions[i]!);
    expect(measured(rmse, rows, y)).toBeCloseTo(Math.sqrt(mean(errors.map((e) => e * e))), 10);
    expect(measured(mae, rows, y)).toBeCloseTo(mean(errors.map(Math.abs)), 10);
  });

  test("R2 is the part of the variance that is explained, also far from zero", () => {
    const residual = mean(y.map((value, i) => (value - predictions[i]!) ** 2));
    const variance = mean(y.map((value) => (value - mean(y)) ** 2));
    expect(measured(r2Score, rows, y)).toBeCloseTo(1 - residual / variance, 8);
  });

  test("R2 of what does not vary, of one item, of none", () => {
    expect(measured(r2Score, [[2], [2]], [2, 2])).toBe(1);
    expect(measured(r2Score, [[2], [3]], [2, 2])).toBe(0);
    expect(measured(r2Score, [[2]], [2])).toBeNaN();
    expect(r2Score.start().value()).toBeNaN();
  });

  test("refuses targets of another number", () => {
    expect(() => measured(rmse, logits, labels)).toThrow(
      "rmse: expected targets of the prediction's shape [57, 4], got float32[57]",
    );
  });
});

test("perplexity is the exponential of the mean loss over items, not over mini-batches", () => {
  const expected = Math.exp(labels.reduce((a, b) => a + b, 0) / COUNT);
  expect(measured(perplexity, logits, labels)).toBeCloseTo(expected, 10);
});

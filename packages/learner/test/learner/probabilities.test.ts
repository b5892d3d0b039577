import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  accuracyMulti,
  bceWithLogits,
  errorRate,
  f1Score,
  f1ScoreMulti,
  linear,
  type Metric,
  mse,
  rmse,
  rocAuc,
  sequential,
  sigmoid,
} from "../../../engine/src/nn/index.js";
import { tensor } from "../../../engine/src/onnx/index.js";
import { dataLoaders, tensorDataset } from "../../src/data/index.js";
import { Learner } from "../../src/learner/index.js";

/** Rows whose labels hang on the signs of their columns, and a model that ends in a Sigmoid or not. */
function learnerOf(labels: number, ends: boolean, metrics: readonly Metric[], lossFunc = mse()) {
  const rows = 40;
  const x = Float32Array.from({ length: 3 * rows }, (_, i) => Math.sin(7 * i));
  const y = Float32Array.from({ length: labels * rows }, (_, i) =>
    x[3 * Math.floor(i / labels) + (i % labels)]! > 0.3 ? 1 : 0,
  );
  const dataset = tensorDataset({
    inputs: [tensor("float32", [rows, 3], x)],
    targets: [tensor("float32", [rows, labels], y)],
  });
  return new Learner({
    dls: dataLoaders(dataset, { batchSize: 8, validPct: 0.5, seed: 2 }),
    model: sequential(linear(3, labels), ...(ends ? [sigmoid()] : [])),
    lossFunc,
    metrics,
    runtime: { threads: 1 },
    seed: 3,
  });
}

describe("a model whose Sigmoid its loss takes", () => {
  test("is measured by its probabilities, as by their logits", async () => {
    const metrics = [accuracy, errorRate, f1Score(), rocAuc];
    await using ends = learnerOf(1, true, metrics);
    await using same = learnerOf(1, true, metrics, bceWithLogits());
    await ends.fit(3, { lr: 0.1 });
    const { metrics: measured } = await ends.validate();
    const { predictions, targets } = await ends.getPreds();
    const right = predictions.data.filter(
      (p, i) => (Number(p) > 0.5 ? 1 : 0) === Number(targets[0]!.data[i]),
    ).length;
    expect(measured["accuracy"]).toBeCloseTo(right / 20, 12);
    expect(measured["errorRate"]).toBeCloseTo(1 - right / 20, 12);
    expect(measured["accuracy"]).toBeGreaterThan(0.6);
    expect(measured["accuracy"]).toBeLessThan(1);
    const folder = await mkdtemp(join(tmpdir(), "lrfind-"));
    try {
      await ends.save(join(folder, "ends.safetensors"));
      await same.load(join(folder, "ends.safetensors"));
    } finally {
      await rm(folder, { recursive: true });
    }
    expect((await same.validate()).metrics).toEqual(measured);
  });

  test("in several labels too, with their threshold; and numbers stay numbers", async () => {
    const metrics = [accuracyMulti({ threshold: 0.4 }), f1ScoreMulti({ threshold: 0.4 }), rmse];
    await using learner = learnerOf(3, true, metrics);
    await learner.fit(3, { lr: 0.1 });
    const { metrics: measured, loss } = await learner.validate();
    const { predictions, targets } = await learner.getPreds();
    const right = predictions.data.filter(
      (p, i) => (Number(p) > 0.4 ? 1 : 0) === Number(targets[0]!.data[i]),
    ).length;
    expect(Object.values(measured)[0]).toBeCloseTo(right / 60, 12);
    expect(measured["rmse"]).toBeCloseTo(Math.sqrt(loss), 5);
  });

  test("one that ends in no Sigmoid is measured by logits", async () => {
    await using learner = learnerOf(1, false, [accuracy]);
    const { metrics } = await learner.validate();
    const { predictions, targets } = await learner.getPreds();
    const right = predictions.data.filter(
      (x, i) => (Number(x) > 0 ? 1 : 0) === Number(targets[0]!.data[i]),
    ).length;
    expect(metrics["accuracy"]).toBeCloseTo(right / 20, 12);
  });
});

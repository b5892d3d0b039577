import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FitTask, JobResult, SweepSpec } from "../../src/index.js";
import { fullSpec, type NamedJob, nextJobs } from "../../src/plan/internal.js";

const BASE = { lrfind: "0.1.0", module: "../m.js", moduleHash: "0123456789abcdef" };
const MADE = { lrfind: "0", node: "v0", host: "h" };

/** A made-up result of a job: a rate that hangs on the batch size, a loss that has its lowest at a rate. */
function resultOf({ hash, spec }: NamedJob): JobResult {
  const common = { format: "lrfind-job-result", version: 1, hash, durationMs: 1, made: MADE } as const;
  const { config, task } = spec;
  if (config["wd"] === "broken") return { ...common, failure: { message: "Error: broken", tail: "" } };
  if (task.kind === "search") {
    const lr = config["wd"] === "none" ? null : 0.01 * (Number(config["batchSize"] ?? 16) / 16);
    const curve = { numIt: 6, stop: "completed", lr: [], loss: [], smoothed: [] } as const;
    const value = { kind: "search", lr, suggestions: {}, curve, steps: 100 } as const;
    return { ...common, value: lr === null ? { ...value, reason: "flat" } : value };
  }
  const { lr, epochs } = task as FitTask;
  const best = Math.abs(Math.log(lr / 0.02)) + 1 / epochs + 0.001 * Number(config["seed"] ?? 0);
  return {
    ...common,
    value: { kind: "fit", records: [], best, last: best, better: "smaller", steps: 10 * epochs },
  };
}

/** Runs a sweep to its end; jobs end in an order that `order` decides. */
function finished(given: SweepSpec, order: (n: number) => number = () => 0) {
  const spec = fullSpec(given, "spec");
  const results = new Map<string, JobResult>();
  const done: NamedJob[] = [];
  for (let guard = 0; guard < 10_000; guard++) {
    const step = nextJobs(spec, BASE, results);
    if (step.isDone) return { step, done, results };
    const job = step.jobs[order(step.jobs.length)]!;
    expect(results.has(job.hash)).toBe(false);
    results.set(job.hash, resultOf(job));
    done.push(job);
  }
  throw new Error("it never ended");
}

const kinds = (jobs: readonly NamedJob[]) => jobs.map(({ spec }) => spec.task.kind);

describe("a grid", () => {
  const spec: SweepSpec = { model: "m.js", axes: { batchSize: [16, 64], wd: [0, 0.1] }, epochs: 2 };

  test("begins with a range test for each combination, and trains at rates around each answer", () => {
    const first = nextJobs(fullSpec(spec, "spec"), BASE, new Map());
    expect(kinds(first.jobs)).toEqual(["search", "search", "search", "search"]);
    const { step, done } = finished(spec);
    expect(kinds(done).filter((kind) => kind === "fit").length).toBe(12);
    const rates = step.rows.filter(({ point }) => point.config["batchSize"] === 64).map(({ lr }) => lr!);
    expect([...new Set(rates)].sort((a, b) => a - b)).toEqual([0.3, 1, 3].map((factor) => 0.04 * factor));
    // The lowest loss of the made-up trainings is at 0.02, to whose logarithm 0.03 is nearest.
    expect(step.rows[0]!.lr).toBeCloseTo(0.03, 9);
    expect(step.rows.map(({ score }) => score)).toEqual(
      step.rows.map(({ score }) => score).toSorted((a, b) => a! - b!),
    );
  });

  test("with rates that are given makes no range test", () => {
    const { done } = finished({ ...spec, lr: [0.01, 0.1] });
    expect(new Set(kinds(done))).toEqual(new Set(["fit"]));
    expect(done.length).toBe(8);
  });

  test("averages over seeds, with one range test for all of them", () => {
    const { step, done } = finished({ model: "m.js", axes: { batchSize: [16], seed: [0, 10] } });
    expect(kinds(done).filter((kind) => kind === "search").length).toBe(1);
    expect(step.rows.length).toBe(3);
    for (const { score, scores } of step.rows) {
      expect(scores.length).toBe(2);
      expect(score).toBeCloseTo((scores[0]! + scores[1]!) / 2, 12);
      expect(scores[1]! - scores[0]!).toBeCloseTo(0.01, 9);
    }
  });

  test("an interval gives as many values as it says, the ends among them", () => {
    const { step } = finished({
      model: "m.js",
      axes: { wd: { from: 1e-4, to: 1e-2, log: true } },
      lr: [0.1],
    });
    const values = step.rows.map(({ point }) => Number(point.config["wd"])).sort((a, b) => a - b);
    expect(values[0]).toBe(1e-4);
    expect(values[1]).toBeCloseTo(1e-3, 12);
    expect(values[2]).toBe(1e-2);
  });

  test("what fails, or has no rate, is a row with the reason, and the others go on", () => {
    const { step } = finished({ model: "m.js", axes: { wd: [0, "broken", "none"] }, epochs: 1 });
    const failures = step.rows.map(({ point, failure }) => [point.config["wd"], failure]);
    expect(failures.filter(([wd]) => wd === 0)).toEqual([0, 0, 0].map(() => [0, undefined]));
    expect(failures).toContainEqual(["broken", "Error: broken"]);
    expect(failures).toContainEqual(["none", "the range test found no rate: flat"]);
  });
});

describe("random search", () => {
  const spec: SweepSpec = {
    model: "m.js",
    axes: { wd: { from: 1e-5, to: 1, log: true }, batchSize: [8, 16, 32] },
    search: "random",
    trials: 20,
    epochs: 1,
  };

  test("draws as many combinations, the same from the same seed, others from another", () => {
    const keys = (seed: number) =>
      finished({ ...spec, seed })
        .step.rows.map(({ point }) => point.key)
        .sort();
    expect(keys(1)).toEqual(keys(1));
    expect(new Set(keys(1)).size).toBe(20);
    expect(keys(2)).not.toEqual(keys(1));
    const wds = finished(spec).step.rows.map(({ point }) => Math.log10(Number(point.config["wd"])));
    expect(Math.min(...wds)).toBeLessThan(-3.5);
    expect(Math.max(...wds)).toBeGreaterThan(-1.5);
  });

  test("has no more than there are", () => {
    expect(finished({ ...spec, axes: { wd: [0, 1] }, lr: [0.1] }).step.rows.length).toBe(2);
  });
});

describe("successive halving", () => {
  const spec: SweepSpec = {
    model: "m.js",
    axes: { wd: { from: 1e-5, to: 1, log: true } },
    search: "halving",
    trials: 9,
    minEpochs: 1,
    epochs: 9,
    lr: [0.001, 0.01, 0.02, 0.1],
  };

  test("trains all briefly, and a third of them three times as long", () => {
    const { step, done } = finished(spec);
    expect(step.rungs).toEqual([
      { count: 9, epochs: 1 },
      { count: 3, epochs: 3 },
      { count: 1, epochs: 9 },
    ]);
    const epochs = done.map(({ spec: { task } }) => (task as FitTask).epochs);
    expect([1, 3, 9].map((n) => epochs.filter((each) => each === n).length)).toEqual([9, 3, 1]);
    // Who gets on is who did best before.
    const scores = new Map(step.rows.map(({ point, score, epochs: n }) => [point.key, [n, score!] as const]));
    expect(scores.size).toBe(9);
    expect(step.rows[0]!.epochs).toBe(9);
  });

  test("keeps the best, whatever fails on the way", () => {
    const { step } = finished({ ...spec, axes: { wd: [0, 1, 2, 3, "broken"] }, trials: 20 });
    expect(step.rows[0]!.failure).toBeUndefined();
    expect(step.rows[0]!.lr).toBe(0.02);
  });
});

test("jobs may end in any order: the result is the same", () => {
  const spec: SweepSpec = {
    model: "m.js",
    axes: { batchSize: [8, 16, 32], seed: [0, 1] },
    search: "halving",
    trials: 6,
    epochs: 3,
  };
  const first = finished(spec).step;
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1000)), (picks) => {
      const { step } = finished(spec, (n) => picks.next().value! % n);
      expect(step.rows).toEqual(first.rows);
    }),
    { numRuns: 30 },
  );
});

test("a job's name hangs on what decides its result, and on nothing else", () => {
  const job = nextJobs(fullSpec({ model: "m.js", axes: { a: [1], b: [2] } }, "s"), BASE, new Map()).jobs[0]!;
  const name = (spec: SweepSpec, base = BASE) => nextJobs(fullSpec(spec, "s"), base, new Map()).jobs[0]!.hash;
  expect(name({ model: "elsewhere.js", axes: { b: [2], a: [1] } }, { ...BASE, module: "/other/m.js" })).toBe(
    job.hash,
  );
  expect(name({ model: "m.js", axes: { a: [1], b: [2] }, epochs: 7 })).toBe(job.hash);
  expect(name({ model: "m.js", axes: { a: [1], b: [3] } })).not.toBe(job.hash);
  expect(name({ model: "m.js", axes: { a: [1], b: [2] }, threads: 2 })).not.toBe(job.hash);
  expect(name({ model: "m.js", axes: { a: [1], b: [2] } }, { ...BASE, moduleHash: "f" })).not.toBe(job.hash);
});

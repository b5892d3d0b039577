import { describe, expect, test } from "vitest";
import { defineSweep, SweepError } from "../../src/index.js";
import { fullSpec } from "../../src/plan/internal.js";

test("defaults are filled in", () => {
  expect(fullSpec({ model: "m.js" }, "spec")).toEqual({
    model: "m.js",
    axes: {},
    lr: { factors: [0.3, 1, 3], suggestFunc: "edge", numIt: 100, runs: 1 },
    search: "grid",
    trials: 12,
    epochs: 3,
    minEpochs: 1,
    eta: 3,
    schedule: "oneCycle",
    monitor: "validLoss",
    seed: 0,
    threads: 1,
    maxSteps: Number.POSITIVE_INFINITY,
  });
  expect(fullSpec({ model: "m.js", lr: [0.1] }, "spec").lr).toEqual([0.1]);
  expect(fullSpec({ model: "m.js", lr: { runs: 3 } }, "spec").lr).toMatchObject({ runs: 3, numIt: 100 });
});

describe("what cannot be swept is refused, by name", () => {
  test.each([
    [{}, /model/],
    [{ model: 1 }, /model/],
    [{ model: "m.js", axes: { lr: [1] } }, /beside the rate, got one named lr/],
    [{ model: "m.js", axes: { wd: [] } }, /axes/],
    [{ model: "m.js", axes: { wd: [1, 1] } }, /different values/],
    [{ model: "m.js", axes: { wd: [{}] } }, /axes/],
    [{ model: "m.js", axes: { wd: { from: 1, to: 1 } } }, /axes/],
    [{ model: "m.js", axes: { wd: { from: 0, to: 1, log: true } } }, /axes/],
    [{ model: "m.js", axes: { wd: { from: 0, to: 1, counts: 3 } } }, /axes/],
    [{ model: "m.js", axes: { wd: { from: 0, to: 1, count: 1 } } }, /axes/],
    [{ model: "m.js", axes: { wd: [Number.NaN] } }, /axes/],
    [{ model: "m.js", lr: [] }, /lr/],
    [{ model: "m.js", lr: [0] }, /lr/],
    [{ model: "m.js", lr: { factors: [-1] } }, /factors/],
    [{ model: "m.js", lr: { factor: [1] } }, /try factors/],
    [{ model: "m.js", lr: { suggestFunc: "edgy" } }, /suggestFunc/],
    [{ model: "m.js", search: "bayes" }, /search/],
    [{ model: "m.js", epochs: 0 }, /epochs/],
    [{ model: "m.js", epochs: 2, minEpochs: 3 }, /minEpochs of at most epochs, 2, got 3/],
    [{ model: "m.js", eta: 1 }, /eta/],
    [{ model: "m.js", threads: 0 }, /threads/],
    [{ model: "m.js", trails: 3 }, /try trials/],
  ])("%j", (spec, message) => {
    expect(() => defineSweep(spec as never)).toThrow(SweepError);
    expect(() => defineSweep(spec as never)).toThrow(message);
  });
});

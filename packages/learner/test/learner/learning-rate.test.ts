import { describe, expect, test } from "vitest";
import {
  cosineSchedule,
  flatCos,
  LearnerError,
  linearSchedule,
  oneCycle,
  ratesOf,
  sgdr,
} from "../../src/learner/index.js";
import { groupedLearner } from "./grouped.js";
import { bitsOf } from "./toy.js";

describe("ratesOf", () => {
  test("gives one number to every group", () => {
    expect(ratesOf(0.1, 3, "fit")).toEqual([0.1, 0.1, 0.1]);
  });

  test("spreads a range geometrically", () => {
    const rates = ratesOf({ from: 1e-4, to: 1e-2 }, 3, "fit");
    expect(rates[1]).toBeCloseTo(1e-3, 10);
    expect(rates.at(-1)).toBe(1e-2);
  });

  test("gives the last group the end of an open range and the others a tenth", () => {
    expect(ratesOf({ to: 0.1 }, 3, "fit")).toEqual([0.01, 0.01, 0.1]);
  });

  test("takes one rate per group as it is", () => {
    expect(ratesOf([0.1, 0.2], 2, "fit")).toEqual([0.1, 0.2]);
  });

  test("names what is wrong", () => {
    expect(() => ratesOf([0.1, -1], 2, "fit")).toThrow("fit lr[1]: expected a positive number, got -1");
    expect(() => ratesOf({ to: Number.POSITIVE_INFINITY }, 2, "fit")).toThrow(
      "fit lr.to: expected a positive",
    );
  });
});

describe("a rate that a search did not find", () => {
  const found = { lr: null, lrs: null, suggestions: { valley: { lr: null, reason: "too few points" } } };
  const message = /got null; try to look at result\.diagnostics/;

  test("is refused wherever a rate can be given, and nothing is trained", async () => {
    const none = null as unknown as number;
    expect(() => groupedLearner({ lr: none })).toThrow(message);
    await using learner = groupedLearner({ lr: 0.01 });
    const before = bitsOf(learner);
    const forms = [none, [0.1, none, 0.1], { to: none }, { from: none, to: 0.1 }];
    for (const lr of forms) {
      await expect(learner.fit(1, { lr })).rejects.toThrow(message);
      await expect(learner.fitOneCycle(1, { lrMax: lr })).rejects.toThrow(message);
      await expect(learner.fitFlatCos(1, { lr })).rejects.toThrow(message);
      await expect(learner.fitSgdr(1, 1, { lrMax: lr })).rejects.toThrow(message);
      expect(() => ratesOf(lr, 3, "here")).toThrow(message);
    }
    await expect(learner.fineTune(1, { baseLr: none })).rejects.toThrow(message);
    expect(learner.trained.size).toBe(learner.model.parameters.length);
    expect(bitsOf(learner)).toEqual(before);
    expect(learner.state.step).toBe(0);
  });

  test("is refused by its result too, with the suggester's reason", async () => {
    await using learner = groupedLearner();
    const said = "expected a search that found a learning rate, got none (too few points)";
    await expect(learner.fit(1, { lr: found })).rejects.toThrow(said);
    await expect(learner.fitOneCycle(1, { lrMax: found })).rejects.toThrow(said);
    await expect(learner.fitFlatCos(1, { lr: found })).rejects.toThrow(said);
    await expect(learner.fitSgdr(1, 1, { lrMax: found })).rejects.toThrow(said);
    await expect(learner.fineTune(1, { baseLr: found })).rejects.toThrow(said);
    expect(() => groupedLearner({ lr: found })).toThrow(said);
    expect(learner.state.step).toBe(0);
  });

  test("makes no schedule", () => {
    const none = null as unknown as number;
    for (const make of [
      () => oneCycle(none),
      () => flatCos(none),
      () => sgdr(none, { nCycles: 1, cycleLen: 1 }),
      () => linearSchedule(none, 1),
      () => linearSchedule(1, none),
      () => cosineSchedule(none, 1),
      () => cosineSchedule(1, none),
    ]) {
      expect(make).toThrow(LearnerError);
      expect(make).toThrow(message);
    }
    expect(() => oneCycle(Number.NaN)).toThrow("oneCycle: expected lrMax to be a finite number, got NaN");
  });
});

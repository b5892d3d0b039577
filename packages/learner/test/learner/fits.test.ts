import { describe, expect, test } from "vitest";
import { sgd } from "../../../engine/src/nn/index.js";
import { edge, minimum, valley } from "../../../lrfind/src/finder/index.js";
import type { FitLoop, Learner } from "../../src/learner/index.js";
import { groupedLearner } from "./grouped.js";
import { bitsOf } from "./toy.js";

const { cos, PI } = Math;
/** Cosine annealing from `a` at 0 to `b` at 1. */
const anneal = (a: number, b: number, t: number) => b + 0.5 * (a - b) * (1 + cos(PI * t));

/** Rates of the last group in a fit, and what the formula says for each step of n. */
function expectRates(learner: Learner, group: number, formula: (position: number) => number): void {
  const { lrs } = learner.recorder;
  expect(lrs.length).toBeGreaterThan(0);
  lrs.forEach((rates, i) => {
    expect(rates[group]! / formula(i / lrs.length)).toBeCloseTo(1, 10);
  });
}

describe("fits", () => {
  test("fit keeps its rates, per group", async () => {
    await using learner = groupedLearner();
    await learner.fit(2, { lr: { from: 1e-4, to: 1e-2 } });
    [1e-4, 1e-3, 1e-2].forEach((lr, group) => {
      expectRates(learner, group, () => lr);
    });
    expect(learner.recorder.lrs.length).toBe(12);
    expect(learner.recorder.epochs.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(new Set(learner.recorder.moms)).toEqual(new Set([0.9]));
  });

  test("fitOneCycle anneals rates and momentum by fastai's formulas", async () => {
    await using learner = groupedLearner();
    await learner.fitOneCycle(2, { lrMax: [1e-4, 1e-3, 1e-2] });
    [1e-4, 1e-3, 1e-2].forEach((lrMax, group) => {
      expectRates(learner, group, (p) =>
        p < 0.25 ? anneal(lrMax / 25, lrMax, p / 0.25) : anneal(lrMax, lrMax / 1e5, (p - 0.25) / 0.75),
      );
    });
    const { moms } = learner.recorder;
    moms.forEach((mom, i) => {
      const p = i / moms.length;
      expect(mom).toBeCloseTo(
        p < 0.25 ? anneal(0.95, 0.85, p / 0.25) : anneal(0.85, 0.95, (p - 0.25) / 0.75),
        10,
      );
    });
  });

  test("fitOneCycle gives no momentum to an optimizer that has none", async () => {
    await using learner = groupedLearner({ optFunc: sgd({ mom: 0 }) });
    await learner.fitOneCycle(1, { lrMax: 0.01 });
    expect(new Set(learner.recorder.moms)).toEqual(new Set([0]));
  });

  test("fitFlatCos stays and then falls", async () => {
    await using learner = groupedLearner();
    await learner.fitFlatCos(2, { lr: 1e-2, pctStart: 0.5, divFinal: 100 });
    expectRates(learner, 2, (p) => (p < 0.5 ? 1e-2 : anneal(1e-2, 1e-4, (p - 0.5) / 0.5)));
  });

  test("fitSgdr restarts; two cycles of 1 and 2 epochs", async () => {
    await using learner = groupedLearner();
    const records = await learner.fitSgdr(2, 1, { lrMax: 1e-2 });
    expect(records.length).toBe(3);
    expectRates(learner, 0, (p) =>
      p < 1 / 3 ? anneal(1e-2, 0, 3 * p) : anneal(1e-2, 0, (p - 1 / 3) / (2 / 3)),
    );
  });

  test("fineTune trains the head, then all at half the rate, as fastai does", async () => {
    await using learner = groupedLearner();
    const before = bitsOf(learner);
    const seen: { lrs: readonly number[]; trained: number; position: number }[] = [];
    let afterFrozen: Record<string, string> = {};
    const watch = {
      name: "watch",
      afterStep({ lrs, position, learner: { trained } }: FitLoop) {
        seen.push({ lrs, trained: trained.size, position });
      },
      afterFit: () => {
        if (Object.keys(afterFrozen).length === 0) afterFrozen = bitsOf(learner);
      },
    };
    const records = await learner.fineTune(2, { baseLr: 2e-2, freezeEpochs: 1, cbs: [watch] });
    expect(records.length).toBe(3);
    expect(afterFrozen["param:0.weight"]).toBe(before["param:0.weight"]);
    const frozen = seen.filter(({ trained }) => trained === 4);
    const unfrozen = seen.filter(({ trained }) => trained === 8);
    expect([frozen.length, unfrozen.length]).toEqual([6, 12]);
    for (const { lrs, position: p } of frozen) {
      const last = p < 0.99 ? anneal(2e-2 / 25, 2e-2, p / 0.99) : anneal(2e-2, 2e-7, (p - 0.99) / 0.01);
      [last / 10, last / 10, last].forEach((lr, i) => {
        expect(lrs[i]! / lr).toBeCloseTo(1, 10);
      });
    }
    for (const { lrs, position: p } of unfrozen) {
      [1e-4, 1e-3, 1e-2].forEach((max, i) => {
        const lr = p < 0.3 ? anneal(max / 5, max, p / 0.3) : anneal(max, max / 1e5, (p - 0.3) / 0.7);
        expect(lrs[i]! / lr).toBeCloseTo(1, 10);
      });
    }
  });

  test("the recorder smooths losses as fastai does", async () => {
    await using learner = groupedLearner();
    await learner.fit(1);
    const { losses, smoothedLosses } = learner.recorder;
    let v = 0;
    losses.forEach((loss, i) => {
      v = 0.98 * v + 0.02 * loss;
      expect(smoothedLosses[i]).toBeCloseTo(v / (1 - 0.98 ** (i + 1)), 12);
    });
  });

  test("refuses epochs that are none", async () => {
    await using learner = groupedLearner();
    await expect(learner.fit(2, { startEpoch: 3 })).rejects.toThrow(
      "fit startEpoch: expected a whole number from 0 to nEpoch = 2, got 3",
    );
    await expect(learner.fitSgdr(1, 0)).rejects.toThrow(
      "fitSgdr cycleLen: expected a whole number from 1 up",
    );
    await expect(learner.fitOneCycle(1, { lrMax: -1 })).rejects.toThrow(
      "fitOneCycle lr: expected a positive",
    );
    expect(await learner.fitOneCycle(0)).toEqual([]);
  });
});

describe("what lrFind returns is a learning rate", () => {
  test("one rate for all groups", async () => {
    await using learner = groupedLearner();
    const found = await learner.lrFind({ suggestFuncs: [edge], numIt: 30 });
    await learner.fit(1, { lr: found });
    expect(learner.recorder.lrs[0]).toEqual([found.lr, found.lr, found.lr]);
    await learner.fitOneCycle(1, { lrMax: found });
    expect(Math.max(...learner.recorder.lrs.map((lrs) => lrs[2]!))).toBeLessThanOrEqual(
      found.lr! * 1.0000001,
    );
  });

  test("one rate per group", async () => {
    await using learner = groupedLearner();
    const found = await learner.lrFind({ suggestFuncs: [minimum], numIt: 30, groups: "each" });
    expect(found.lrs?.length).toBe(3);
    await learner.fit(1, { lr: found });
    expect(learner.recorder.lrs[0]).toEqual(found.lrs);
    await learner.fineTune(1, { baseLr: found });
  });

  test("frozen groups are not searched, but have a rate", async () => {
    await using learner = groupedLearner();
    learner.freezeTo(1);
    const found = await learner.lrFind({ suggestFuncs: [minimum], numIt: 30, groups: "each" });
    expect(found.groups?.map(({ group }) => group)).toEqual(["hidden", "head"]);
    expect(found.lrs?.length).toBe(3);
    expect(found.lrs![0]).toBe(found.lrs![1]);
    await learner.fit(1, { lr: found });
  });

  test("a search that found nothing is refused with its reason", async () => {
    await using learner = groupedLearner();
    const found = await learner.lrFind({ suggestFuncs: [valley], numIt: 6, startLr: 1e-20, endLr: 1e-19 });
    const none = {
      ...found,
      lr: null,
      lrs: null,
      suggestions: { valley: { lr: null, reason: "the curve is too short" } },
    };
    await expect(learner.fit(1, { lr: none })).rejects.toThrow(
      "fit lr: expected a search that found a learning rate, got none (the curve is too short); try another of suggestFuncs",
    );
  });
});

describe("a rate in place of a fit's options, as JavaScript lets through", () => {
  type Train = (learner: Learner, options: never) => Promise<unknown>;
  const fits: Record<string, Train> = {
    fit: (learner, options) => learner.fit(1, options),
    fitOneCycle: (learner, options) => learner.fitOneCycle(1, options),
    fitFlatCos: (learner, options) => learner.fitFlatCos(1, options),
    fitSgdr: (learner, options) => learner.fitSgdr(1, 1, options),
    fineTune: (learner, options) => learner.fineTune(1, options),
  };

  test.each(Object.entries(fits))("is refused by %s, which changes nothing", async (name, train) => {
    await using learner = groupedLearner();
    const before = bitsOf(learner);
    const { trained } = learner;
    await expect(train(learner, 0.01 as never)).rejects.toThrow(
      new RegExp(`^${name}: expected an options object, got 0.01; try { (lr|lrMax|baseLr): … }$`),
    );
    expect(bitsOf(learner)).toEqual(before);
    expect(learner.trained).toEqual(trained);
  });
});

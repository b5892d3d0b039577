import { describe, expect, test } from "vitest";
import {
  fineTunePlans,
  flatCosPlan,
  oneCyclePlan,
  sgdrPlan,
} from "../../../src/learner/fit/fit-schedules.js";
import {
  type Callback,
  type FitLoop,
  flatCos,
  LearnerError,
  oneCycle,
  oneCycleMomentum,
  ratesOf,
  sgdr,
} from "../../../src/learner/index.js";

const positions = [0, 0.1, 0.25, 0.4, 0.5, 0.75, 0.9, 0.99];
const hyper = { mom: 0.5, wd: 0.125 };
/** Rates and momentum that a plan sets. */
function settings(plan: Callback, position: number) {
  const loop = { position, lrs: [7, 8], hyper };
  plan.beforeBatch!(loop as unknown as FitLoop);
  return { lrs: loop.lrs, ...loop.hyper };
}

describe("the plan of", () => {
  const lrs = [0.1, 0.2];
  const moms = [0.9, 0.6, 0.8] as const;

  test.each([{}, { div: 4 }, { divFinal: 10 }, { pctStart: 0.5 }, { div: 2, divFinal: 3, pctStart: 0.1 }])(
    "fitOneCycle anneals rates and momentum over the same part: %j",
    (options) => {
      const plan = oneCyclePlan(lrs, { ...options, moms, hasMomentum: true });
      for (const at of positions) {
        expect(settings(plan, at)).toEqual({
          lrs: lrs.map((lr) => oneCycle(lr, options)(at)),
          mom: oneCycleMomentum(moms, "pctStart" in options ? options.pctStart : 0.25)(at),
          wd: hyper.wd,
        });
      }
      const still = oneCyclePlan(lrs, { ...options, moms, hasMomentum: false });
      expect(settings(still, 0.4).mom).toBe(hyper.mom);
      expect(settings(still, 0.4).lrs).toEqual(settings(plan, 0.4).lrs);
    },
  );

  test.each([{}, { divFinal: 10 }, { pctStart: 0.5 }])("fitFlatCos: %j", (options) => {
    for (const at of positions) {
      const expected = { lrs: lrs.map((lr) => flatCos(lr, options)(at)), ...hyper };
      expect(settings(flatCosPlan(lrs, options), at)).toEqual(expected);
    }
  });

  test("fitSgdr", () => {
    const cycles = { nCycles: 2, cycleLen: 3, cycleMult: 2 };
    for (const at of positions) {
      expect(settings(sgdrPlan(lrs, cycles), at)).toEqual({
        lrs: lrs.map((lr) => sgdr(lr, cycles)(at)),
        ...hyper,
      });
    }
  });
});

describe("the plan of fineTune", () => {
  test("is fastai's where nothing is said", () => {
    const { frozen, unfrozen, ...rest } = fineTunePlans({});
    expect(rest).toEqual({ freezeEpochs: 1, startEpoch: 0 });
    expect(frozen).toEqual({ startEpoch: 0, lrMax: { to: 2e-3 }, pctStart: 0.99 });
    expect(unfrozen).toEqual({ startEpoch: 0, lrMax: { from: 1e-5, to: 1e-3 }, pctStart: 0.3, div: 5 });
    expect(ratesOf(unfrozen.lrMax!, 3, "fit")[1]).toBeCloseTo(1e-4, 12);
  });

  test("takes each option, and hands on to both fits what is not its own", () => {
    const both = {
      wd: 0.1,
      cbs: [],
      moms: [0.9, 0.8, 0.9] as const,
      divFinal: 7,
      signal: new AbortController().signal,
    };
    const own = { baseLr: 0.4, freezeEpochs: 3, lrMult: 10, pctStart: 0.6, div: 8 };
    expect(fineTunePlans({ ...both, ...own })).toEqual({
      freezeEpochs: 3,
      startEpoch: 0,
      frozen: { ...both, startEpoch: 0, lrMax: { to: 0.4 }, pctStart: 0.99 },
      unfrozen: { ...both, startEpoch: 0, lrMax: { from: 0.02, to: 0.2 }, pctStart: 0.6, div: 8 },
    });
  });

  test("divides the epochs before the start between both parts", () => {
    for (const [startEpoch, first, second] of [
      [0, 0, 0],
      [1, 1, 0],
      [2, 2, 0],
      [3, 2, 1],
      [5, 2, 3],
    ] as const) {
      const { frozen, unfrozen, startEpoch: whole } = fineTunePlans({ freezeEpochs: 2, startEpoch });
      expect([whole, frozen.startEpoch, unfrozen.startEpoch]).toEqual([startEpoch, first, second]);
    }
  });

  test("takes the last group's rate of a search, and refuses what is none", () => {
    expect(fineTunePlans({ baseLr: { lr: 1, lrs: [1, 2, 4] } }).frozen.lrMax).toEqual({ to: 4 });
    for (const baseLr of [0, -1, Number.NaN, Infinity, null, "1"]) {
      expect(() => fineTunePlans({ baseLr: baseLr as number })).toThrow(LearnerError);
      expect(() => fineTunePlans({ baseLr: baseLr as number })).toThrow(
        "fineTune baseLr: expected a positive number",
      );
    }
  });
});

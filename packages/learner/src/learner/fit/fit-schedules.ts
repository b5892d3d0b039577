import type { FineTuneOptions, FitOneCycleOptions } from "../learner-options.js";
import { singleRate } from "../learning-rate.js";
import type { Callback } from "./callbacks/index.js";
import { type ParamSchedules, paramScheduler } from "./callbacks/param-scheduler.js";
import type { FlatCosOptions, Momenta, OneCycleOptions, SgdrCycles } from "./schedules/index.js";
import { flatCos, oneCycle, oneCycleMomentum, sgdr } from "./schedules/index.js";

/** The schedules of `fitOneCycle`. */
export function oneCyclePlan(
  lrs: readonly number[],
  options: OneCycleOptions & { readonly moms: Momenta; readonly hasMomentum: boolean },
): Callback {
  const schedules: ParamSchedules = { lr: lrs.map((lr) => oneCycle(lr, cycleOf(options))) };
  // An optimizer without momentum is not to be given any.
  if (!options.hasMomentum) return paramScheduler(schedules);
  return paramScheduler({ ...schedules, mom: oneCycleMomentum(options.moms, options.pctStart) });
}

/** The part of a fit's options that its schedule takes. */
function cycleOf({ div, divFinal, pctStart }: OneCycleOptions): OneCycleOptions {
  return {
    ...(div === undefined ? {} : { div }),
    ...(divFinal === undefined ? {} : { divFinal }),
    ...(pctStart === undefined ? {} : { pctStart }),
  };
}

function flatOf({ divFinal, pctStart }: FlatCosOptions): FlatCosOptions {
  return { ...(divFinal === undefined ? {} : { divFinal }), ...(pctStart === undefined ? {} : { pctStart }) };
}

/** The schedules of `fitFlatCos`. */
export function flatCosPlan(lrs: readonly number[], options: FlatCosOptions): Callback {
  return paramScheduler({ lr: lrs.map((lr) => flatCos(lr, flatOf(options))) });
}

/** The schedules of `fitSgdr`. */
export function sgdrPlan(lrs: readonly number[], cycles: SgdrCycles): Callback {
  return paramScheduler({ lr: lrs.map((lr) => sgdr(lr, cycles)) });
}

/** The two fits of `fineTune`: with the first groups frozen, then with all. */
export function fineTunePlans(options: FineTuneOptions): {
  readonly freezeEpochs: number;
  /** Over the epochs of both. */
  readonly startEpoch: number;
  readonly frozen: FitOneCycleOptions;
  readonly unfrozen: FitOneCycleOptions;
} {
  const { baseLr = 2e-3, freezeEpochs = 1, lrMult = 100, pctStart = 0.3, div = 5, ...rest } = options;
  const { startEpoch = 0, ...both } = rest;
  const rate = singleRate(baseLr, "fineTune baseLr");
  const half = rate / 2;
  return {
    freezeEpochs,
    startEpoch,
    frozen: {
      ...both,
      startEpoch: Math.min(startEpoch, freezeEpochs),
      lrMax: { to: rate },
      pctStart: 0.99,
    },
    unfrozen: {
      ...both,
      startEpoch: Math.max(0, startEpoch - freezeEpochs),
      lrMax: { from: half / lrMult, to: half },
      pctStart,
      div,
    },
  };
}

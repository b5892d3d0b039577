import {
  gradientTransform,
  layer,
  lossFunc,
  metric,
  model as modelCheck,
  optimizer,
  SESSION_OPTIONS,
} from "@lrfind/engine/internal";
import {
  abortSignal,
  anything,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  either,
  func,
  integer,
  required,
} from "lrfind/core";
import { checkLearnerOptions, dataLoaders, divisor, momenta, refuse } from "./checks.js";
import { callbacks } from "./fit/callbacks/check-callbacks.js";
import { FLAT_COS } from "./fit/schedules/flat-cos.js";
import { ONE_CYCLE } from "./fit/schedules/one-cycle.js";
import type {
  CommonFitOptions,
  FineTuneOptions,
  FitFlatCosOptions,
  FitOneCycleOptions,
  FitOptions,
  FitSgdrOptions,
  LearnerOptions,
} from "./learner-options.js";
import type { ReadyLearnerOptions } from "./task.js";

const model: Check = {
  ...either(modelCheck, layer),
  expected: "a model or a layer",
  hint: (value) => (typeof value === "function" ? `${value.name || "layer"}()` : "sequential(…)"),
};

const metrics: Check = {
  ...arrayOf(metric),
  hint(value) {
    if (metric.accepts(value)) return "[metric]";
    return arrayOf(metric).hint?.(value);
  },
};

/** Rates have forms that their own reader checks, and so has weight decay, which callbacks may set too. */
const rate = anything;

/** The checks of what every ready-made learner takes. */
export const READY_OPTIONS: Checks<ReadyLearnerOptions> = {
  lossFunc,
  optFunc: optimizer,
  lr: rate,
  splitter: func,
  metrics,
  cbs: callbacks,
  wd: rate,
  moms: momenta,
  wdBnBias: boolean,
  trainBn: boolean,
  accumulate: integer({ min: 1 }),
  gradientTransform,
  seed: integer({ min: 0 }),
  maxSessions: integer({ min: 1 }),
  runtime: {
    expected: "options of a session",
    accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    hint: () => "{ threads: 2 }",
  },
};

const LEARNER_OPTIONS: Checks<LearnerOptions> = {
  ...READY_OPTIONS,
  dls: required(dataLoaders),
  model: required(model),
  lossFunc: required(lossFunc),
};

/** Checks what a `Learner` is made of. @throws {LearnerError} */
export function checkLearner(options: unknown): asserts options is LearnerOptions {
  checkLearnerOptions<LearnerOptions>("Learner", options, LEARNER_OPTIONS);
  checkLearnerOptions("Learner runtime", (options as LearnerOptions).runtime ?? {}, SESSION_OPTIONS);
}

/** The options of a `Learner` among those of a ready-made one. */
export function learnerPart(options: ReadyLearnerOptions): ReadyLearnerOptions {
  const known = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(READY_OPTIONS, name) && value !== undefined,
  );
  return Object.fromEntries(known);
}

const COMMON_FIT: Checks<CommonFitOptions> = {
  wd: rate,
  cbs: callbacks,
  signal: abortSignal,
  onStep: func,
  startEpoch: integer({ min: 0 }),
};
// The rate first: a hint shows the first option.
const FIT: Checks<FitOptions> = { lr: rate, ...COMMON_FIT };
const FIT_ONE_CYCLE: Checks<FitOneCycleOptions> = { lrMax: rate, ...COMMON_FIT, ...ONE_CYCLE, moms: momenta };
const FINE_TUNE: Checks<FineTuneOptions> = {
  baseLr: rate,
  ...COMMON_FIT,
  ...ONE_CYCLE,
  moms: momenta,
  freezeEpochs: integer({ min: 0 }),
  lrMult: divisor,
};
const FIT_FLAT_COS: Checks<FitFlatCosOptions> = { ...FIT, ...FLAT_COS };
const FIT_SGDR: Checks<FitSgdrOptions> = { lrMax: rate, ...COMMON_FIT, cycleMult: integer({ min: 1 }) };

const FITS = {
  fit: FIT,
  fitOneCycle: FIT_ONE_CYCLE,
  fitFlatCos: FIT_FLAT_COS,
  fitSgdr: FIT_SGDR,
  fineTune: FINE_TUNE,
} as const;

/**
 * Checks a fit's options.
 *
 * @param where - Which fit.
 * @throws {LearnerError} when they are no object (a rate in their place would be passed over), one of that name does not
 *   exist, or has a value that cannot be used.
 */
export function checkFit(where: keyof typeof FITS, options: unknown): void {
  const epochs = Object.keys(Object(options)).find((name) => /^n?_?(um_?)?epochs?$/i.test(name));
  if (epochs !== undefined && typeof options === "object") {
    refuse({
      where,
      option: epochs,
      expected: "a known option",
      got: JSON.stringify(epochs),
      hint: `${where}(${where === "fitSgdr" ? "nCycles, cycleLen" : "epochs"}, { … }): it is the first argument`,
      received: epochs,
    });
  }
  checkLearnerOptions(where, options, FITS[where] as Checks<object>);
}

import { clipGradNorm, clipGradValue } from "@lrfind/engine";
import {
  depth,
  dropProbability,
  layer,
  lossFunc,
  metric,
  model as modelCheck,
  optimizer,
  SESSION_OPTIONS,
  size,
} from "@lrfind/engine/internal";
import {
  abortSignal,
  anything,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  describe,
  didYouMean,
  either,
  type Fail,
  func,
  integer,
  made,
  number,
  oneOf,
  range,
  required,
  tuple,
  withHint,
} from "lrfind/core";
import { DataLoader, type DataLoaders } from "../data/index.js";
import { LearnerError } from "./errors.js";
import { type Callback, HOOKS } from "./fit/callbacks/callback.js";
import type { FlatCosOptions, OneCycleOptions } from "./fit/schedules/index.js";
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

export { depth, dropProbability, layer, size };

/** Throws a `LearnerError` for an argument that cannot be used. */
export const refuse: Fail = ({ where, expected, got, hint }) => {
  throw new LearnerError({ where, expected, got, ...(hint === undefined ? {} : { hint }) });
};

/** Checks one argument of the learner's room. */
export function check(where: string, name: string, value: unknown, expected: Check): void {
  checkArgument(where, name, value, expected, refuse);
}

/** Checks options of the learner's room. */
export function checkLearnerOptions<T extends object>(
  where: string,
  options: unknown,
  checks: Checks<T>,
): void {
  checkOptions<T>(where, options, checks, refuse);
}

/** A path of a file. */
export const path: Check = {
  expected: "a path, or a file: URL",
  accepts: (value) =>
    (typeof value === "string" && value !== "" && !value.includes("\0")) ||
    (value instanceof URL && value.protocol === "file:"),
};

/** Loaders of training and perhaps validation data. */
export const dataLoaders: Check = {
  expected: "data loaders",
  accepts(value) {
    const { train, valid } = Object(value) as Partial<DataLoaders>;
    return train instanceof DataLoader && (valid === undefined || valid instanceof DataLoader);
  },
  hint(value) {
    if (value instanceof DataLoader) return "{ train: loader }";
    if (value instanceof Promise) return "awaiting them";
    return typeof value === "function" ? `await ${value.name || "loaders"}({ … })` : "dataLoaders({ … })";
  },
};

/** Makers of gradient transforms, which are functions like what they make. */
const TRANSFORM_MAKERS: readonly unknown[] = [clipGradNorm, clipGradValue];

const gradientTransform: Check = {
  expected: "a gradient transform",
  accepts: (value) => func.accepts(value) && !TRANSFORM_MAKERS.includes(value),
  hint: (value) =>
    TRANSFORM_MAKERS.includes(value) ? `${(value as { name: string }).name}(1)` : "clipGradNorm(1)",
};

const decay = number({ min: 0, below: 1 });
/** Momentum at the start, the middle and the end. */
export const momenta: Check = withHint(tuple(decay, decay, decay), "[0.95, 0.85, 0.95]");

/** Callbacks: each has a name, and hooks that exist. */
export const callbacks: Check = {
  ...arrayOf(made("a callback", [], "progressCallback()")),
  accepts: (value) =>
    Array.isArray(value) && Array.from(value).every((callback) => faultOf(callback) === undefined),
  expected: "an array of callbacks, each an object with a name and hooks",
  got(value) {
    if (!Array.isArray(value)) return withHint(func, "").got?.(value) ?? describe(value);
    const index = Array.from(value).findIndex((callback) => faultOf(callback) !== undefined);
    return `${faultOf(value[index])!.got} at index ${index}`;
  },
  hint(value) {
    if (!Array.isArray(value)) return faultOf(value) === undefined ? "[callback]" : "[]";
    return Array.from(value, faultOf).find((fault) => fault !== undefined)?.hint;
  },
};

/** What is wrong with a callback. */
function faultOf(callback: unknown): { readonly got: string; readonly hint?: string } | undefined {
  if (typeof callback === "function") {
    return { got: `function ${callback.name}`, hint: `${callback.name || "callback"}()` };
  }
  if (typeof callback !== "object" || callback === null) return { got: describe(callback) };
  const { name, order } = callback as Partial<Callback>;
  if (typeof name !== "string") return { got: "a callback without a name", hint: '{ name: "mine", … }' };
  if (order !== undefined && !Number.isFinite(order))
    return { got: `a callback of order ${describe(order)}` };
  for (const key of namesOf(callback)) {
    const isHook = (HOOKS as readonly string[]).includes(key) || key === "finish";
    if (!isHook && !/^(before|after)[A-Z]/.test(key)) continue;
    const value = (callback as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (!isHook)
      return {
        got: `a callback with the unknown hook ${key}`,
        hint: didYouMean(key, HOOKS) ?? HOOKS.join(", "),
      };
    if (typeof value !== "function") return { got: `a callback whose ${key} is no function` };
  }
  return undefined;
}

/** Names of an object's fields and methods, those of its class included. */
function namesOf(object: object): string[] {
  const names: string[] = [];
  for (let at: unknown = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  return names;
}

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
/** A part of a whole. */
export const share = number({ min: 0, max: 1 });
/** What something is divided by. */
export const divisor = number({ above: 0 });
/** The checks of a one-cycle schedule's options. */
export const ONE_CYCLE: Checks<OneCycleOptions> = { div: divisor, divFinal: divisor, pctStart: share };
/** The checks of a flat schedule's options. */
export const FLAT_COS: Checks<FlatCosOptions> = { divFinal: divisor, pctStart: share };
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

/** An interval of outputs. */
export const yRange = range;
/** Probabilities of dropping, one for all layers or one for each. */
export const drops = either(dropProbability, arrayOf(dropProbability));
/** Widths of layers. */
export const widths = arrayOf(size);
export { anything, arrayOf, boolean, func, integer, number, oneOf, required };

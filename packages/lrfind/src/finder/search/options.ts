import { anything, arrayOf, type Checks, checkOptions, string } from "../../core/index.js";
import { trainerInfo } from "../checks.js";
import { DEFAULT_BETA } from "../curve/smoothing.js";
import { ContractError, LrFindOptionError } from "../errors.js";
import { type Bounds, resolveBounds } from "./bounds.js";
import type { LossOn } from "./loss-on.js";
import { rateAt, type Sweep } from "./schedule.js";
import type { SweepPlan } from "./sweep.js";
import type { Trainer } from "./trainer.js";

/** Options of a range test. Names and defaults are fastai's. */
export interface RangeTestOptions {
  /** Rate of the first step, or one per parameter group; above 0. @default 1e-7 */
  readonly startLr?: number | readonly number[];
  /** Rate that the sweep runs towards, or one per parameter group; above `startLr`. @default 10 */
  readonly endLr?: number | readonly number[];
  /** Number of steps; an integer, at least 6. @default 100 */
  readonly numIt?: number;
  /** Whether to stop once training has diverged. A loss that is NaN or infinite always ends the test. @default true */
  readonly stopDiv?: boolean;
  /** How many times its best value the smoothed loss may reach before it counts as diverged; above 1. @default 4 */
  readonly divFactor?: number;
  /** Spacing of the rates: equal ratios, or equal differences. @default "exponential" */
  readonly sweep?: Sweep;
  /** Smoothing factor of the losses, in [0, 1); 0 turns smoothing off. @default 0.98 */
  readonly beta?: number;
  /**
   * Which loss is recorded: the mini-batch's, before each update; or that of the whole validation set, after
   * it, which costs a pass over that set per step (`lrFind` reports how much). @default "train"
   */
  readonly lossOn?: LossOn;
  /** Ends the test early: it stops as `"aborted"`, with the curve so far, and does not throw. */
  readonly signal?: AbortSignal;
  /** Batch order (and initial weights, where the trainer can). @default the trainer's own present state */
  readonly seed?: number;
}

/** Range-test options with every default filled in, validated. */
export interface ResolvedOptions {
  /** First and bounding rate, one pair per swept list entry; one pair where plain numbers were given. */
  readonly bounds: readonly Bounds[];
  /** Whether the rates were given as lists, one per parameter group. */
  readonly perGroup: boolean;
  readonly numIt: number;
  readonly stopDiv: boolean;
  readonly divFactor: number;
  readonly sweep: Sweep;
  readonly beta: number;
  readonly lossOn: LossOn;
  readonly signal?: AbortSignal;
  readonly seed?: number;
}

/** fastai's range. */
export const DEFAULT_START_LR = 1e-7;
export const DEFAULT_END_LR = 10;

/** The values are checked below, with hints of their own. */
const KNOWN_OPTIONS: Checks<RangeTestOptions> = {
  startLr: anything,
  endLr: anything,
  numIt: anything,
  stopDiv: anything,
  divFactor: anything,
  sweep: anything,
  beta: anything,
  lossOn: anything,
  signal: anything,
  seed: anything,
};

/**
 * Fills in the defaults of range-test options and checks them all.
 *
 * @param where - The caller, which begins every message.
 * @param trainer - The trainer, whose parameter groups lists must match.
 * @param options - What the user gave.
 * @param alsoKnown - Names of further options that the caller understands.
 * @returns The complete options.
 * @throws LrFindOptionError for the first option that cannot be used.
 */
export function resolveOptions(
  where: string,
  trainer: Trainer,
  options: RangeTestOptions,
  alsoKnown: readonly string[] = [],
): ResolvedOptions {
  checkTrainer(where, trainer);
  const known = { ...KNOWN_OPTIONS, ...Object.fromEntries(alsoKnown.map((name) => [name, anything])) };
  checkOptions<RangeTestOptions>(where, options, known, (problem) => {
    throw new LrFindOptionError(where, { ...problem, hint: problem.hint ?? "{}" });
  });
  const fail = (option: keyof RangeTestOptions, expected: string, received: unknown, hint: string): never => {
    throw new LrFindOptionError(where, { option, expected, received, hint });
  };

  const {
    startLr = DEFAULT_START_LR,
    endLr = DEFAULT_END_LR,
    numIt = 100,
    stopDiv = true,
    divFactor = 4,
    sweep = "exponential",
    beta = DEFAULT_BETA,
    lossOn = "train",
    signal,
    seed,
  } = options;

  if (!Number.isSafeInteger(numIt) || numIt < 6) fail("numIt", "numIt to be an integer >= 6", numIt, "100");
  if (typeof stopDiv !== "boolean") fail("stopDiv", "stopDiv to be true or false", stopDiv, "true");
  if (!isNumber(divFactor) || divFactor <= 1) fail("divFactor", "divFactor > 1", divFactor, "4");
  if (sweep !== "exponential" && sweep !== "linear") {
    fail("sweep", 'sweep "exponential" or "linear"', sweep, '"exponential"');
  }
  if (!isNumber(beta) || beta < 0 || beta >= 1) fail("beta", "beta in [0, 1)", beta, "0.98");
  if (lossOn !== "train" && lossOn !== "validation") {
    fail("lossOn", 'lossOn "train" or "validation"', lossOn, '"train"');
  }
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    fail("signal", "signal to be an AbortSignal", signal, "new AbortController().signal");
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) fail("seed", "seed to be an integer", seed, "0");

  const rates = { startLr, endLr };
  return {
    bounds: resolveBounds(where, rates, trainer.paramGroups),
    perGroup: Array.isArray(startLr) || Array.isArray(endLr),
    numIt,
    stopDiv,
    divFactor,
    sweep,
    beta,
    lossOn,
    ...(signal === undefined ? {} : { signal }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** What a sweep of these options does, all groups together. */
export function jointSweep(options: ResolvedOptions): SweepPlan {
  const { bounds, perGroup, sweep, numIt } = options;
  return {
    ...options,
    rates(step) {
      const lrs = bounds.map((bound) => rateAt(sweep, bound, step / numIt));
      const lr = lrs[lrs.length - 1]!;
      return perGroup ? { lr, lrs } : { lr };
    },
  };
}

/** Throws unless the trainer is one. */
function checkTrainer(where: string, trainer: Trainer): void {
  if (typeof trainer?.startTrial === "function") {
    const { paramGroups, info } = trainer;
    if (paramGroups !== undefined && !arrayOf(string, { minLength: 1 }).accepts(paramGroups)) {
      throw new ContractError(where, {
        member: "trainer.paramGroups",
        expected: "paramGroups to be the names of one parameter group or more",
        received: paramGroups,
        hint: '["body", "head"], or leaving it out',
      });
    }
    if (info !== undefined && !trainerInfo.accepts(info)) {
      throw new ContractError(where, {
        member: "trainer.info",
        expected: `info to be ${trainerInfo.expected}`,
        received: info,
        hint: '{ name: "ResNet-18" }, or leaving it out',
      });
    }
    return;
  }
  const expected = "a trainer with startTrial()";
  const hint = "a Learner, or an object with startTrial()";
  throw new LrFindOptionError(where, { option: "trainer", expected, received: trainer, hint });
}

/** Whether a value is a finite number. */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

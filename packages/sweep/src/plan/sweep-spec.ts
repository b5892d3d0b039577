import {
  arrayOf,
  type Check,
  type Checks,
  checkOptions,
  either,
  integer,
  number,
  oneOf,
  required,
  string,
} from "lrfind/core";
import { type ConfigValue, SweepError } from "../job/index.js";
import { refuse, SUGGESTERS, VALUES } from "../job/internal.js";

/** The values of an axis: a list, or an interval of numbers. */
export type Axis = readonly ConfigValue[] | Interval;

/** An interval of numbers, from which values are drawn, or of which a grid takes some. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  /** Whether its logarithm is what is even. @default false */
  readonly log?: boolean;
  /** How many values a grid takes, the ends among them. @default 3 */
  readonly count?: number;
}

/** Rates around the answer of a range test. */
export interface RangeTestRates {
  /** What the answer is multiplied by. @default [0.3, 1, 3] */
  readonly factors?: readonly number[];
  /** Whose answer: edge, valley, slide, steep or minimum. @default "edge" */
  readonly suggestFunc?: string;
  /** Steps of a range test. @default 100 */
  readonly numIt?: number;
  /** Range tests with different mini-batches, of which the mean is taken. @default 1 */
  readonly runs?: number;
}

/** What to try, how much, and what decides. */
export interface SweepSpec {
  /** The path of a module whose default export makes a `Learner` of a config: a value for each axis. */
  readonly model: string;
  /** What is tried beside the rate, by name; a `seed` is an axis over which results are averaged. @default none */
  readonly axes?: Readonly<Record<string, Axis>>;
  /** The rates: a range test first and trainings around its answer, or a list. @default a range test */
  readonly lr?: RangeTestRates | readonly number[];
  /** Every combination; `trials` of them at random; or successive halving. @default "grid" */
  readonly search?: "grid" | "random" | "halving";
  /** How many combinations random search and halving begin with. @default 12 */
  readonly trials?: number;
  /** Epochs of each training; of halving, of those that are left at the end. @default 3 */
  readonly epochs?: number;
  /** Epochs of halving's first trainings. @default 1 */
  readonly minEpochs?: number;
  /** Of how many trainings halving keeps one, which then train so many times as long. @default 3 */
  readonly eta?: number;
  /** @default "oneCycle" */
  readonly schedule?: "oneCycle" | "constant";
  /** The measure that decides: validLoss, trainLoss or a metric's name. @default "validLoss" */
  readonly monitor?: string;
  /** Of what is drawn at random. @default 0 */
  readonly seed?: number;
  /** Threads of each job. Results are the same bit for bit at one number of them. @default 1 */
  readonly threads?: number;
  /** No further job begins once these many training steps are made. @default no limit */
  readonly maxSteps?: number;
}

/** A spec with its defaults. */
export type FullSpec = Required<Omit<SweepSpec, "lr" | "maxSteps">> & {
  readonly lr: Required<RangeTestRates> | readonly number[];
  readonly maxSteps: number;
};

const rate = number({ above: 0 });

const INTERVAL: Check = {
  expected: "{ from, to }, the lesser first, above 0 where log is true",
  accepts(value) {
    const { from, to, log = false, count = 3, ...others } = Object(value) as Partial<Interval>;
    return (
      Object.keys(others).length === 0 &&
      Number.isFinite(from) &&
      Number.isFinite(to) &&
      from! < to! &&
      typeof log === "boolean" &&
      (!log || from! > 0) &&
      Number.isInteger(count) &&
      count >= 2
    );
  },
};

const LIST: Check = {
  expected: "a list of different values, at least one",
  accepts: (value) =>
    VALUES.accepts(value) &&
    (value as unknown[]).length > 0 &&
    new Set(value as unknown[]).size === (value as unknown[]).length,
};

const AXES: Check = {
  expected: "axes by name, each a list of different values or { from, to }",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((axis) => LIST.accepts(axis) || INTERVAL.accepts(axis)),
};

const RATES: Check = {
  expected: "a list of rates above 0",
  accepts: (value) => arrayOf(rate).accepts(value) && (value as unknown[]).length > 0,
};

const TEST: Checks<RangeTestRates> = {
  factors: RATES,
  suggestFunc: oneOf(...Object.keys(SUGGESTERS)),
  numIt: integer({ min: 6 }),
  runs: integer({ min: 1 }),
};

const OBJECT: Check = {
  expected: "{ factors, suggestFunc, numIt, runs }",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const SPEC: Checks<SweepSpec> = {
  model: required(string),
  axes: AXES,
  lr: either(RATES, OBJECT),
  search: oneOf("grid", "random", "halving"),
  trials: integer({ min: 1 }),
  epochs: integer({ min: 1 }),
  minEpochs: integer({ min: 1 }),
  eta: integer({ min: 2 }),
  schedule: oneOf("oneCycle", "constant"),
  monitor: string,
  seed: integer({ min: 0 }),
  threads: integer({ min: 1, max: 1024 }),
  maxSteps: integer({ min: 1 }),
};

/**
 * A sweep, with types: what `lrfind sweep` reads from a module's default export.
 *
 * @param spec - See `SweepSpec`.
 * @throws {SweepError} when it cannot be used, naming the field.
 *
 * @example
 * ```ts
 * export default defineSweep({
 *   model: "./learner.ts",
 *   axes: { batchSize: [16, 64], wd: { from: 1e-4, to: 1e-1, log: true }, seed: [0, 1] },
 *   epochs: 5,
 * });
 * ```
 */
export function defineSweep(spec: SweepSpec): SweepSpec {
  fullSpec(spec, "defineSweep");
  return spec;
}

/** Checks a spec and fills in its defaults. @throws {SweepError} */
export function fullSpec(spec: SweepSpec, where: string): FullSpec {
  checkOptions(where, spec, SPEC, refuse);
  const { axes = {}, lr = {}, search = "grid", trials = 12, epochs = 3, minEpochs = 1, eta = 3 } = spec;
  const isList = Array.isArray(lr);
  if (!isList) checkOptions(`${where} lr`, lr as RangeTestRates, TEST, refuse);
  if (Object.hasOwn(axes, "lr")) {
    throw new SweepError({
      where: `${where} axes`,
      expected: "axes beside the rate",
      got: "one named lr",
      hint: "lr beside axes: a list of rates, or { factors } around the answer of a range test",
    });
  }
  if (minEpochs > epochs) {
    throw new SweepError({
      where,
      expected: `minEpochs of at most epochs, ${epochs}`,
      got: String(minEpochs),
    });
  }
  return {
    ...{ model: spec.model, axes, search, trials, epochs, minEpochs, eta },
    lr: isList
      ? (lr as readonly number[])
      : { factors: [0.3, 1, 3], suggestFunc: "edge", numIt: 100, runs: 1, ...lr },
    schedule: spec.schedule ?? "oneCycle",
    monitor: spec.monitor ?? "validLoss",
    seed: spec.seed ?? 0,
    threads: spec.threads ?? 1,
    maxSteps: spec.maxSteps ?? Number.POSITIVE_INFINITY,
  };
}

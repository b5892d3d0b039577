import { readFileSync } from "node:fs";
import { arrayOf, type Check, checkOptions, integer, number, oneOf, required, string } from "lrfind/core";
import { hashOf } from "./canonical.js";
import { refuse, SweepError } from "./errors.js";
import { SUGGESTERS } from "./suggesters.js";

/** What one value of an axis may be. */
export type ConfigValue = number | string | boolean | null;

/** What a module's function makes a learner of: a value for each axis but the rate. */
export type Config = Readonly<Record<string, ConfigValue>>;

/** A job in a file: all that another process, on another machine, needs to do it. */
export interface JobSpec {
  readonly format: "lrfind-job";
  readonly version: 1;
  /** The version of lrfind that planned it: no other does it, as its results might differ. */
  readonly lrfind: string;
  /** The path of the module that makes the learner, from the job's file. */
  readonly module: string;
  /** SHA-256 of the module's text, shortened: results of another text are not this job's. */
  readonly moduleHash: string;
  /** Threads of the computation: a result is the same bit for bit at one number of them. */
  readonly threads: number;
  readonly config: Config;
  readonly task: CheckTask | SearchTask | FitTask;
}

/** Makes the learner and trains nothing: whether the module, the axes and the measure fit together. */
export interface CheckTask {
  readonly kind: "check";
  readonly monitor: string;
}

/** A range test from the initial weights. */
export interface SearchTask {
  readonly kind: "search";
  /** The suggester whose rate is taken: edge, valley, slide, steep or minimum. */
  readonly suggestFunc: string;
  readonly numIt: number;
  readonly runs: number;
}

/** A training from the initial weights. */
export interface FitTask {
  readonly kind: "fit";
  readonly schedule: "oneCycle" | "constant";
  readonly lr: number;
  readonly epochs: number;
  /** The measure that decides: validLoss, trainLoss, or a metric's name. */
  readonly monitor: string;
}

const VALUE: Check = {
  expected: "a number, a text, true, false or null",
  accepts: (value) =>
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value)),
};

const CONFIG: Check = {
  expected: "an object of numbers, texts, booleans and nulls",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(VALUE.accepts),
};

/** A list of values of an axis. */
export const VALUES: Check = arrayOf(VALUE);

const TASKS = {
  check: { kind: required(oneOf("check")), monitor: required(string) },
  search: {
    kind: required(oneOf("search")),
    suggestFunc: required(oneOf(...Object.keys(SUGGESTERS))),
    numIt: required(integer({ min: 6 })),
    runs: required(integer({ min: 1 })),
  },
  fit: {
    kind: required(oneOf("fit")),
    schedule: required(oneOf("oneCycle", "constant")),
    lr: required(number({ above: 0 })),
    epochs: required(integer({ min: 1 })),
    monitor: required(string),
  },
} as const;

const SPEC = {
  format: required(oneOf("lrfind-job")),
  version: required({
    expected: "1, the version that this lrfind reads",
    accepts: (value: unknown) => value === 1,
  }),
  lrfind: required(string),
  module: required(string),
  moduleHash: required(string),
  threads: required(integer({ min: 1, max: 1024 })),
  config: required(CONFIG),
  task: required({
    expected: "a task of kind check, search or fit",
    accepts: (value: unknown) =>
      ["check", "search", "fit"].includes((Object(value) as { kind: string }).kind),
  }),
};

/**
 * The name of a job: of all that decides its result, and of nothing else, so that the same job has one name on every machine.
 */
export function hashOfJob({ lrfind, moduleHash, threads, config, task }: JobSpec): string {
  return hashOf({ lrfind, moduleHash, threads, config, task });
}

/** The shortened SHA-256 of a module's text. @throws {SweepError} where it cannot be read. */
export function hashOfModule(path: string): string {
  try {
    return hashOf(readFileSync(path, "utf8"));
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new SweepError({ where: path, expected: "a module that can be read", got }, { cause });
  }
}

/**
 * Reads a job's file.
 *
 * @param where - Its name, for errors.
 * @throws {SweepError} when it is none, naming the field.
 */
export function parseJob(text: string, where: string): JobSpec {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SweepError({ where, expected: "a job as JSON", got: (cause as Error).message }, { cause });
  }
  checkOptions(where, json as JobSpec, SPEC, refuse);
  const spec = json as JobSpec;
  checkOptions(`${where} task`, spec.task as never, TASKS[spec.task.kind] as never, refuse);
  return spec;
}

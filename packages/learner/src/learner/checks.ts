import { depth, dropProbability, layer, size } from "@lrfind/engine/internal";
import {
  anything,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  either,
  type Fail,
  func,
  integer,
  number,
  oneOf,
  range,
  required,
  tuple,
  withHint,
} from "lrfind/core";
import { DataLoader, type DataLoaders } from "../data/index.js";
import { LearnerError } from "./errors.js";

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

const decay = number({ min: 0, below: 1 });
/** Momentum at the start, the middle and the end. */
export const momenta: Check = withHint(tuple(decay, decay, decay), "[0.95, 0.85, 0.95]");

/** A part of a whole. */
export const share = number({ min: 0, max: 1 });
/** What something is divided by. */
export const divisor = number({ above: 0 });
/** An interval of outputs. */
export const yRange = range;
/** Probabilities of dropping, one for all layers or one for each. */
export const drops = either(dropProbability, arrayOf(dropProbability));
/** Widths of layers. */
export const widths = arrayOf(size);
export { anything, arrayOf, boolean, func, integer, number, oneOf, required };

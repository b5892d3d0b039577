import type { Tensor } from "@lrfind/engine";
import { dtype as dtypeCheck, holds, shape as shapeCheck, tensorCheck } from "@lrfind/engine/internal";
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
  instanceOf,
  integer,
  oneOf,
  required,
  string,
} from "lrfind/core";
import type { Dataset } from "./batch/dataset.js";
import { DataError } from "./errors.js";

/** Throws a `DataError` for an argument that cannot be used. */
export const refuse: Fail = ({ where, expected, got, hint }) => {
  throw new DataError({ where, expected, got, ...(hint === undefined ? {} : { hint }) });
};

/** Checks one argument of the data's room. */
export function check(where: string, name: string, value: unknown, expected: Check): void {
  checkArgument(where, name, value, expected, refuse);
}

/** Checks options of the data's room. */
export function checkDataOptions<T extends object>(where: string, options: unknown, checks: Checks<T>): void {
  checkOptions<T>(where, options, checks, refuse);
}

/** Those of some options that a function takes which is a part of the caller. */
export function optionsFor<T extends object>(checks: Checks<T>, options: T): T {
  const known = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(checks, name) && value !== undefined,
  );
  return Object.fromEntries(known) as T;
}

/** Numbers by row: an array, or a typed one. */
export const rowNumbers: Check = {
  ...arrayOf({ expected: "a number", accepts: (value) => typeof value === "number" }),
  expected: "an array of numbers, or a typed one",
  accepts: (value) =>
    (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
    (Array.isArray(value) && Array.from(value).every((part) => typeof part === "number")),
};

/** Labels by row: texts or numbers. */
export const rowLabels: Check = {
  expected: "an array of labels, texts or numbers",
  accepts: (value) =>
    (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
    (Array.isArray(value) &&
      Array.from(value).every((part) => typeof part === "number" || typeof part === "string")),
};

/** Rows to draw mini-batches from. */
export const dataset: Check = {
  expected: "a dataset",
  accepts(value) {
    const { length, inputs, targets, batch, vocab } = Object(value) as Partial<Dataset>;
    return (
      (vocab === undefined || names.accepts(vocab)) &&
      Number.isSafeInteger(length) &&
      length! >= 0 &&
      Array.isArray(inputs) &&
      Array.isArray(targets) &&
      typeof batch === "function"
    );
  },
  hint: (value) =>
    typeof value === "function" ? `${value.name}({ … })` : "tensorDataset({ inputs, targets })",
};

/** A path of a folder or a file. */
export const path: Check = {
  expected: "a path, or a file: URL",
  accepts: (value) => (typeof value === "string" && value !== "") || value instanceof URL,
};

/** Tensors whose first dimension is that of the rows. */
export const tensors: Check = arrayOf({
  ...tensorCheck,
  accepts(value) {
    const { dtype, shape, data } = Object(value) as Partial<Tensor>;
    // How many elements there are the dataset says itself, with its place.
    return dtypeCheck.accepts(dtype) && shapeCheck.accepts(shape) && holds(dtype!, data);
  },
});
/** Names of columns or classes. */
export const names: Check = arrayOf(string);
/** Names of classes, or their number. */
export const classes: Check = {
  ...either(names, integer({ min: 1 })),
  // Which number, `classLabels` says.
  accepts: (value) => names.accepts(value) || typeof value === "number",
};
/** Values with a reader of their own, which says more than a check could. */
export const own: Check = anything;

/** How images may be normalised. */
export const normalize: Check = {
  expected: '"none", "train" or { mean, std }',
  accepts: (value) =>
    typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value)),
};
/** Random changes of images, which `augmentedSize` checks one by one. */
export const augment: Check = {
  ...arrayOf({
    expected: "an augmentation",
    accepts: (value) => typeof value === "object" && value !== null,
    hint: (value) => (typeof value === "function" ? `${value.name}()` : "flip()"),
  }),
};
/** The shape of an image. */
export const imageShape: Check = {
  expected: "[channels, height, width], whole numbers from 1 up",
  accepts: (value) =>
    Array.isArray(value) && value.length === 3 && Array.from(value).every((dim) => typeof dim === "number"),
};

export {
  anything,
  arrayOf,
  boolean,
  type Check,
  type Checks,
  either,
  func,
  instanceOf,
  integer,
  oneOf,
  required,
  string,
};

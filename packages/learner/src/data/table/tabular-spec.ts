import { DataError, describe } from "../errors.js";

/**
 * A step of the processing of a table; plain data, so that it can be saved.
 * See `categorify`, `fillMissing` and `normalize`.
 */
export type TabularProc =
  | { readonly kind: "categorify" }
  | { readonly kind: "fillMissing" }
  | { readonly kind: "normalize" };

/**
 * Numbers the categories of each categorical column 1 … n in sorted order; 0 (`#na#`) stands for a missing
 * value and for a category that the training part does not have.
 */
export const categorify: TabularProc = { kind: "categorify" };

/**
 * Puts the training part's median where a continuous value is missing, in whatever part, and adds a categorical column
 * `<column>_na` (`#na#`, `false`, `true`) to each continuous column that lacks values in the training part. For a column that lacks
 * values elsewhere only, a model cannot learn what that means: they get the median and nothing else, and the loaders'
 * `warnings` say so.
 */
export const fillMissing: TabularProc = { kind: "fillMissing" };

/**
 * Brings each continuous column to zero mean and unit deviation: (x − μ) / σ, both over the training part after
 * filling, σ = √(Σ(x − μ)² / n). A column that does not vary has σ = 1 and becomes 0.
 */
export const normalize: TabularProc = { kind: "normalize" };

/** Everything that fitting a `TabularProcessor` found out: plain data. */
export interface TabularSpec {
  readonly kind: "tabular";
  readonly version: 1;
  /** Categorical columns as the model is given them: those asked for, then the `<column>_na` ones. */
  readonly catNames: readonly string[];
  /** Continuous columns. */
  readonly contNames: readonly string[];
  readonly yNames: readonly string[];
  readonly yBlock: "category" | "regression";
  readonly procs: readonly TabularProc[];
  /** The texts that count as missing. */
  readonly missing: readonly string[];
  /** The categories of each of `catNames`; index 0 is `#na#`. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /**
   * Those of `contNames` that have a `<column>_na` among `catNames`, as they lack values in the training part. Absent in
   * what earlier versions saved: then all that have a median.
   */
  readonly flagged?: readonly string[];
  /** What replaces a missing value, for each of `contNames` that lacks values in the table. */
  readonly medians: Readonly<Record<string, number>>;
  /** Of each of `contNames`, if `procs` has `normalize`. */
  readonly means: Readonly<Record<string, number>>;
  readonly stds: Readonly<Record<string, number>>;
  /** The classes, if the target is one. */
  readonly vocab?: readonly string[];
}

/**
 * Checks that a value read from JSON is a `TabularSpec`.
 *
 * @throws DataError if it is not, naming the field.
 */
export function checkTabularSpec(json: unknown): TabularSpec {
  if (typeof json !== "object" || json === null) fail("an object", describe(json));
  const spec = json as Record<string, unknown>;
  if (spec["kind"] !== "tabular" || spec["version"] !== 1) {
    fail(
      `kind "tabular" and version 1`,
      `kind ${describe(spec["kind"])}, version ${describe(spec["version"])}`,
    );
  }
  for (const field of ["catNames", "contNames", "yNames", "missing"]) texts(field, spec[field]);
  if (spec["flagged"] !== undefined) texts("flagged", spec["flagged"]);
  if (spec["yBlock"] !== "category" && spec["yBlock"] !== "regression") {
    fail(`yBlock "category" or "regression"`, describe(spec["yBlock"]));
  }
  const procs = spec["procs"] as readonly TabularProc[];
  if (!Array.isArray(procs)) fail("procs, an array", describe(procs));
  for (const { kind } of procs) {
    if (kind !== "categorify" && kind !== "fillMissing" && kind !== "normalize") {
      fail("procs of a known kind", describe(kind));
    }
  }
  for (const field of ["categories", "medians", "means", "stds"]) {
    if (typeof spec[field] !== "object" || spec[field] === null)
      fail(`${field}, an object`, describe(spec[field]));
  }
  const checked = spec as unknown as TabularSpec;
  for (const name of checked.catNames) texts(`categories.${name}`, checked.categories[name]);
  for (const field of ["medians", "means", "stds"] as const) {
    for (const [name, value] of Object.entries(checked[field])) {
      if (!Number.isFinite(value)) fail(`${field}.${name}, a finite number`, describe(value));
    }
  }
  if (procs.some(({ kind }) => kind === "normalize")) {
    for (const name of checked.contNames) {
      if (checked.means[name] === undefined || !(checked.stds[name]! > 0)) {
        fail(`a mean and a positive std of ${name}`, `${checked.means[name]} and ${checked.stds[name]}`);
      }
    }
  }
  if (checked.yBlock === "category") texts("vocab", checked.vocab);
  return checked;
}

function texts(field: string, value: unknown): void {
  if (!Array.isArray(value) || !value.every((text) => typeof text === "string")) {
    fail(`${field}, an array of texts`, describe(value));
  }
}

function fail(expected: string, got: string): never {
  throw new DataError({ where: "TabularProcessor.fromJSON", expected, got });
}

import { permutation } from "@lrfind/engine";
import {
  type Checks,
  check,
  checkDataOptions,
  func,
  optionsFor,
  own,
  required,
  rowLabels,
  rowNumbers,
} from "../checks.js";
import { DataError, describe, integerOption } from "../errors.js";
import { RANDOM_SPLIT, type RandomSplitOptions, randomSplit, wholePart } from "./subset.js";

/** Which rows are trained on and which are held out. */
export interface Split {
  readonly train: Uint32Array;
  readonly valid: Uint32Array;
}

/** What each row is, for splits that keep the proportions: class indices or names. */
export type RowLabels = ArrayLike<string | number>;

/**
 * Divides rows 0 … n - 1. `labels` are the classes of the rows, where the target is a class.
 *
 * @example
 * ```ts
 * const splitter: Splitter = (n, { seed, labels }) => kFold(n, { k: 5, fold: 0, seed, labels });
 * ```
 */
export type Splitter = (
  n: number,
  context: { readonly seed: number; readonly labels: RowLabels | undefined },
) => { readonly train: ArrayLike<number>; readonly valid: ArrayLike<number> };

/** How rows are held out: by `splitter`, else `validIdx`, else at random by `validPct`. */
export interface SplitOptions extends RandomSplitOptions {
  /** The rows held out, at least one; all others are trained on. */
  readonly validIdx?: ArrayLike<number>;
  /** Divides the rows, in place of `validPct` and `validIdx`. */
  readonly splitter?: Splitter;
}

/** The checks of a split's options. */
export const SPLIT: Checks<SplitOptions> = { ...RANDOM_SPLIT, validIdx: rowNumbers, splitter: func };

/**
 * Divides n rows into a training and a validation part.
 *
 * @param n - The number of rows.
 * @param options - See `SplitOptions`.
 * @param labels - The rows' classes, handed to `splitter`.
 * @throws DataError if an option is out of its range, more than one way to split is given, a row is not there, in both
 *   parts or twice in one, or `validIdx` or `splitter` leave a part without rows.
 *
 * @example
 * ```ts
 * splitRows(4, { validIdx: [1, 3] }); // { train: [0, 2], valid: [1, 3] }
 * ```
 */
export function splitRows(n: number, options: SplitOptions = {}, labels?: RowLabels): Split {
  checkDataOptions("splitRows", options, SPLIT);
  if (labels !== undefined) check("splitRows", "labels", labels, rowLabels);
  integerOption("splitRows: number of rows", n, 1);
  const { validIdx, splitter, validPct, seed = 0 } = options;
  const given = Object.entries({ validPct, validIdx, splitter }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const got = given.map(([name]) => name).join(" and ");
    throw new DataError({ where: "split", expected: "one of validPct, validIdx and splitter", got });
  }
  if (splitter !== undefined) return checkSplit(splitter(n, { seed, labels }), n);
  if (validIdx === undefined) return randomSplit(n, optionsFor(RANDOM_SPLIT, options));
  const valid = Array.from(validIdx);
  const held = new Set(valid);
  const train = Array.from({ length: n }, (_, row) => row).filter((row) => !held.has(row));
  return checkSplit({ train, valid }, n);
}

/**
 * Divides rows at random such that each class has its share in both parts: of each class ⌊validPct · rows⌋ or one more
 * are held out, one more where the remainder is largest (among equal ones the seed decides), up to ⌊validPct · n⌋ rows
 * in all. At least one row of each class is trained on: with classes of a single row fewer rows are held out.
 *
 * @param labels - The class of each row.
 * @param options - See `RandomSplitOptions`.
 * @throws DataError if an option is out of its range or there is no row.
 *
 * @example
 * ```ts
 * stratifiedSplit(["a", "a", "b", "b"], { validPct: 0.5 }); // one "a" and one "b" in each part
 * ```
 */
export function stratifiedSplit(labels: RowLabels, options: RandomSplitOptions = {}): Split {
  check("stratifiedSplit", "labels", labels, rowLabels);
  checkDataOptions("stratifiedSplit", options, RANDOM_SPLIT);
  const { validPct = 0.2, seed = 0 } = options;
  const total = randomSplit(labels.length, { validPct, seed }).valid.length;
  const groups = classRows(labels, seed);
  const counts = groups.map(({ length }) => Math.min(wholePart(validPct, length), length - 1));
  const remainders = groups.map(({ length }, g) => {
    // Rounded, so that remainders that are equal in decimals are equal here.
    const remainder = Math.round((length * validPct - counts[g]!) * 1e9) / 1e9;
    return counts[g]! + 1 < length ? remainder : 0;
  });
  const missing = total - counts.reduce((sum, count) => sum + count, 0);
  // Sorting is stable: equal remainders stay in an order that the seed draws.
  const drawn = Array.from(permutation(groups.length, { seed, stream: "strata" }));
  const next = drawn.filter((g) => remainders[g]! > 0).sort((a, b) => remainders[b]! - remainders[a]!);
  for (const g of next.slice(0, Math.max(0, missing))) counts[g]!++;
  return {
    train: Uint32Array.from(groups.flatMap((rows, g) => rows.slice(counts[g]))),
    valid: Uint32Array.from(groups.flatMap((rows, g) => rows.slice(0, counts[g]))),
  };
}

/** How `kFold` divides. */
export interface KFoldOptions {
  /** The number of folds: at least 2, at most the number of rows. */
  readonly k: number;
  /** Which fold is held out, in [0, k). */
  readonly fold: number;
  /**
   * An integer in [0, 2⁵³); the folds of one seed partition the rows.
   *
   * @default 0
   */
  readonly seed?: number;
  /** The rows' classes: then each fold has its share of each, to within one row. */
  readonly labels?: RowLabels | undefined;
}

const K_FOLD: Checks<KFoldOptions> = { k: required(own), fold: required(own), seed: own, labels: rowLabels };

/**
 * Fold `fold` of a k-fold cross-validation: over all k folds each row is held out exactly once. The sizes of
 * the folds differ by at most one row.
 *
 * @param n - The number of rows.
 * @param options - See `KFoldOptions`.
 * @throws DataError if an option is out of its range or there is not one label per row.
 *
 * @example
 * ```ts
 * for (let fold = 0; fold < 5; fold++) {
 *   const dls = dataLoaders(dataset, { splitter: (n) => kFold(n, { k: 5, fold, seed: 42 }) });
 * }
 * ```
 */
export function kFold(n: number, options: KFoldOptions): Split {
  checkDataOptions("kFold", options, K_FOLD);
  const { k, fold, seed = 0, labels } = options;
  integerOption("kFold: number of rows", n, 1);
  integerOption("kFold: k", k, 2);
  integerOption("kFold: fold", fold, 0);
  if (k > n || fold >= k) {
    const expected = k > n ? `at most ${n} folds, one row in each` : `a fold in 0 … ${k - 1}`;
    throw new DataError({ where: "kFold", expected, got: `${k > n ? k : fold}` });
  }
  if (labels !== undefined && labels.length !== n) {
    throw new DataError({
      where: "kFold: labels",
      expected: `${n}, one per row`,
      got: String(labels.length),
    });
  }
  const shuffled =
    labels === undefined
      ? permutation(n, { seed: integerOption("seed", seed, 0), stream: "split" })
      : Uint32Array.from(classRows(labels, seed).flat());
  // Dealt out like cards, class after class, so that no fold is ahead of another by more than one row.
  return {
    train: shuffled.filter((_, i) => i % k !== fold),
    valid: shuffled.filter((_, i) => i % k === fold),
  };
}

/** The rows of each class in random order; the classes in the order of their first row. */
function classRows(labels: RowLabels, seed: number): number[][] {
  const groups = new Map<string | number, number[]>();
  for (let row = 0; row < labels.length; row++) groups.set(labels[row]!, []);
  const order = permutation(labels.length, { seed: integerOption("seed", seed, 0), stream: "split" });
  for (const row of order) groups.get(labels[row]!)!.push(row);
  return [...groups.values()];
}

function checkSplit(split: ReturnType<Splitter>, n: number): Split {
  const { train, valid } = checkParts(split);
  const seen = new Uint8Array(n);
  for (const [part, rows] of Object.entries({ train, valid })) {
    if (rows.length === 0) {
      const hint = part === "valid" ? "validPct: 0, to hold nothing out" : "fewer rows held out";
      throw new DataError({ where: `split: ${part}`, expected: "at least one row", got: "none", hint });
    }
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (!Number.isInteger(row) || row < 0 || row >= n || seen[row] === 1) {
        const got = `${describe(row)}${seen[row] === 1 ? " again" : ""} at index ${i}`;
        throw new DataError({ where: `split: ${part}`, expected: `rows in 0 … ${n - 1}, each once`, got });
      }
      seen[row] = 1;
    }
  }
  return { train: Uint32Array.from(train), valid: Uint32Array.from(valid) };
}

/** What a splitter of the user's own gives may be anything. */
function checkParts(split: unknown): ReturnType<Splitter> {
  const parts = typeof split === "object" && split !== null ? (split as Partial<Split>) : {};
  if (isList(parts.train) && isList(parts.valid)) return { train: parts.train, valid: parts.valid };
  const got = split instanceof Promise ? "a promise" : describe(split);
  throw new DataError({ where: "splitter", expected: "{ train, valid }, two lists of rows", got });
}

function isList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

import { permutation } from "../random/index.js";
import { DataError, describe, integerOption } from "./errors.js";
import { type RandomSplitOptions, randomSplit, wholePart } from "./subset.js";

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
  /** The rows held out; all others are trained on. */
  readonly validIdx?: ArrayLike<number>;
  /** Divides the rows, in place of `validPct` and `validIdx`. */
  readonly splitter?: Splitter;
}

/**
 * Divides n rows into a training and a validation part.
 *
 * @param n - The number of rows.
 * @param options - See `SplitOptions`.
 * @param labels - The rows' classes, handed to `splitter`.
 * @throws DataError if an option is out of its range, more than one way to split is given, a row is in both
 *   parts or twice in one, or no row is left to train on.
 *
 * @example
 * ```ts
 * splitRows(4, { validIdx: [1, 3] }); // { train: [0, 2], valid: [1, 3] }
 * ```
 */
export function splitRows(n: number, options: SplitOptions = {}, labels?: RowLabels): Split {
  const { validIdx, splitter, validPct, seed = 0 } = options;
  const given = Object.entries({ validPct, validIdx, splitter }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const got = given.map(([name]) => name).join(" and ");
    throw new DataError({ where: "split", expected: "one of validPct, validIdx and splitter", got });
  }
  if (splitter !== undefined) return checkSplit(splitter(n, { seed, labels }), n);
  if (validIdx === undefined) return randomSplit(n, options);
  const valid = Array.from(validIdx);
  const held = new Set(valid);
  const train = Array.from({ length: n }, (_, row) => row).filter((row) => !held.has(row));
  return checkSplit({ train, valid }, n);
}

/**
 * Divides rows at random such that each class has its share in both parts: ⌊validPct · n⌋ rows are held out,
 * of each class the share rounded down, and the rest from the classes with the largest remainders.
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
export function stratifiedSplit(
  labels: RowLabels,
  { validPct = 0.2, seed = 0 }: RandomSplitOptions = {},
): Split {
  const total = randomSplit(labels.length, { validPct, seed }).valid.length;
  const groups = classRows(labels, seed);
  const exact = groups.map((rows) => rows.length * validPct);
  const counts = groups.map((rows) => wholePart(validPct, rows.length));
  const missing = total - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = [...groups.keys()].sort((a, b) => exact[b]! - counts[b]! - (exact[a]! - counts[a]!));
  for (const g of byRemainder.slice(0, missing)) counts[g]!++;
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
export function kFold(n: number, { k, fold, seed = 0, labels }: KFoldOptions): Split {
  integerOption("kFold: k", k, 2);
  integerOption("kFold: fold", fold, 0);
  if (k > n || fold >= k) {
    const expected = k > n ? `at most ${n} folds, one row in each` : `a fold in 0 … ${k - 1}`;
    throw new DataError({ where: "kFold", expected, got: `${k > n ? k : fold}` });
  }
  if (labels !== undefined && labels.length !== n) {
    throw new DataError({ where: "kFold: labels", expected: `${n}, one per row`, got: `${labels.length}` });
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

function checkSplit({ train, valid }: ReturnType<Splitter>, n: number): Split {
  const seen = new Uint8Array(n);
  for (const [part, rows] of Object.entries({ train, valid })) {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (!Number.isInteger(row) || row < 0 || row >= n || seen[row] === 1) {
        const got = `${describe(row)}${seen[row] === 1 ? " again" : ""} at index ${i}`;
        throw new DataError({ where: `split: ${part}`, expected: `rows in 0 … ${n - 1}, each once`, got });
      }
      seen[row] = 1;
    }
  }
  if (train.length === 0) {
    throw new DataError({ where: "split: train", expected: "at least one row", got: "none" });
  }
  return { train: Uint32Array.from(train), valid: Uint32Array.from(valid) };
}

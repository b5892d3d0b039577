import { permutation } from "@lrfind/engine";
import { type Checks, check, checkDataOptions, dataset as datasetCheck, own, rowNumbers } from "../checks.js";

import { DataError, describe, integerOption } from "../errors.js";
import { type Dataset, originOf } from "./dataset.js";
import { markRecycling, recycles } from "./recycling.js";
import { checkRows } from "./rows.js";

/**
 * Some rows of a dataset, as a dataset of their own.
 *
 * @param dataset - Where the rows are.
 * @param rows - Which rows, in which order; a row may occur more than once.
 * @throws DataError if a row lies outside the dataset.
 *
 * @example
 * ```ts
 * const firstHundred = subset(dataset, Array.from({ length: 100 }, (_, i) => i));
 * ```
 */
export function subset(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  check("subset", "dataset", dataset, datasetCheck);
  check("subset", "rows", rows, rowNumbers);
  checkRows("subset", rows, dataset.length);
  const chosen = Uint32Array.from(rows);
  const part: Dataset = {
    length: chosen.length,
    inputs: dataset.inputs,
    targets: dataset.targets,
    ...(dataset.vocab === undefined ? {} : { vocab: dataset.vocab }),
    ...(dataset.processor === undefined ? {} : { processor: dataset.processor }),
    origin: (row) => originOf(dataset, chosen[row]!),
    batch(wanted, context) {
      checkRows("batch", wanted, chosen.length);
      return dataset.batch(
        wanted.map((i) => chosen[i]!),
        context,
      );
    },
  };
  return recycles(dataset) ? markRecycling(part) : part;
}

/** How `randomSplit` divides. */
export interface RandomSplitOptions {
  /**
   * The part held out for validation, in [0, 1). Rounded down to whole rows, as decimal fractions are: 0.29 of 100 rows
   * are 29, though 0.29 * 100 is 28.999999999999996 in binary.
   *
   * @default 0.2
   */
  readonly validPct?: number;
  /**
   * An integer in [0, 2⁵³).
   *
   * @default 0
   */
  readonly seed?: number;
}

/** The checks of a random split's options. */
export const RANDOM_SPLIT: Checks<RandomSplitOptions> = { validPct: own, seed: own };

/**
 * Divides n rows at random into a training and a validation part, each row in exactly one of them.
 *
 * @param n - The number of rows.
 * @param options - See `RandomSplitOptions`.
 * @returns The rows of each part, in random order; `floor(validPct * n)` of them in `valid`.
 * @throws DataError if an option is out of its range or `n` is 0.
 *
 * @example
 * ```ts
 * const { train, valid } = randomSplit(10_000, { validPct: 0.2, seed: 42 }); // 8000 and 2000 rows
 * ```
 */
export function randomSplit(
  n: number,
  options: RandomSplitOptions = {},
): { readonly train: Uint32Array; readonly valid: Uint32Array } {
  checkDataOptions("randomSplit", options, RANDOM_SPLIT);
  const { validPct = 0.2, seed = 0 } = options;
  integerOption("randomSplit: number of rows", n, 1);
  if (typeof validPct !== "number" || !(validPct >= 0 && validPct < 1)) {
    throw new DataError({ where: "validPct", expected: "a number in [0, 1)", got: describe(validPct) });
  }
  const order = permutation(n, { seed: integerOption("seed", seed, 0), stream: "split" });
  const cut = wholePart(validPct, n);
  return { train: order.slice(cut), valid: order.slice(0, cut) };
}

/**
 * `fraction * n`, rounded down to a whole number as the decimal fraction that was meant would be.
 *
 * A decimal fraction is off by up to half a unit in the last place, a sum or product of two by a few, and the product
 * with `n` by another half: what is that close below a whole number is meant to be it.
 *
 * @param fraction - From 0 up.
 * @param n - A whole number.
 */
export function wholePart(fraction: number, n: number): number {
  return Math.floor(fraction * n * (1 + 4 * Number.EPSILON));
}

import { integerOption } from "../errors.js";

/**
 * fastai's rule for the width of a categorical column's embedding: min(600, round(1.6 · n^0.56)).
 *
 * @param n - The number of categories, `#na#` among them; at least 1.
 * @returns An integer in [2, 600].
 * @throws DataError if n is not a positive integer.
 *
 * @example
 * ```ts
 * embeddingSize(4); // 3
 * ```
 *
 * Source: fastai v2, `emb_sz_rule` in fastai/tabular/model.py.
 */
export function embeddingSize(n: number): number {
  return Math.min(600, Math.round(1.6 * integerOption("embeddingSize: n", n, 1) ** 0.56));
}

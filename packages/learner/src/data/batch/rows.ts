import { DataError, describe } from "../errors.js";

/**
 * Checks row numbers before they index arrays, where a wrong one would read zeros without a word.
 *
 * @param where - Who was given the rows.
 * @param rows - Row numbers.
 * @param length - How many rows there are.
 * @throws DataError if a row is not an integer in [0, length).
 */
export function checkRows(where: string, rows: ArrayLike<number>, length: number): void {
  if (!Array.isArray(rows) && !ArrayBuffer.isView(rows)) {
    throw new DataError({ where, expected: "an array of rows", got: describe(rows) });
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!Number.isInteger(row) || row < 0 || row >= length) {
      throw new DataError({
        where,
        expected: `rows in 0 … ${length - 1}`,
        got: `${describe(row)} at index ${i}`,
      });
    }
  }
}

import { DataError, describe } from "../errors.js";
import { categoryIndex } from "./categories.js";
import { isMissing } from "./raw-value.js";
import { cellName } from "./table.js";

/** Where raw classes are, for errors and missing values. */
export interface ClassColumn {
  /** The table's name. */
  readonly table: string;
  readonly column: string;
  /** Texts that count as missing. */
  readonly missing: ReadonlySet<string>;
}

/**
 * The index of each raw class.
 *
 * @param values - Raw classes, one per row.
 * @param classes - Those of the training part.
 * @throws DataError if a class is missing or not among `classes`, naming the row.
 */
export function classIndices(
  values: readonly unknown[],
  classes: readonly string[],
  { table, column, missing }: ClassColumn,
): Int32Array {
  const indexOf = categoryIndex(classes);
  return Int32Array.from(values, (value, row) => {
    const where = cellName({ name: table }, row, column);
    if (isMissing(value, missing)) throw missingTarget(where, value);
    const code = indexOf(value, where);
    if (code !== undefined) return code;
    const hint = "a splitter with stratifiedSplit, or leaving out classes of so few rows";
    throw new DataError({ where, expected: "a class of the training part", got: describe(value), hint });
  });
}

/** The error for a row without a target. */
export function missingTarget(where: string, value: unknown): DataError {
  const hint = "leaving out the rows without one";
  return new DataError({ where, expected: "a target", got: `${describe(value)} (missing)`, hint });
}

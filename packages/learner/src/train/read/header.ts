import type { Table } from "../../data/index.js";
import { DataError } from "../../data/internal.js";
import { numberForms } from "../columns/number-form.js";

/**
 * Refuses a file without a header, whose first row would be lost as its cells are called names.
 *
 * @throws DataError where half of the columns' names, or more, are numbers other than years and 0, 1, 2 …
 */
export function refuseHeaderOfNumbers({ name, columns }: Table): void {
  const isName = (column: string, i: number) =>
    /^(?:1[5-9]|2[01])\d\d$/.test(column) || column === String(i) || column === String(i + 1);
  const numbers = columns.filter(
    // A number that comes back was given a name of its own.
    (column, i) => numberForms([column.replace(/ \(\d+\)$/, "")]).length > 0 && !isName(column, i),
  );
  if (numbers.length === 0 || 2 * numbers.length < columns.length) return;
  throw new DataError({
    where: `${name}, line 1`,
    expected: "the columns' names",
    got: `numbers such as ${JSON.stringify(numbers[0]!.slice(0, 30))}`,
    hint: "a first line with names",
  });
}

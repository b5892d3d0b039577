import { boolean, type Check, type Checks, names, string } from "../checks.js";
import { DataError } from "../errors.js";

/** Raw values by column, before anything is made of them. */
export interface Table {
  /** What errors call it: the file's path, or `"rows"`. */
  readonly name: string;
  /** The number of rows. */
  readonly length: number;
  /** The columns' names, in the source's order. */
  readonly columns: readonly string[];
  /** The values of each column, one per row. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  /** What was chosen in reading it, in sentences. */
  readonly warnings?: readonly string[];
}

/** What `readTable` gives. */
export const TABLE: Check = {
  expected: "a table",
  accepts(value) {
    const { name, length, columns, values } = Object(value) as Partial<Table>;
    return (
      typeof name === "string" &&
      Number.isSafeInteger(length) &&
      names.accepts(columns) &&
      values instanceof Map &&
      [...values.values()].every((column) => Array.isArray(column) && column.length === length)
    );
  },
  hint: () => "readTable(source)",
};

/** How a table is read. */
export interface ReadTableOptions {
  /**
   * What separates the fields of a CSV file, such as `"\t"`.
   *
   * @default ","
   */
  readonly delimiter?: string;
  /**
   * The encoding of a CSV file, by any of the names of the Encoding Standard: `"utf-8"`, `"windows-1252"` (which
   * `"latin1"` means as well), `"utf-16le"`, `"shift_jis"` … It is read strictly: what is not in the encoding is an
   * error, which names encodings that fit.
   *
   * @default What a byte order mark says, else "utf-8"
   */
  readonly encoding?: string;
  /**
   * Give a column of a CSV file that has no name, or another's, a name of its own (`column 3`, `price (2)`) and say so in
   * the table's `warnings`, in place of an error.
   *
   * @default false
   */
  readonly fixNames?: boolean;
}

/** The checks of how a table is read. */
export const READ_TABLE: Checks<ReadTableOptions> = {
  delimiter: string,
  encoding: string,
  fixNames: boolean,
};

/**
 * A column's values.
 *
 * @throws DataError if there is no such column.
 */
export function columnOf(table: Table, column: string): readonly unknown[] {
  const values = table.values.get(column);
  if (values === undefined) {
    const expected = `a column ${JSON.stringify(column)}`;
    const [only = ""] = table.columns;
    const other = table.columns.length === 1 ? /[;\t|,]/.exec(only)?.[0] : undefined;
    const hint = other === undefined ? undefined : `delimiter: ${JSON.stringify(other)}`;
    throw new DataError({
      where: table.name,
      expected,
      got: `the columns ${table.columns.join(", ")}`,
      hint,
    });
  }
  return values;
}

/** Names a cell for an error: rows are counted from 1, without the header. */
export function cellName({ name }: Pick<Table, "name">, row: number, column: string): string {
  return `${name}, row ${row + 1}, column ${JSON.stringify(column)}`;
}

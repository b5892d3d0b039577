import { type Check, type Checks, checkDataOptions, names, string } from "../checks.js";

import { DataError, describe } from "../errors.js";
import { kindOfFile } from "../read/file-kind.js";
import { FILE_SOURCE, type FileSource, isFileSource, nameOf, readBytes } from "../read/read-bytes.js";

/** One raw row: values by column name. */
export type TableRow = Readonly<Record<string, unknown>>;

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

/** Where a table is read from: a CSV or Parquet file (see `FileSource`), or rows in memory. */
export type TableSource = FileSource | readonly TableRow[];

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
}

/** The checks of how a table is read. */
export const READ_TABLE: Checks<ReadTableOptions> = { delimiter: string, encoding: string };

/**
 * Reads a CSV file, a Parquet file or rows in memory. Which kind of file it is, is told by its first bytes;
 * gzip is unpacked. Other kinds (Excel, JSON, a database, a web page, a pointer of Git LFS …) are refused by name. CSV values stay strings; what they mean is decided by whoever uses the column.
 *
 * @param source - See `TableSource`.
 * @param options - See `ReadTableOptions`.
 * @throws DataError if the file cannot be read, has no row, or its rows differ in length.
 *
 * @example
 * ```ts
 * const table = await readTable("examples/data/penguins.csv");
 * table.values.get("species"); // ["Adelie", …]
 * ```
 */
export async function readTable(source: TableSource, options: ReadTableOptions = {}): Promise<Table> {
  checkDataOptions("readTable", options, READ_TABLE);
  if (Array.isArray(source)) {
    refuseTextOptions(options, "rows in memory");
    return tableOfRows(source);
  }
  if (!isFileSource(source)) {
    const expected = `${FILE_SOURCE}, or an array of rows`;
    throw new DataError({ where: "source", expected, got: describe(source) });
  }
  const name = nameOf(source, "table");
  const bytes = await readBytes(source, name);
  // Imported where used: whoever loads images only need not wait for the parsers.
  const kind = kindOfFile(bytes);
  if (isParquet(bytes)) {
    refuseTextOptions(options, "a Parquet file");
    return (await import("./parse-parquet.js")).parseParquet(bytes, name);
  }
  if (kind !== undefined) {
    throw new DataError({ where: name, expected: "a CSV or Parquet file", got: kind.name, hint: kind.hint });
  }
  return (await import("./parse-csv.js")).parseCsv(bytes, name, options);
}

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

/** Whether a file is Parquet: it starts with the bytes `PAR1`, which are no column's name. */
function isParquet(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 5));
  return start.startsWith("PAR1") && !/^[,;|\s]/.test(start.slice(4));
}

/** Refuses what is said of text where there is none. */
function refuseTextOptions({ delimiter, encoding }: ReadTableOptions, what: string): void {
  const given = Object.entries({ delimiter, encoding }).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined) return;
  throw new DataError({
    where: given,
    expected: `none, for ${what}`,
    got: "one",
    hint: `leaving ${given} out`,
  });
}

function tableOfRows(rows: readonly TableRow[]): Table {
  const name = "rows";
  if (rows.length === 0) throw new DataError({ where: name, expected: "at least one row", got: "none" });
  const columns = new Set<string>();
  for (const [i, row] of rows.entries()) {
    if (typeof row !== "object" || row === null) {
      throw new DataError({ where: `${name}, row ${i + 1}`, expected: "an object", got: describe(row) });
    }
    for (const column of Object.keys(row)) columns.add(column);
  }
  const values = new Map([...columns].map((column) => [column, rows.map((row) => row[column])]));
  return { name, length: rows.length, columns: [...columns], values };
}

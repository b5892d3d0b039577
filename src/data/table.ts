import { DataError, describe } from "./errors.js";
import { FILE_SOURCE, type FileSource, isFileSource, nameOf, readBytes } from "./read-bytes.js";

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
}

/**
 * Reads a CSV file, a Parquet file or rows in memory. Which kind of file it is, is told by its first bytes;
 * gzip is unpacked. CSV values stay strings; what they mean is decided by whoever uses the column.
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
  if (Array.isArray(source)) return tableOfRows(source);
  if (!isFileSource(source)) {
    const expected = `${FILE_SOURCE}, or an array of rows`;
    throw new DataError({ where: "source", expected, got: describe(source) });
  }
  const name = nameOf(source, "table");
  const bytes = await readBytes(source, name);
  // Imported where used: whoever loads images only need not wait for the parsers.
  if (isParquet(bytes)) return (await import("./parse-parquet.js")).parseParquet(bytes, name);
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
    throw new DataError({ where: table.name, expected, got: `the columns ${table.columns.join(", ")}` });
  }
  return values;
}

/** Names a cell for an error: rows are counted from 1, without the header. */
export function cellName({ name }: Pick<Table, "name">, row: number, column: string): string {
  return `${name}, row ${row + 1}, column ${JSON.stringify(column)}`;
}

/** Whether a file is Parquet: it starts with the bytes `PAR1`. */
function isParquet(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 4)) === "PAR1";
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

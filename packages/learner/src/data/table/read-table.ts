import { checkDataOptions } from "../checks.js";
import { DataError, describe } from "../errors.js";
import { kindOfFile } from "../read/file-kind.js";
import { FILE_SOURCE, type FileSource, isFileSource, nameOf, readBytes } from "../read/read-bytes.js";
import { READ_TABLE, type ReadTableOptions, TABLE, type Table } from "./table.js";

/** One raw row: values by column name. */
export type TableRow = Readonly<Record<string, unknown>>;

/** Where a table is read from: a CSV or Parquet file (see `FileSource`), rows in memory, or what `readTable` gave. */
export type TableSource = FileSource | readonly TableRow[] | Table;

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
  if (TABLE.accepts(source)) {
    refuseTextOptions(options, "a table in memory");
    return source as Table;
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

/** Whether a file is Parquet: it starts with the bytes `PAR1`, which are no column's name. */
function isParquet(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 5));
  return start.startsWith("PAR1") && !/^[,;|\s]/.test(start.slice(4));
}

/** Refuses what is said of text where there is none. */
function refuseTextOptions({ delimiter, encoding, fixNames }: ReadTableOptions, what: string): void {
  const given = Object.entries({ delimiter, encoding, fixNames }).find(
    ([, value]) => value !== undefined,
  )?.[0];
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

import { CsvError, parse } from "csv-parse/sync";
import { DataError } from "../errors.js";
import { decodeText } from "../read/decode-text.js";
import type { ReadTableOptions, Table } from "./table.js";

/**
 * Parses a CSV file whose first line names the columns. Every value is a string.
 *
 * @param bytes - The whole file; a byte order mark and empty lines are skipped.
 * @param name - What errors call the file.
 * @throws DataError if the file is not in its encoding or is not CSV, a column has no name or another's, or there is no row.
 */
export function parseCsv(bytes: Uint8Array, name: string, options: ReadTableOptions = {}): Table {
  const { delimiter = ",", encoding, fixNames = false } = options;
  const [header, ...rows] = records(decodeText(bytes, name, { encoding }), name, delimiter);
  if (header === undefined) throw new DataError({ where: name, expected: "a header line", got: "no line" });
  const written = header.map((column) => column.trim());
  const columns = fixNames ? fixedNames(written) : written;
  if (!fixNames) checkNames(columns, name);
  if (rows.length === 0) {
    throw new DataError({ where: name, expected: "at least one row", got: "only the header" });
  }
  const values = new Map(columns.map((column, c) => [column, rows.map((row) => row[c]!)]));
  return {
    name,
    length: rows.length,
    columns,
    values,
    ...(fixNames && { warnings: renamed(name, written, columns) }),
  };
}

/** So many names are said to be new ones; a damaged header may have thousands. */
const MOST_SAID = 10;

function renamed(name: string, written: readonly string[], columns: readonly string[]): string[] {
  const said = columns.flatMap((column, i) => {
    if (column === written[i]) return [];
    const was = written[i] === "" ? "no name" : `the name ${JSON.stringify(written[i])} again`;
    return [`${name}: field ${i + 1} of the header has ${was}: called ${JSON.stringify(column)}`];
  });
  if (said.length <= MOST_SAID) return said;
  return [...said.slice(0, MOST_SAID), `${name}: and so have ${said.length - MOST_SAID} more fields`];
}

function checkNames(columns: readonly string[], name: string): void {
  const seen = new Set<string>();
  for (const [i, column] of columns.entries()) {
    if (column === "" || seen.has(column)) {
      const got = column === "" ? "an empty one" : `${JSON.stringify(column)} twice`;
      throw new DataError({ where: `${name}, header, field ${i + 1}`, expected: "a name of its own", got });
    }
    seen.add(column);
  }
}

/** Each its own: what is written once keeps its name. */
function fixedNames(written: readonly string[]): string[] {
  const taken = new Set(written);
  const counts = new Map<string, number>();
  return written.map((column, i) => {
    const count = counts.get(column) ?? 0;
    counts.set(column, count + 1);
    if (column !== "" && count === 0) return column;
    const base = column === "" ? `column ${i + 1}` : column;
    let name = column === "" ? base : `${base} (${count + 1})`;
    for (let next = count + 2; taken.has(name); next++) name = `${base} (${next})`;
    taken.add(name);
    return name;
  });
}

function records(text: string, name: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A record's line is that of its end: the library counts the lines it has read.
    const line = typeof error["lines"] === "number" ? `, line ${error["lines"]}` : "";
    const ragged = error.code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH";
    throw new DataError(
      {
        where: `${name}${line}`,
        expected: ragged ? "as many fields as the header has" : "CSV",
        got: ragged ? `${(error["record"] as unknown[]).length} fields` : error.message,
        hint: "another delimiter, or quotes around fields that contain it",
      },
      { cause: error },
    );
  }
}

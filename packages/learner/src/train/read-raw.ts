import { parse } from "csv-parse/sync";
import { readTable, type Table, type TableRow } from "../data/index.js";
import { DataError, decodeText, readBytes } from "../data/internal.js";

/** How a raw file is read, where it cannot be told. */
export interface ReadRawOptions {
  /** What separates fields. @default the one of comma, semicolon, tab and bar by which the lines have the same fields */
  readonly delimiter?: string;
  /** The encoding. @default what a byte order mark says, else UTF-8 */
  readonly encoding?: string;
}

/** A raw table, and how it was read. */
export interface RawTable {
  readonly table: Table;
  /** Of a text file: what separates its fields; undefined for Parquet and JSON lines. */
  readonly delimiter?: string;
  /** In words: `"CSV by ;"`. */
  readonly form: string;
}

/**
 * Reads a table of any kind that is known here: CSV with whatever separates its fields, Parquet, JSON lines.
 *
 * @throws {DataError} for a file that cannot be read, in one line that says what to do.
 */
export async function readRaw(path: string, options: ReadRawOptions = {}): Promise<RawTable> {
  const bytes = await readBytes(path, path);
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (!start.startsWith("PAR1")) refuseLongLines(bytes, path);
  const { encoding } = options;
  const text = encoding === undefined ? {} : { encoding };
  if (start.startsWith("PAR1")) return { table: named(await readTable(bytes), path), form: "Parquet" };
  if (/^(?:\uFEFF|ï»¿)?\s*\{/.test(start)) {
    const rows = jsonLines(decodeText(bytes, path, text), path);
    return { table: named(await readTable(rows), path), form: "JSON lines" };
  }
  const delimiter =
    options.delimiter ??
    delimiterOf(decodeText(bytes.subarray(0, 65536 & ~1), path, { ...text, ...lenient(bytes) }));
  const table = named(await readTable(bytes, { delimiter, ...text }), path);
  return { table, delimiter, form: `CSV by ${NAMES[delimiter] ?? JSON.stringify(delimiter)}` };
}

/** A row of a table is no longer: what is would take minutes and gigabytes to be found out for no table. */
const MAX_LINE = 4 * 2 ** 20;

function refuseLongLines(bytes: Uint8Array, where: string): void {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    const to = end < 0 ? bytes.length : end;
    if (to - from > MAX_LINE) {
      const got = `one of ${((to - from) / 2 ** 20).toFixed(1)} MB`;
      throw new DataError({ where, expected: "lines of at most 4 MB, a row each", got });
    }
    from = to + 1;
  }
}

/** The beginning of a file may end within a character: what is there is enough. */
function lenient(bytes: Uint8Array): { readonly encoding?: string } {
  if (bytes.length <= 65536 || bytes[0] === 0xff || bytes[0] === 0xfe) return {};
  // Delimiters are the same bytes in all of these.
  return bytes[0] === 0xef ? {} : { encoding: "windows-1252" };
}

const NAMES: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

/** By which separator the first lines have the same fields, the most of them. */
function delimiterOf(text: string): string {
  const best = Object.keys(NAMES)
    .map((delimiter) => ({ delimiter, fields: fieldsBy(text, delimiter) }))
    .sort((a, b) => b.fields - a.fields)[0]!;
  return best.fields > 1 ? best.delimiter : ",";
}

function fieldsBy(text: string, delimiter: string): number {
  try {
    const rows: string[][] = parse(text, {
      delimiter,
      skip_empty_lines: true,
      to: 30,
      relax_column_count: true,
    });
    // The last line may be cut off.
    const widths = new Set(rows.slice(0, Math.max(1, rows.length - 1)).map(({ length }) => length));
    return widths.size === 1 ? [...widths][0]! : 0;
  } catch {
    return 0;
  }
}

function jsonLines(text: string, name: string): TableRow[] {
  return text.split(/\r?\n/).flatMap((line, i): TableRow[] => {
    if (line.trim() === "") return [];
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      row = undefined;
    }
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return [row as TableRow];
    const got = JSON.stringify(line.slice(0, 40));
    throw new DataError({
      where: `${name}, line ${i + 1}`,
      expected: "a JSON object",
      got,
      hint: "one row a line",
    });
  });
}

function named(table: Table, name: string): Table {
  return { ...table, name };
}

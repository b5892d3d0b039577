import { readTable, type Table } from "../../data/index.js";
import { DataError, decodeText, readBytes } from "../../data/internal.js";
import { DELIMITERS, delimiterOf } from "./delimiter.js";
import { refuseHeaderOfNumbers } from "./header.js";
import { jsonFormOf, jsonLines, jsonRows } from "./read-json.js";

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
 * Reads a table of any kind that is known here: CSV with whatever separates its fields, Parquet, JSON, JSON
 * lines.
 *
 * @throws {DataError} for a file that cannot be read, in one line that says what to do.
 */
export async function readRaw(path: string, options: ReadRawOptions = {}): Promise<RawTable> {
  const bytes = await readBytes(path, path);
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const { encoding } = options;
  const text = encoding === undefined ? {} : { encoding };
  const form = start.startsWith("PAR1") ? "Parquet" : jsonFormOf(start);
  // A file by its name: so errors call it.
  if (form === "Parquet") return { table: await readTable(new File([bytes as BlobPart], path)), form };
  if (form !== "JSON") refuseLongLines(bytes, path);
  if (form !== undefined) {
    const decoded = decodeText(bytes, path, text);
    const rows = form === "JSON" ? jsonRows(decoded, path) : jsonLines(decoded, path);
    if (rows.length === 0) throw new DataError({ where: path, expected: "at least one row", got: "none" });
    return { table: { ...(await readTable(rows)), name: path }, form };
  }
  const delimiter = options.delimiter ?? delimiterOf(startOf(bytes, path, encoding));
  const table = await readTable(new File([bytes as BlobPart], path), { delimiter, fixNames: true, ...text });
  refuseHeaderOfNumbers(table);
  return { table, delimiter, form: `CSV by ${DELIMITERS[delimiter] ?? JSON.stringify(delimiter)}` };
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

/** The beginning of a text, which may end within a character. */
function startOf(bytes: Uint8Array, path: string, encoding: string | undefined): string {
  // Refuses an encoding that there is not.
  decodeText(new Uint8Array(), path, { encoding });
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const marked = isWide ? (first === 0xff ? "utf-16le" : "utf-16be") : undefined;
  // Delimiters are the same bytes in UTF-8 and in the encodings before it.
  return new TextDecoder(marked ?? encoding ?? "windows-1252").decode(bytes.subarray(0, 2 ** 18));
}

import { LogError } from "./errors.js";

/** A recorded log as it was found. */
export interface LogFile {
  /** Its name or path, which errors name; where a format does not say which metric it holds, the name does. */
  readonly name: string;
  /** The file's bytes, or its text. */
  readonly contents: Uint8Array | string;
}

/** The name without folders and ending: `"loss"` of `metrics/loss.csv`. */
export function baseName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? name;
  return base.replace(/\.(?:csv|tsv|json|jsonl|txt|log)$/i, "");
}

const BINARY: readonly (readonly [start: readonly number[], what: string, hint: string])[] = [
  [[0x1f, 0x8b], "a gzip file", "gunzip first"],
  [
    [0x50, 0x4b, 3, 4],
    "a zip file (PyTorch's .pt, NumPy's .npz and spreadsheets are such)",
    "json.dump of its lists of rates and losses",
  ],
  [[0x80, 2], "a Python pickle", "json.dump of its lists of rates and losses"],
  [[0x80, 3], "a Python pickle", "json.dump of its lists of rates and losses"],
  [[0x80, 4], "a Python pickle", "json.dump of its lists of rates and losses"],
  [[0x80, 5], "a Python pickle", "json.dump of its lists of rates and losses"],
  [[0x93, 0x4e, 0x55, 0x4d], "a NumPy array", "json.dump of its lists of rates and losses"],
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file", "the same table as CSV"],
  [[0x53, 0x51, 0x4c, 0x69], "an SQLite database", "the metrics exported as CSV"],
  [[0x89, 0x50, 0x4e, 0x47], "a picture", "the numbers that it was drawn from"],
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file", "the metrics exported as CSV"],
];

/**
 * A file's text: UTF-8, or UTF-16 by its byte order mark.
 *
 * @throws {LogError} for bytes that are no text, and says what they are where that is known.
 */
export function textOf({ name, contents }: LogFile): string {
  if (typeof contents === "string") return contents.replace(/^\uFEFF/, "");
  const [a, b] = contents;
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(contents);
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(contents);
  const binary = BINARY.find(([start]) => start.every((byte, i) => contents[i] === byte));
  if (binary !== undefined) throw noText(name, binary[1], binary[2]);
  if (contents.subarray(0, 65536).includes(0)) throw noText(name, "bytes that are no text");
  return new TextDecoder("utf-8").decode(contents);
}

function noText(where: string, got: string, hint?: string): LogError {
  return new LogError("unreadable", { where, expected: "a log of text, or TensorBoard's events", got, hint });
}

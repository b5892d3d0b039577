import { DataError } from "../errors.js";

/** How the bytes of a text are read. */
export interface DecodeTextOptions {
  /**
   * The encoding of the file, by any of the names of the Encoding Standard: `"utf-8"`, `"windows-1252"` (which
   * `"latin1"` means as well), `"utf-16le"`, `"shift_jis"`, `"gb18030"` …
   *
   * @default What a byte order mark says, else "utf-8".
   */
  readonly encoding?: string | undefined;
}

/** Marks that files may begin with, and the encodings that they stand for. */
const MARKS: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** Encodings that are often met in tables, and what is likely where bytes are no UTF-8; tried in this order. */
const LIKELY: readonly string[] = ["windows-1252", "shift_jis", "gb18030", "euc-kr", "windows-1251"];

/**
 * The text that bytes stand for, read strictly: bytes that the encoding does not have are an error, where a lenient
 * reader would make all of them one and the same character. A byte order mark is left out.
 *
 * @param bytes - The whole file.
 * @param name - What errors call the file.
 * @param options - See `DecodeTextOptions`.
 * @throws DataError if there is no such encoding, or the bytes are none of it; the message names encodings that fit.
 *
 * Source: WHATWG, Encoding Standard.
 */
export function decodeText(bytes: Uint8Array, name: string, options: DecodeTextOptions = {}): string {
  const mark = MARKS.find(([start]) => start.every((byte, i) => bytes[i] === byte))?.[1];
  const asked = options.encoding === undefined ? undefined : canonicalName(options.encoding);
  if (asked !== undefined && mark !== undefined && asked !== mark) {
    const expected = `${asked}, as encoding says`;
    throw new DataError({
      where: name,
      expected,
      got: `the byte order mark of ${mark}`,
      hint: `encoding: "${mark}"`,
    });
  }
  const encoding = asked ?? mark ?? "utf-8";
  if (encoding === "utf-8") refuseNul(bytes, name);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw wrongEncoding(bytes, name, encoding, cause);
  }
}

function canonicalName(encoding: unknown): string {
  try {
    if (typeof encoding === "string") return new TextDecoder(encoding).encoding;
  } catch {
    // Said below, as for what is no text at all.
  }
  throw new DataError({
    where: "encoding",
    expected: 'the name of an encoding, such as "utf-8", "windows-1252" or "utf-16le"',
    got: typeof encoding === "string" ? JSON.stringify(encoding) : typeof encoding,
  });
}

/** UTF-8 has zero bytes in binary files alone; UTF-16 has one beside each Latin letter. */
function refuseNul(bytes: Uint8Array, name: string): void {
  const start = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (let i = 0; i < start.length; i++) if (start[i] === 0) zeros[i % 2]!++;
  const [even, odd] = zeros as [number, number];
  if (even + odd === 0 && !bytes.includes(0)) return;
  const isPlenty = (zeros: number, others: number) => zeros > start.length / 4 && others < zeros / 4;
  const utf16 = isPlenty(odd, even) ? "utf-16le" : isPlenty(even, odd) ? "utf-16be" : undefined;
  if (utf16 !== undefined) {
    const got = `a zero in every other byte, as ${utf16} has`;
    throw new DataError({ where: name, expected: "text in utf-8", got, hint: `encoding: "${utf16}"` });
  }
  const got = `a zero at byte ${bytes.indexOf(0)}, as binary files have`;
  throw new DataError({ where: name, expected: "text", got, hint: "CSV or Parquet" });
}

function wrongEncoding(bytes: Uint8Array, name: string, encoding: string, cause: unknown): DataError {
  const at = firstWrong(bytes, encoding);
  const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 10).length;
  const fitting = LIKELY.filter((other) => other !== encoding && decodes(bytes, other) !== undefined);
  const shown = fitting.slice(0, 3).map((other) => {
    return `"${other}" (which reads ${JSON.stringify(decodes(around(bytes, at), other) ?? "…")} there)`;
  });
  // There is always one: windows-1252 has a character for every byte.
  const hint = `encoding: ${shown.join(" or ")}`;
  const got = `0x${bytes[at]!.toString(16).padStart(2, "0")} at byte ${at}, which is none`;
  const where = `${name}, line ${line}`;
  return new DataError({ where, expected: `text in ${encoding}`, got, hint }, { cause });
}

/** Where the first byte is that the encoding does not have: what comes before it decodes. */
function firstWrong(bytes: Uint8Array, encoding: string): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    // As a stream: a character that the part's end cuts in two is no error.
    if (decodes(bytes.subarray(0, middle), encoding, { stream: true }) === undefined) high = middle - 1;
    else low = middle;
  }
  // The character that is wrong began before the byte that showed it.
  while (low > 0 && decodes(bytes.subarray(0, low), encoding) === undefined) low--;
  return low;
}

function decodes(bytes: Uint8Array, encoding: string, options: TextDecodeOptions = {}): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, options);
  } catch {
    return undefined;
  }
}

/** The field or word around a place. */
function around(bytes: Uint8Array, at: number): Uint8Array {
  const isEnd = (byte: number | undefined) => byte === undefined || byte < 0x2d;
  let start = at;
  let end = at;
  while (at - start < 20 && !isEnd(bytes[start - 1])) start--;
  while (end - at < 20 && !isEnd(bytes[end])) end++;
  return bytes.subarray(start, end);
}

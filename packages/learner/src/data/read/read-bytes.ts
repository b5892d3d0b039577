import type { ZlibOptions } from "node:zlib";
import type { Problem } from "lrfind/core";
import { isNode, nodeModule } from "lrfind/core";
import { DataError, describe } from "../errors.js";

/**
 * A file: its path or `file:` URL (Node.js only), or its bytes: in an array, a `Blob` or `File`, or a stream of the
 * web or of Node.js. A stream is read to its end, and can be read once.
 */
export type FileSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | DataView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

type FileErrorClass = new (problem: Problem, options?: ErrorOptions) => Error;

/** What errors call a source, and whose they are. */
export interface ReadOptions {
  /** Default: `nameOf(source)`. */
  readonly name?: string | undefined;
  /** The class of errors. Default: `DataError`. */
  readonly error?: FileErrorClass;
}

/** In words, for errors. */
export const FILE_SOURCE =
  "a path, a file: URL, bytes (Uint8Array, ArrayBuffer, DataView), a Blob or a stream of bytes";

/** Whether a value is one of the forms in which a file may be given. */
export function isFileSource(value: unknown): value is FileSource {
  if (typeof value === "string" || value instanceof URL) return true;
  return bytesOf(value) !== undefined || isBlob(value) || isStream(value);
}

/** What errors call a source: its path or URL, a `File`'s name, else `other`. */
export function nameOf(source: unknown, other: string): string {
  if (typeof source === "string" || source instanceof URL) return String(source);
  const { name } = (isBlob(source) ? source : {}) as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? name : other;
}

/**
 * The bytes of a file as they are, whatever the form it is given in. They are a plain `Uint8Array`, never a `Buffer`,
 * whose `slice` is a view: what is read from a path and from written bytes is then one and the same.
 *
 * @throws DataError (or what `error` makes) if the source is of another form, or cannot be read.
 */
export async function readSource(source: FileSource, options: ReadOptions = {}): Promise<Uint8Array> {
  const { name = nameOf(source, "file"), error: FileError = DataError } = options;
  if (typeof source === "string" || source instanceof URL)
    return plain(await readFile(source, name, FileError));
  const bytes = bytesOf(source);
  if (bytes !== undefined) return bytes;
  try {
    if (isBlob(source)) return new Uint8Array(await source.arrayBuffer());
    if (isStream(source)) return await readStream(source, name);
  } catch (cause) {
    if (cause instanceof DataError) throw new FileError(cause, { cause });
    const got = cause instanceof Error ? cause.message : describe(cause);
    throw new FileError({ where: name, expected: "a file that can be read to its end", got }, { cause });
  }
  const isResponse = typeof Response === "function" && source instanceof Response;
  const hint = isResponse ? "await response.arrayBuffer()" : undefined;
  throw new FileError({ where: name, expected: FILE_SOURCE, got: describe(source), hint });
}

/**
 * The bytes of a file, unpacked if they are gzip-compressed (told by the first two bytes, not by the name).
 *
 * @param source - See `FileSource`.
 * @param name - What errors call the file.
 * @throws DataError if the file cannot be opened or unpacked.
 */
export async function readBytes(source: FileSource, name: string): Promise<Uint8Array> {
  const packed = await readSource(source, { name });
  const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
  return isGzip ? plain(await gunzip(packed, name)) : packed;
}

/** The bytes of an array in memory, as a view; a copy of shared memory, which decoders refuse. */
function bytesOf(value: unknown): Uint8Array | undefined {
  // By tag and not by class: another realm's arrays (an iframe's, a test runner's) are arrays too.
  const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (tag === "Uint8Array" || tag === "DataView") return plain(value as Uint8Array | DataView);
  if (tag === "ArrayBuffer" || tag === "SharedArrayBuffer") return plain(value as ArrayBuffer);
  return undefined;
}

function plain(value: ArrayBufferView | ArrayBufferLike): Uint8Array {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  const isShared = typeof SharedArrayBuffer === "function" && bytes.buffer instanceof SharedArrayBuffer;
  return isShared ? bytes.slice() : bytes;
}

function isBlob(value: unknown): value is Blob {
  return typeof Blob === "function" && value instanceof Blob;
}

function isStream(value: unknown): value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof value !== "object" || value === null) return false;
  return isIterable(value) || typeof (value as ReadableStream).getReader === "function";
}

function isIterable(value: object): value is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in value;
}

async function readStream(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  name: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of isIterable(stream) ? stream : partsOf(stream)) {
    const bytes = bytesOf(part);
    if (bytes === undefined) {
      const hint = typeof part === "string" ? "a stream without an encoding" : undefined;
      throw new DataError({
        where: name,
        expected: "a stream of bytes",
        got: `one of ${describe(part)}`,
        hint,
      });
    }
    // Copied: a source may write its next part over this one.
    parts.push(bytes.slice());
    length += bytes.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The parts of a stream in browsers whose streams are not iterable (Safari before 2025). */
async function* partsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

async function readFile(path: string | URL, name: string, FileError: FileErrorClass): Promise<Uint8Array> {
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(String(path))?.[1]?.toLowerCase();
  if ((path instanceof URL && path.protocol !== "file:") || (scheme !== undefined && scheme !== "file")) {
    const got = `a URL of ${path instanceof URL ? path.protocol : `${scheme}:`}`;
    const hint = "its bytes: await (await fetch(url)).arrayBuffer()";
    throw new FileError({ where: name, expected: "a path or a file: URL", got, hint });
  }
  if (!isNode()) {
    const hint = "its bytes: await (await fetch(url)).arrayBuffer()";
    throw new FileError({ where: name, expected: "bytes, as a browser opens no paths", got: "a path", hint });
  }
  try {
    const fs = nodeModule<typeof import("node:fs/promises")>("fs/promises");
    return await fs.readFile(scheme === "file" ? new URL(path) : path);
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new FileError({ where: name, expected: "a readable file", got }, { cause });
  }
}

async function gunzip(packed: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    if (isNode()) {
      const zlib = nodeModule<typeof import("node:zlib")>("zlib");
      const { promisify } = nodeModule<typeof import("node:util")>("util");
      // One chunk for all: the default of 16 KiB takes 57 ms in place of 33 for 8 MB, and joins the chunks in a copy.
      const chunkSize = Math.max(zlib.constants.Z_MIN_CHUNK, unpackedSize(packed) + 1);
      return await promisify<Uint8Array, ZlibOptions, Buffer>(zlib.gunzip)(packed, { chunkSize });
    }
    const unpacked = new Blob([packed as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (error) {
    const got = `${packed.length} bytes that do not unpack (${(error as Error).message})`;
    throw new DataError(
      { where: name, expected: "a whole gzip file", got, hint: "fetching the file again" },
      { cause: error },
    );
  }
}

/** What a gzip file's last four bytes say, unless that cannot be true. */
function unpackedSize(packed: Uint8Array): number {
  if (packed.length < 4) return 0;
  const said = new DataView(packed.buffer, packed.byteOffset, packed.length).getUint32(
    packed.length - 4,
    true,
  );
  // Deflate's best is 258 bytes of two bits: a foreign or damaged file must not make us reserve gigabytes.
  return Math.min(said, 1032 * packed.length);
}

import type { ZlibOptions } from "node:zlib";
import { DataError } from "./errors.js";

/** A file: its path or `file:` URL (Node.js only), or its bytes. */
export type FileSource = string | URL | Uint8Array;

/**
 * The bytes of a file, unpacked if they are gzip-compressed (told by the first two bytes, not by the name).
 *
 * @param source - See `FileSource`.
 * @param name - What errors call the file.
 * @throws DataError if the file cannot be opened or unpacked.
 */
export async function readBytes(source: FileSource, name: string): Promise<Uint8Array> {
  const packed = source instanceof Uint8Array ? source : await readFile(source, name);
  const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
  return isGzip ? gunzip(packed, name) : packed;
}

async function readFile(path: string | URL, name: string): Promise<Uint8Array> {
  // Imported where used: the parser must also load in a browser.
  const fs = await import("node:fs/promises");
  try {
    return await fs.readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DataError({ where: name, expected: "a readable file", got: code }, { cause: error });
  }
}

async function gunzip(packed: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    if (typeof process === "object" && process.versions?.node !== undefined) {
      const [zlib, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
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

import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { FileSource } from "../../packages/learner/src/data/index.js";

/** Every form in which a file may be given, made of its bytes; `folder` is where to write it. */
export const sources: Record<string, (bytes: Uint8Array, folder: string) => Promise<FileSource>> = {
  path: write,
  "file: URL": async (bytes, folder) => pathToFileURL(await write(bytes, folder)),
  "file: URL as a text": async (bytes, folder) => pathToFileURL(await write(bytes, folder)).href,
  "Buffer of its own, as readFile gives": async (bytes, folder) => readFile(await write(bytes, folder)),
  "Buffer in a pool": async (bytes) => {
    // A slice of a larger one, at an odd place: what lies around it is not the file's.
    const pool = Buffer.alloc(bytes.length + 64, 0xa5);
    pool.set(bytes, 13);
    return pool.subarray(13, 13 + bytes.length);
  },
  Uint8Array: async (bytes) => Uint8Array.from(bytes),
  "Uint8Array with an offset": async (bytes) => within(bytes),
  "Uint8Array on shared memory": async (bytes) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 9), 7, bytes.length);
    shared.set(bytes);
    return shared;
  },
  "DataView with an offset": async (bytes) => {
    const { buffer, byteOffset, byteLength } = within(bytes);
    return new DataView(buffer, byteOffset, byteLength);
  },
  ArrayBuffer: async (bytes) => Uint8Array.from(bytes).buffer,
  Blob: async (bytes) => new Blob([Uint8Array.from(bytes)]),
  File: async (bytes) => new File([Uint8Array.from(bytes)], "named"),
  "stream of Node.js": async (bytes, folder) =>
    createReadStream(await write(bytes, folder), { highWaterMark: 100 }),
  "stream of Node.js in parts of one array, written over": async (bytes) => Readable.from(partsOf(bytes)),
  "stream of the web": async (bytes) => new Blob([Uint8Array.from(bytes)]).stream(),
  "stream of the web that is not iterable": async (bytes) => {
    const stream = new Blob([Uint8Array.from(bytes)]).stream();
    return { getReader: () => stream.getReader() } as ReadableStream<Uint8Array>;
  },
};

let files = 0;

async function write(bytes: Uint8Array, folder: string): Promise<string> {
  const path = join(folder, `${files++}`);
  await writeFile(path, bytes);
  return path;
}

function within(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length + 11).fill(0x5a);
  larger.set(bytes, 3);
  return larger.subarray(3, 3 + bytes.length);
}

function* partsOf(bytes: Uint8Array): Generator<Uint8Array> {
  const part = new Uint8Array(50);
  for (let at = 0; at < bytes.length; at += part.length) {
    const next = bytes.subarray(at, at + part.length);
    part.set(next);
    yield part.subarray(0, next.length);
  }
}

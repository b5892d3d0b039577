import { mkdtemp, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import zlib, { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sources } from "../../../../../test/support/sources.js";
import { DataError } from "../../../src/data/index.js";
import { isFileSource, nameOf, readBytes, readSource } from "../../../src/data/read/read-bytes.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bytes-"));
});
afterAll(() => rm(folder, { recursive: true }));

const content = Uint8Array.from({ length: 321 }, (_, i) => (i * 7) % 256);

describe.each(Object.entries(sources))("a file given as a %s", (_, make) => {
  it("is read as plain bytes of its own, whatever lies around it", async () => {
    const source = await make(content, folder);
    expect(isFileSource(source)).toBe(true);
    const bytes = await readSource(source);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
    expect(bytes).toEqual(content);
  });

  it("is unpacked where it is packed", async () => {
    expect(await readBytes(await make(gzipSync(content), folder), "x")).toEqual(content);
    const again = await readBytes(await make(content, folder), "x");
    expect(again.constructor).toBe(Uint8Array);
    expect(again).toEqual(content);
  });
});

describe("a file", () => {
  it("of another realm is one", async () => {
    for (const code of [
      "new Uint8Array([1, 2])",
      "new Uint8Array([1, 2]).buffer",
      "new DataView(new Uint8Array([1, 2]).buffer)",
    ]) {
      const source = runInNewContext(code);
      expect(isFileSource(source)).toBe(true);
      expect(await readSource(source)).toEqual(Uint8Array.of(1, 2));
    }
    expect(await readSource(new SharedArrayBuffer(2) as never)).toEqual(new Uint8Array(2));
  });

  it.each([[null], [undefined], [7], [{}], [[1, 2]], [() => {}], [Int8Array.of(1)], [true]])(
    "is not %o",
    async (value) => {
      expect(isFileSource(value)).toBe(false);
      await expect(readSource(value as never)).rejects.toThrow(DataError);
      await expect(readSource(value as never)).rejects.toThrow(
        "file: expected a path, a file: URL, bytes (Uint8Array, ArrayBuffer, DataView), a Blob or a stream of bytes, got ",
      );
    },
  );

  it("is called by its path, URL or name", () => {
    expect(nameOf("a/b.csv", "x")).toBe("a/b.csv");
    expect(nameOf(new URL("file:///a.csv"), "x")).toBe("file:///a.csv");
    expect(nameOf(new File([], "c.csv"), "x")).toBe("c.csv");
    for (const other of [new File([], ""), new Blob([]), content, null, { name: "d" }]) {
      expect(nameOf(other, "x")).toBe("x");
    }
  });

  it("is no response, whose bytes are to be awaited", async () => {
    await expect(readSource(new Response("a") as never)).rejects.toThrow(
      "; try await response.arrayBuffer()",
    );
    await expect(readSource({} as never)).rejects.toThrow(/got an object$/);
  });

  class OwnError extends Error {
    readonly details: object;
    constructor(details: object, options?: ErrorOptions) {
      super("own", options);
      this.details = details;
    }
  }

  it("is refused by the reader's own error, which keeps the cause", async () => {
    const failing = (thrown: unknown) =>
      (async function* () {
        yield Uint8Array.of(1);
        throw thrown;
      })();
    const details = async (source: unknown, name?: string) => {
      const error = await readSource(source as never, { error: OwnError, name }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(OwnError);
      const { where, expected, got, hint } = error.details;
      return { where, expected, got, hint, cause: error.cause };
    };
    const lost = new Error("lost");
    const end = "a file that can be read to its end";
    expect(await details(failing(lost))).toMatchObject({
      where: "file",
      expected: end,
      got: "lost",
      cause: lost,
    });
    expect(await details(failing("gone"), "n")).toMatchObject({ where: "n", got: '"gone"', cause: "gone" });
    expect(await details(Readable.from(["text"]), "n")).toMatchObject({
      where: "n",
      expected: "a stream of bytes",
      got: 'one of "text"',
      hint: "a stream without an encoding",
    });
    expect(await details(Readable.from([1]))).toMatchObject({ got: "one of 1", hint: undefined });
    expect(await details(7)).toMatchObject({ where: "file", got: "7" });
    expect(await details(join(folder, "nowhere"))).toMatchObject({
      where: join(folder, "nowhere"),
      expected: "a readable file",
      got: "ENOENT",
      cause: expect.any(Error),
    });
    expect(await details("a\0b")).toMatchObject({
      expected: "a readable file",
      got: "ERR_INVALID_ARG_VALUE",
    });
    for (const url of ["https://example.org/a", new URL("https://example.org/a")]) {
      expect(await details(url)).toMatchObject({
        where: "https://example.org/a",
        expected: "a path or a file: URL",
        got: "a URL of https:",
        hint: "its bytes: await (await fetch(url)).arrayBuffer()",
      });
    }
  });

  it("lets go of a stream that is read in part", async () => {
    let cancelled = 0;
    const parts = [Uint8Array.of(1), "text"];
    const getReader = () => ({
      read: async () => ({ done: parts.length === 0, value: parts.shift() }),
      cancel: async () => void cancelled++,
    });
    await expect(readSource({ getReader } as never)).rejects.toThrow('got one of "text"');
    expect(cancelled).toBe(1);
  });
});

describe("gzip", () => {
  it("is told by two bytes", async () => {
    for (const bytes of [[], [0x1f], [0x1f, 0x8a], [0, 0x8b], [0x8b, 0x1f]]) {
      expect([...(await readBytes(Uint8Array.from(bytes), "x"))]).toEqual(bytes);
    }
    for (const [bytes, problem] of [
      [[0x1f, 0x8b], "unexpected end of file"],
      [[0x1f, 0x8b, 9, 0], "unknown compression method"],
    ] as const) {
      const error = await readBytes(Uint8Array.from(bytes), "x").catch((thrown) => thrown);
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toBe(
        `x: expected a whole gzip file, got ${bytes.length} bytes that do not unpack (${problem}); try fetching the file again`,
      );
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  it("is unpacked by the platform where that is not Node.js", async () => {
    const { gunzip } = zlib;
    zlib.gunzip = (() => expect.unreachable()) as never;
    syncBuiltinESMExports();
    try {
      for (const versions of [{}, undefined]) {
        vi.stubGlobal("process", Object.create(process, { versions: { value: versions } }));
        expect(await readBytes(gzipSync(content), "x")).toEqual(content);
        await expect(readBytes(gzipSync(content).subarray(0, 30), "x")).rejects.toThrow(
          "x: expected a whole gzip file, got 30 bytes that do not unpack (",
        );
      }
    } finally {
      vi.unstubAllGlobals();
      zlib.gunzip = gunzip;
      syncBuiltinESMExports();
    }
  });

  it("is unpacked in one piece, of the size that the file says where that can be", async () => {
    const { gunzip } = zlib;
    const sizes: unknown[] = [];
    zlib.gunzip = ((packed: Uint8Array, options: { chunkSize: number }, done: never) => {
      sizes.push(options.chunkSize);
      gunzip(packed, options, done);
    }) as never;
    syncBuiltinESMExports();
    try {
      for (const length of [0, 10, 63, 64, 100_000]) {
        await readBytes(gzipSync(new Uint8Array(length)), "x");
        expect(sizes.pop()).toBe(Math.max(64, length + 1));
      }
      const damaged = gzipSync(new Uint8Array(100));
      damaged.fill(0xff, damaged.length - 4);
      await expect(readBytes(damaged, "x")).rejects.toThrow(DataError);
      expect(sizes.pop()).toBe(1032 * damaged.length + 1);
      await expect(readBytes(Uint8Array.of(0x1f, 0x8b, 8), "x")).rejects.toThrow(DataError);
      expect(sizes.pop()).toBe(64);
      await expect(readBytes(Uint8Array.of(0x1f, 0x8b, 8, 0xff), "x")).rejects.toThrow(DataError);
      expect(sizes.pop()).toBe(1032 * 4 + 1);
    } finally {
      zlib.gunzip = gunzip;
      syncBuiltinESMExports();
    }
  });
});

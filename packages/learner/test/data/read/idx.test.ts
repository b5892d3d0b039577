import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DataError, parseIdx, readIdx } from "../../../src/data/index.js";
import { idxFile } from "./idx-file.js";

const images = "examples/data/t10k-images-idx3-ubyte.gz";
const labels = "examples/data/t10k-labels-idx1-ubyte.gz";

describe("parseIdx", () => {
  it("reads bytes written out by hand", () => {
    const parsed = parseIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 255));
    expect(parsed).toEqual({ dtype: "uint8", shape: [1, 3], data: Uint8Array.of(7, 8, 255) });
  });

  it.each([
    ["uint8", [0, 255, 3]],
    ["int8", [-128, 127, -1]],
    ["int16", [-32768, 32767, 258]],
    ["int32", [-(2 ** 31), 2 ** 31 - 1, 66051]],
    ["float32", [-1.5, 2 ** -149, Number.POSITIVE_INFINITY]],
    ["float64", [Math.PI, 5e-324, -0]],
  ] as const)("reads big-endian %s", (dtype, values) => {
    const parsed = parseIdx(idxFile(dtype, [3], values));
    expect(parsed.dtype).toBe(dtype);
    expect(parsed.shape).toEqual([3]);
    expect([...parsed.data]).toEqual(values);
  });

  it("reads any number of dimensions, none and empty ones included", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 6 }), (shape) => {
        const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 256);
        const parsed = parseIdx(idxFile("uint8", shape, values));
        expect(parsed.shape).toEqual(shape);
        expect([...parsed.data]).toEqual(values);
      }),
    );
  });

  it("reads a view that does not start at its buffer's start", () => {
    const file = idxFile("float64", [2], [1.25, -2]);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect([...parseIdx(shifted.subarray(3)).data]).toEqual([1.25, -2]);
  });

  it("says what is wrong with each cut of a file", () => {
    const file = idxFile("int16", [2, 2], [1, 2, 3, 4]);
    for (let length = 0; length < file.length; length++) {
      expect(() => parseIdx(file.subarray(0, length), "cut.idx"), `${length} bytes`).toThrow(
        /^cut\.idx: expected .*, got /,
      );
    }
  });

  it.each([
    ["nothing", [], "expected an IDX file, got 0 bytes"],
    ["text", [...Buffer.from("label,pixel1")], "which starts with the bytes 00 00, got 6c 61 62 65"],
    ["gzip", [0x1f, 0x8b, 8, 0], "got 1f 8b 08 00; try readIdx, which unpacks gzip"],
    ["an unknown type", [0, 0, 10, 1, 0, 0, 0, 0], "type code (08 09 0b 0c 0d 0e) as third byte, got 0a"],
    [
      "a cut header",
      [0, 0, 8, 3, 0, 0],
      "a header of 16 bytes for 3 dimensions, got 6 bytes (the file is cut",
    ],
    ["cut elements", [0, 0, 8, 1, 0, 0, 0, 3, 1], "11 bytes for uint8 [3], got 9 (the file is cut short)"],
    ["trailing bytes", [0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "9 bytes for uint8 [1], got 10 (trailing bytes)"],
    [
      "an absurd size",
      [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255],
      "got 12 (the file is cut short)",
    ],
  ])("rejects %s", (_, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes), "x.idx")).toThrow(message);
    expect(() => parseIdx(Uint8Array.from(bytes), "x.idx")).toThrow(/^x\.idx: /);
    expect(() => parseIdx(Uint8Array.from(bytes))).toThrow(DataError);
  });
});

describe("what is no IDX file", () => {
  const start = "which starts with the bytes 00 00, got ";
  it.each<[number[], string]>([
    [[0, 1, 8, 0], `${start}00 01 08 00`],
    [[1, 0, 8, 0], `${start}01 00 08 00`],
    [[0x1f, 0, 8, 0, 9], `${start}1f 00 08 00`],
    [[0, 0x8b, 8, 0], `${start}00 8b 08 00`],
    [[0x1f, 0x8b, 8, 0, 9], `${start}1f 8b 08 00; try readIdx, which unpacks gzip`],
    [[0, 0, 7, 0], "expected an IDX type code (08 09 0b 0c 0d 0e) as third byte, got 07"],
    [[0, 0, 8], "expected an IDX file, got 3 bytes"],
    [[], "expected an IDX file, got 0 bytes"],
    [
      [0, 0, 8, 1, 0, 0, 0],
      "expected a header of 8 bytes for 1 dimensions, got 7 bytes (the file is cut short); try fetching the file again",
    ],
    [
      [0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 3],
      "12 bytes for int16 [2], got 11 (the file is cut short); try fetching",
    ],
    [[0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "9 bytes for uint8 [1], got 10 (trailing bytes); try fetching"],
  ])("is refused, with what to do where that is known: %j", (bytes, message) => {
    const parse = () => parseIdx(Uint8Array.from(bytes));
    expect(parse).toThrow(/^IDX data: expected /);
    expect(parse).toThrow(
      new RegExp(`${message.replace(/[[\]().]/g, "\\$&")}${message.includes("; try") ? "" : "$"}`),
    );
  });

  it.each([[null], [undefined], ["text"], [[0, 0, 8, 0]], [new ArrayBuffer(4)], [Int8Array.of(0, 0, 8, 0)]])(
    "is refused where it is no bytes: %o",
    (bytes) => {
      expect(() => parseIdx(bytes as never, "x")).toThrow('"x": expected the bytes of an IDX file, got ');
    },
  );

  it("may have no dimension, or one of 0", () => {
    expect(parseIdx(Uint8Array.of(0, 0, 8, 0, 7))).toEqual({
      dtype: "uint8",
      shape: [],
      data: Uint8Array.of(7),
    });
    const empty = parseIdx(Uint8Array.of(0, 0, 14, 2, 255, 255, 255, 255, 0, 0, 0, 0));
    expect(empty).toEqual({ dtype: "float64", shape: [2 ** 32 - 1, 0], data: new Float64Array(0) });
  });
});

describe("readIdx", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lrfind-idx-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it("reads plain and gzip-compressed, bytes, paths and file URLs alike", async () => {
    const plain = idxFile("int32", [2], [5, -6]);
    const expected = { dtype: "int32", shape: [2], data: Int32Array.of(5, -6) };
    const path = join(folder, "misnamed.txt");
    await writeFile(path, gzipSync(plain));
    expect(await readIdx(plain)).toEqual(expected);
    expect(await readIdx(gzipSync(plain))).toEqual(expected);
    expect(await readIdx(path)).toEqual(expected);
    expect(await readIdx(pathToFileURL(path))).toEqual(expected);
  });

  it("unpacks without Node.js's zlib, as in a browser", async () => {
    const packed = gzipSync(idxFile("uint8", [3], [1, 2, 3]));
    // Not undefined: Node.js itself, and what runs the tests, may set a field of it meanwhile.
    vi.stubGlobal("process", Object.create(process, { versions: { value: {} } }));
    try {
      expect([...(await readIdx(packed)).data]).toEqual([1, 2, 3]);
      await expect(readIdx(packed.subarray(0, -6))).rejects.toThrow("IDX data: expected a whole gzip file");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  // The sums were taken with NumPy on the same files.
  it("reads Fashion-MNIST's images", async () => {
    const { dtype, shape, data } = await readIdx(images);
    expect({ dtype, shape }).toEqual({ dtype: "uint8", shape: [10_000, 28, 28] });
    const pixels = data as Uint8Array;
    const sum = (from: number, to: number) =>
      pixels.subarray(from * 784, to * 784).reduce((a, b) => a + b, 0);
    expect(sum(0, 10_000)).toBe(573_469_082);
    expect([sum(0, 1), sum(1, 2), sum(2, 3), sum(9_999, 10_000)]).toEqual([33_456, 100_994, 51_520, 24_390]);
    expect(data[14 * 28 + 14]).toBe(110);
  });

  it("reads Fashion-MNIST's labels: a thousand of each class", async () => {
    const { shape, data } = await readIdx(labels);
    expect(shape).toEqual([10_000]);
    expect([...data.subarray(0, 10)]).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    const counts = Array(10).fill(0);
    for (const label of data) counts[label]++;
    expect(counts).toEqual(Array(10).fill(1_000));
  });

  it("names a file that is not there", async () => {
    const path = join(folder, "missing.gz");
    await expect(readIdx(path)).rejects.toThrow(`${path}: expected a readable file, got ENOENT`);
  });

  it("names a truncated gzip file", async () => {
    const path = join(folder, "truncated.gz");
    await writeFile(path, (await readFile(labels)).subarray(0, 3_000));
    await expect(readIdx(path)).rejects.toThrow(
      `${path}: expected a whole gzip file, got 3000 bytes that do not unpack (unexpected end of file)`,
    );
  });

  it("unpacks a file of several gzip members, whose last four bytes tell the size of the last one only", async () => {
    const plain = idxFile("uint8", [4], [1, 2, 3, 4]);
    const packed = Buffer.concat([gzipSync(plain.subarray(0, 9)), gzipSync(plain.subarray(9))]);
    expect((await readIdx(packed)).data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it("reserves no memory for a size that a damaged gzip file cannot have", async () => {
    const packed = Buffer.from(gzipSync(idxFile("uint8", [3], [1, 2, 3])));
    packed.writeUInt32LE(0xffffffff, packed.length - 4);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readIdx(packed)).rejects.toThrow("expected a whole gzip file");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it("names a corrupt gzip file", async () => {
    const bytes = await readFile(labels);
    bytes[2_000]! ^= 0xff;
    await expect(readIdx(bytes, { name: "corrupt.gz" })).rejects.toThrow(
      "corrupt.gz: expected a whole gzip file",
    );
  });

  it("names a gzip file of something else", async () => {
    await expect(readIdx(gzipSync("a,b\n1,2\n"), { name: "table.csv.gz" })).rejects.toThrow(
      "table.csv.gz: expected an IDX file, which starts with the bytes 00 00, got 61 2c 62 0a",
    );
  });
});

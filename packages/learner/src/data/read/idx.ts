import { checkDataOptions, string } from "../checks.js";
import { DataError, describe } from "../errors.js";
import { type FileSource, nameOf, readBytes } from "./read-bytes.js";

/** The element types of IDX, with their code in the file's third byte. */
const IDX_TYPES = {
  8: { dtype: "uint8", bytes: 1 },
  9: { dtype: "int8", bytes: 1 },
  11: { dtype: "int16", bytes: 2 },
  12: { dtype: "int32", bytes: 4 },
  13: { dtype: "float32", bytes: 4 },
  14: { dtype: "float64", bytes: 8 },
} as const;

/** The contents of an IDX file. `dtype` tells the class of `data`, which has as many elements as `shape` says. */
export type IdxArray = { readonly shape: readonly number[] } & (
  | { readonly dtype: "uint8"; readonly data: Uint8Array }
  | { readonly dtype: "int8"; readonly data: Int8Array }
  | { readonly dtype: "int16"; readonly data: Int16Array }
  | { readonly dtype: "int32"; readonly data: Int32Array }
  | { readonly dtype: "float32"; readonly data: Float32Array }
  | { readonly dtype: "float64"; readonly data: Float64Array }
);

/**
 * Reads an unpacked IDX file: the format of MNIST and its kin.
 *
 * Two zero bytes, a type code, the number of dimensions, each dimension as a big-endian 32-bit integer, then
 * the elements, big-endian, last dimension fastest.
 *
 * @param bytes - The whole file. Elements of one byte are not copied: `data` is a view of `bytes`.
 * @param name - What errors call the file. Default `"IDX data"`.
 * @returns The element type, the shape and the elements.
 * @throws DataError if the bytes are not IDX, are too few or too many, or are still gzip-compressed.
 *
 * @example
 * ```ts
 * parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)); // { dtype: "uint8", shape: [2], data: [7, 9] }
 * ```
 *
 * Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database", section "The IDX file format".
 */
export function parseIdx(bytes: Uint8Array, name = "IDX data"): IdxArray {
  const { dtype, elementBytes, shape, headerBytes } = readHeader(bytes, name);
  // 0 times an overflowed product would be NaN.
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const expectedBytes = headerBytes + count * elementBytes;
  if (bytes.length !== expectedBytes) {
    throw new DataError({
      where: name,
      expected: `${expectedBytes} bytes for ${dtype} [${shape.join(", ")}]`,
      got: `${bytes.length} (${bytes.length < expectedBytes ? "the file is cut short" : "trailing bytes"})`,
      hint: "fetching the file again",
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerBytes, count * elementBytes);
  switch (dtype) {
    case "uint8":
      return { dtype, shape, data: new Uint8Array(view.buffer, view.byteOffset, count) };
    case "int8":
      return { dtype, shape, data: new Int8Array(view.buffer, view.byteOffset, count) };
    case "int16":
      return { dtype, shape, data: Int16Array.from({ length: count }, (_, i) => view.getInt16(2 * i)) };
    case "int32":
      return { dtype, shape, data: Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * i)) };
    case "float32":
      return { dtype, shape, data: Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i)) };
    case "float64":
      return { dtype, shape, data: Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i)) };
  }
}

/**
 * Reads an IDX file, gzip-compressed or plain (told by its first two bytes, not by its name).
 *
 * @param source - See `FileSource`.
 * @param options.name - What errors call the file. Default: the path, or `"IDX data"` for bytes.
 * @returns The element type, the shape and the elements.
 * @throws DataError if the file cannot be opened, unpacked or parsed.
 *
 * @example
 * ```ts
 * const { shape } = await readIdx("examples/data/t10k-images-idx3-ubyte.gz"); // [10000, 28, 28]
 * ```
 */
export async function readIdx(
  source: FileSource,
  options: { readonly name?: string } = {},
): Promise<IdxArray> {
  checkDataOptions<typeof options>("readIdx", options, { name: string });
  const name = options.name ?? nameOf(source, "IDX data");
  return parseIdx(await readBytes(source, name), name);
}

function readHeader(bytes: Uint8Array, name: string) {
  if (!(bytes instanceof Uint8Array)) {
    throw new DataError({
      where: describe(name),
      expected: "the bytes of an IDX file",
      got: describe(bytes),
    });
  }
  const [zero0, zero1, code, rank] = bytes;
  if (rank === undefined) {
    throw new DataError({ where: name, expected: "an IDX file", got: `${bytes.length} bytes` });
  }
  const type = IDX_TYPES[code as keyof typeof IDX_TYPES];
  if (zero0 !== 0 || zero1 !== 0) {
    throw new DataError({
      where: name,
      expected: "an IDX file, which starts with the bytes 00 00",
      got: hex(bytes.subarray(0, 4)),
      ...(zero0 === 0x1f && zero1 === 0x8b ? { hint: "readIdx, which unpacks gzip" } : {}),
    });
  }
  if (type === undefined) {
    throw new DataError({
      where: name,
      expected: `an IDX type code (${hex(Object.keys(IDX_TYPES).map(Number))}) as third byte`,
      got: hex([code!]),
    });
  }
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw new DataError({
      where: name,
      expected: `a header of ${headerBytes} bytes for ${rank} dimensions`,
      got: `${bytes.length} bytes (the file is cut short)`,
      hint: "fetching the file again",
    });
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const shape = Array.from({ length: rank }, (_, i) => header.getUint32(4 + 4 * i));
  return { dtype: type.dtype, elementBytes: type.bytes, shape, headerBytes };
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

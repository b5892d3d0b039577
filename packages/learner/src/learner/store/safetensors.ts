import type { DType, Tensor } from "@lrfind/engine";
import { allocate, sizeOf } from "@lrfind/engine";
import { tensorCheck } from "@lrfind/engine/internal";
import { describe } from "lrfind/core";
import { LearnerError } from "../errors.js";

/** Tensors by name, with what else the file says. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const names: { readonly [D in DType]: string } = {
  float32: "F32",
  float64: "F64",
  int8: "I8",
  uint8: "U8",
  int16: "I16",
  uint16: "U16",
  int32: "I32",
  uint32: "U32",
  int64: "I64",
  uint64: "U64",
  bool: "BOOL",
};

/** Length of the header's length. */
const PREFIX = 8;
/** The data begins at a multiple of this, so that it can be mapped into memory. */
const ALIGNMENT = 8;
/** What the format allows. */
const MAX_HEADER = 100_000_000;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * Writes tensors in the safetensors format: the header's length as 8 bytes, little-endian; the header, in JSON; the
 * raw data, without gaps, larger element types first. The parts are views: nothing is copied.
 *
 * @returns The parts of the file, in order.
 *
 * @example
 * ```ts
 * const parts = encodeSafetensors({ tensors: new Map([["w", tensor("float32", [2], [1, 2])]]), metadata: {} });
 * await writeAtomically("w.safetensors", parts);
 * ```
 *
 * Source: the safetensors format of Hugging Face, https://github.com/huggingface/safetensors#format.
 */
export function encodeSafetensors(contents: TensorFile): Uint8Array[] {
  const { tensors, metadata } = Object(contents) as TensorFile;
  const file: unknown = { tensors, metadata };
  if (!isTensorFile(file)) {
    throw new LearnerError({
      where: "encodeSafetensors",
      expected: "a Map of tensors, and metadata of texts",
      got: describe(tensors),
    });
  }
  const order = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: Record<string, Entry | Readonly<Record<string, string>>> = {};
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  let end = 0;
  for (const [name, { dtype, shape, data }] of order) {
    header[name] = { dtype: names[dtype], shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(PREFIX + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, PREFIX);
  const body = order.map(
    ([, { data }]) => new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  );
  return [head, ...body];
}

/**
 * Reads tensors from the bytes of a safetensors file.
 *
 * @param where - Names the file in errors.
 * @throws {LearnerError} when the file is cut short or is no safetensors file.
 *
 * @example
 * ```ts
 * const { tensors, metadata } = decodeSafetensors(await readFile("w.safetensors"), "w.safetensors");
 * ```
 *
 * Source: as `encodeSafetensors`.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): TensorFile {
  if (typeof where !== "string") {
    throw new LearnerError({
      where: "decodeSafetensors",
      expected: "where to be a string",
      got: describe(where),
    });
  }
  if (!(bytes instanceof Uint8Array)) throw notSafetensors(where, describe(bytes));
  const { header, start } = readHeader(bytes, where);
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  if (
    typeof metadata !== "object" ||
    metadata === null ||
    Object.values(metadata).some((v) => typeof v !== "string")
  ) {
    throw notSafetensors(where, "metadata that are not texts");
  }
  const tensors = new Map<string, Tensor>();
  const spans: (readonly [number, number])[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, span } = checkEntry(name, entry, where);
    if (start + span[1] > bytes.length) {
      throw new LearnerError({
        where,
        expected: `a file of at least ${start + span[1]} bytes, for tensor "${name}"`,
        got: `${bytes.length}: it is cut short`,
      });
    }
    spans.push(span);
    const data = allocate(dtype, sizeOf(shape));
    new Uint8Array(data.buffer).set(bytes.subarray(start + span[0], start + span[1]));
    tensors.set(name, { dtype, shape, data });
  }
  checkGapless(spans, bytes.length - start, where);
  return { tensors, metadata: metadata as Record<string, string> };
}

function isTensorFile(file: unknown): file is TensorFile {
  const { tensors, metadata } = file as Partial<TensorFile>;
  return (
    tensors instanceof Map &&
    [...tensors].every(([name, contents]) => typeof name === "string" && tensorCheck.accepts(contents)) &&
    typeof metadata === "object" &&
    metadata !== null &&
    Object.values(metadata).every((text) => typeof text === "string")
  );
}

function readHeader(bytes: Uint8Array, where: string): { header: object; start: number } {
  if (bytes.length < PREFIX) throw notSafetensors(where, `${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER) throw notSafetensors(where, `a header of ${length} bytes`);
  const start = PREFIX + length;
  if (start > bytes.length) {
    const got = `${bytes.length} bytes: it is cut short, or no safetensors file`;
    throw new LearnerError({ where, expected: `a header that ends at byte ${start}`, got });
  }
  try {
    const header: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(PREFIX, start)),
    );
    if (typeof header === "object" && header !== null && !Array.isArray(header)) return { header, start };
  } catch (cause) {
    throw notSafetensors(where, "a header that is no JSON", { cause });
  }
  throw notSafetensors(where, "a header that is no JSON object");
}

function checkEntry(name: string, entry: unknown, where: string) {
  const { dtype: code, shape, data_offsets: span } = (entry ?? {}) as Partial<Entry>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isWhole =
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(span) &&
    span.length === 2 &&
    span.every(isCount);
  if (!isWhole) throw notSafetensors(where, `a tensor "${name}" without shape and offsets`);
  const dtype = (Object.keys(names) as DType[]).find((candidate) => names[candidate] === code);
  if (!dtype) {
    const expected = `tensor "${name}" to be of a type among ${Object.values(names).join(", ")}`;
    throw new LearnerError({ where, expected, got: describe(code) });
  }
  const byteLength = sizeOf(shape!) * allocate(dtype, 0).BYTES_PER_ELEMENT;
  if (span![1] - span![0] !== byteLength) {
    throw notSafetensors(
      where,
      `${span![1] - span![0]} bytes for tensor "${name}" of ${code}[${shape!.join(", ")}]`,
    );
  }
  return { dtype, shape: shape!, span: span! };
}

/** The format has no bytes that belong to no tensor, and none that belong to two. */
function checkGapless(spans: (readonly [number, number])[], size: number, where: string): void {
  let end = 0;
  for (const [begin, next] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== end)
      throw notSafetensors(where, `tensors with a gap or an overlap at byte ${end} of the data`);
    end = next;
  }
  if (end !== size) throw notSafetensors(where, `${size - end} bytes that belong to no tensor`);
}

function notSafetensors(where: string, got: string, options?: ErrorOptions): LearnerError {
  return new LearnerError({ where, expected: "a safetensors file", got }, options);
}

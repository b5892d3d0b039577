import { type Check, checkArgument, describe, didYouMean, integer, OptionError } from "lrfind/core";

/** Element types that lrfind's graphs use, by ONNX's names. */
export type DType =
  | "float32"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool";

/** The typed array that holds each element type; `bool` is one byte, 0 or 1. */
export interface TensorDataByDType {
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

/** The contents of a tensor. */
export type TensorData = TensorDataByDType[DType];

/** A dense tensor in row-major order: plain data, owned by whoever made it, never changed in place. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  /** Sizes of the dimensions; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** `sizeOf(shape)` elements. */
  readonly data: TensorDataByDType[D];
}

/**
 * A tensor's type and shape, or what is no tensor as it is, for messages: `float32[2, 3]`.
 *
 * @example
 * ```ts
 * describeTensor(tensor("float32", [2], [1, 2])); // "float32[2]"
 * ```
 */
export function describeTensor(value: unknown): string {
  const { dtype, shape } = Object(value) as Partial<Tensor>;
  const isTensor =
    typeof dtype === "string" && Array.isArray(shape) && shape.every((dim) => typeof dim === "number");
  return isTensor ? `${dtype}[${shape.join(", ")}]` : describe(value);
}

const constructors: { readonly [D in DType]: new (length: number) => TensorDataByDType[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** The names of all element types. */
export const DTYPES: readonly DType[] = Object.keys(constructors) as DType[];

const DTYPE: Check = {
  expected: `one of ${DTYPES.join(", ")}`,
  accepts: (value) => typeof value === "string" && isDType(value),
  hint: (value) => (typeof value === "string" ? didYouMean(value, DTYPES) : undefined),
};
const LENGTH = integer({ min: 0 });
const VALUES: Check = {
  expected: "an array of numbers or a typed array",
  accepts: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)),
};

/**
 * The number of elements of a shape: the product of its dimensions, 1 for a scalar.
 *
 * @example
 * ```ts
 * sizeOf([2, 3]); // 6
 * ```
 *
 * @throws {OptionError} unless the shape is an array of whole numbers from 0 up, whose product is one.
 */
export function sizeOf(shape: readonly number[]): number {
  let size = Array.isArray(shape) ? 1 : Number.NaN;
  for (let i = 0; i < shape?.length; i++) {
    const dim = shape[i]!;
    size *= Number.isInteger(dim) && dim >= 0 ? dim : Number.NaN;
  }
  if (Number.isSafeInteger(size)) return size;
  throw new OptionError({
    where: "sizeOf",
    option: "shape",
    expected: "shape to be an array of whole numbers from 0 up, whose product is at most 2^53 - 1",
    got: describe(shape),
    received: shape,
  });
}

/**
 * An array of zeros for a tensor of `dtype` with `length` elements.
 *
 * @example
 * ```ts
 * allocate("float32", 3); // Float32Array [0, 0, 0]
 * ```
 *
 * @throws {OptionError} when there is no such type, or so many elements do not fit into memory.
 */
export function allocate<D extends DType>(dtype: D, length: number): TensorDataByDType[D] {
  checkArgument("allocate", "dtype", dtype, DTYPE);
  checkArgument("allocate", "length", length, LENGTH);
  try {
    return new constructors[dtype](length);
  } catch (cause) {
    throw new OptionError(
      {
        where: "allocate",
        option: "length",
        expected: `as many elements of ${dtype} as fit into memory`,
        got: String(length),
        received: length,
        hint: "a smaller shape",
      },
      { cause },
    );
  }
}

/**
 * Makes a tensor from numbers.
 *
 * @param dtype - Element type; `int64` and `uint64` take numbers too and convert them.
 * @param shape - Sizes of the dimensions; `[]` is a scalar.
 * @param values - `sizeOf(shape)` numbers, row-major. A typed array of the right kind is kept, not copied.
 * @throws {OptionError} when there is no such type, the number of values is not the size of the shape, or a value is no
 *   number (for integers: no whole number).
 *
 * @example
 * ```ts
 * tensor("float32", [2, 2], [1, 2, 3, 4]);
 * ```
 */
export function tensor<D extends DType>(
  dtype: D,
  shape: readonly number[],
  values: TensorDataByDType[D] | readonly number[],
): Tensor<D> {
  checkArgument("tensor", "dtype", dtype, DTYPE);
  const size = sizeOf(shape);
  checkArgument("tensor", "values", values, VALUES);
  if (values.length !== size)
    fail(`${size} values for shape [${shape.join(", ")}]`, String(values.length), values);
  if (values instanceof constructors[dtype]) return { dtype, shape, data: values };
  const data = allocate(dtype, size);
  const isWhole = !isFloat(dtype);
  for (let i = 0; i < size; i++) {
    const value: unknown = values[i];
    const isRight = isWhole
      ? Number.isInteger(value) || typeof value === "bigint" || typeof value === "boolean"
      : typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
    if (!isRight)
      fail(`${isWhole ? "whole " : ""}numbers for ${dtype}`, `${describe(value)} at index ${i}`, value);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value as number);
    else data[i] = Number(value);
  }
  return { dtype, shape, data };
}

function fail(expected: string, got: string, received: unknown): never {
  throw new OptionError({ where: "tensor", option: "values", expected, got, received });
}

/** True for the element types that a gradient can have. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** Whether an array is the kind that holds an element type. */
export function holds(dtype: DType, data: unknown): boolean {
  return data instanceof constructors[dtype];
}

/** Whether a name is that of an element type that lrfind's graphs use. */
export function isDType(name: string): name is DType {
  return typeof name === "string" && Object.hasOwn(constructors, name);
}

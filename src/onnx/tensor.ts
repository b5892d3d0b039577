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

/**
 * The number of elements of a shape: the product of its dimensions, 1 for a scalar.
 *
 * @example
 * ```ts
 * sizeOf([2, 3]); // 6
 * ```
 */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/**
 * An array of zeros for a tensor of `dtype` with `length` elements.
 *
 * @example
 * ```ts
 * allocate("float32", 3); // Float32Array [0, 0, 0]
 * ```
 */
export function allocate<D extends DType>(dtype: D, length: number): TensorDataByDType[D] {
  return new constructors[dtype](length);
}

/**
 * Makes a tensor from numbers.
 *
 * @param dtype - Element type; `int64` and `uint64` take numbers too and convert them.
 * @param shape - Sizes of the dimensions; `[]` is a scalar.
 * @param values - `sizeOf(shape)` numbers, row-major. A typed array of the right kind is kept, not copied.
 * @throws {RangeError} when the number of values is not the size of the shape.
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
  const size = sizeOf(shape);
  if (values.length !== size) {
    throw new RangeError(
      `tensor: expected ${size} values for shape [${shape.join(", ")}], got ${values.length}`,
    );
  }
  if (values instanceof constructors[dtype]) return { dtype, shape, data: values };
  const data = allocate(dtype, size);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < size; i++) data[i] = BigInt(values[i] as number);
  } else {
    for (let i = 0; i < size; i++) data[i] = Number(values[i]);
  }
  return { dtype, shape, data };
}

/** True for the element types that a gradient can have. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** Whether a name is that of an element type that lrfind's graphs use. */
export function isDType(name: string): name is DType {
  return Object.hasOwn(constructors, name);
}

import type { TensorProto } from "onnx-buf";
import { TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { OnnxError } from "../errors.js";
import type { DType, Tensor, TensorData } from "../graph/tensor.js";
import { allocate, sizeOf, tensor } from "../graph/tensor.js";
import { dtypeOf } from "./encode-tensor.js";

/** Reads a file that lies beside a model, by the location that the model gives. */
export type ReadExternal = (location: string) => Promise<Uint8Array>;

/** Turns a tensor of a file into numbers. `where` starts the messages: the file and the tensor's owner. @internal */
export function decodeTensor(proto: TensorProto, where: string): Tensor {
  const dtype = dtypeOfTensor(proto, where);
  const shape = shapeOf(proto, where);
  const size = sizeOf(shape);
  if (proto.rawData.length > 0 || size === 0) {
    return { dtype, shape, data: fromBytes(dtype, shape, proto.rawData, where) };
  }
  const values = typedField(proto, dtype);
  if (values.length !== size) {
    throw new OnnxError({
      where,
      expected: `${size} elements for shape [${shape.join(", ")}]`,
      got: `${values.length}; the file is damaged`,
    });
  }
  if (dtype === "int64") return tensor("int64", shape, BigInt64Array.from(values as bigint[]));
  if (dtype === "uint64") return tensor("uint64", shape, BigUint64Array.from(values as bigint[]));
  return tensor(dtype, shape, values as number[]);
}

/** Largest size of a dimension: ONNX Runtime's kernels count in 32 bits in many places. */
const MAX_DIM = 2n ** 31n - 1n;
/** 64 GiB of the widest type, more than any array holds. */
const MAX_ELEMENTS = 2n ** 33n;

/** The size of a dimension, as a file has it. @throws {OnnxError} when nothing can have that size. */
export function decodeDim(dim: bigint, where: string): number {
  if (dim >= 0n && dim <= MAX_DIM) return Number(dim);
  throw new OnnxError({
    where,
    expected: `dimensions from 0 to ${MAX_DIM}`,
    got: `${dim}; the file is damaged, try exporting it again`,
  });
}

/** The shape of a tensor, of as many bytes as an array can hold. */
function shapeOf(proto: TensorProto, where: string): number[] {
  const shape = proto.dims.map((dim) => decodeDim(dim, where));
  const size = proto.dims.reduce((product, dim) => product * dim, 1n);
  if (size <= MAX_ELEMENTS) return shape;
  throw new OnnxError({
    where,
    expected: `at most ${MAX_ELEMENTS} elements`,
    got: `${size} in shape [${shape.join(", ")}]; the file is damaged, try exporting it again`,
  });
}

/** Whether the contents of a tensor lie in another file. @internal */
export function isExternal(proto: TensorProto): boolean {
  return proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
}

/** Reads a tensor whose contents lie in another file. @internal */
export async function decodeExternalTensor(
  proto: TensorProto,
  where: string,
  readExternal: ReadExternal,
): Promise<Tensor> {
  const dtype = dtypeOfTensor(proto, where);
  const shape = shapeOf(proto, where);
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location");
  if (!location)
    throw new OnnxError({
      where,
      expected: "the location of its external data",
      got: "none; the file is damaged",
    });
  const bytes = await readExternal(location);
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? bytes.length - offset);
  const areSizes = [offset, length].every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!areSizes || offset + length > bytes.length) {
    throw new OnnxError({
      where,
      expected: `${length} bytes at ${offset} of "${location}"`,
      got: `a file of ${bytes.length} bytes`,
      hint: "copying it again",
    });
  }
  return { dtype, shape, data: fromBytes(dtype, shape, bytes.subarray(offset, offset + length), where) };
}

function dtypeOfTensor(proto: TensorProto, where: string): DType {
  const dtype = dtypeOf(proto.dataType);
  if (dtype) return dtype;
  const name = TensorProto_DataType[proto.dataType] ?? `number ${proto.dataType}`;
  throw new OnnxError({
    where,
    expected: "an element type that lrfind knows",
    got: name,
    hint: "exporting the model in float32",
  });
}

/** Little-endian bytes as the elements of a tensor; copied, for the bytes may be unaligned. */
function fromBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array, where: string): TensorData {
  const byteLength = sizeOf(shape) * allocate(dtype, 0).BYTES_PER_ELEMENT;
  // Before anything is allocated: the shape may be a damaged one.
  if (bytes.length !== byteLength) {
    throw new OnnxError({
      where,
      expected: `${byteLength} bytes for ${dtype}[${shape.join(", ")}]`,
      got: `${bytes.length}; the file is damaged`,
    });
  }
  const data = allocate(dtype, sizeOf(shape));
  new Uint8Array(data.buffer).set(bytes);
  return data;
}

/** ONNX keeps small element types in the field of a wider one. */
function typedField(proto: TensorProto, dtype: DType): ArrayLike<number> | readonly bigint[] {
  switch (dtype) {
    case "float32":
      return proto.floatData;
    case "float64":
      return proto.doubleData;
    case "int64":
      return proto.int64Data;
    case "uint64":
      return proto.uint64Data;
    case "uint32":
      return proto.uint64Data.map(Number);
    default:
      return proto.int32Data;
  }
}

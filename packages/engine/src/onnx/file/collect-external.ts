import { create } from "@bufbuild/protobuf";
import type { TensorProto } from "onnx-buf";
import { StringStringEntryProtoSchema, TensorProto_DataLocation, TensorProtoSchema } from "onnx-buf";
import type { Tensor } from "../graph/tensor.js";
import { dataTypeOf } from "./encode-tensor.js";

/** Smaller tensors stay in the model: shape inference reads them there. */
const EXTERNAL_FROM_BYTES = 1024;
/** ONNX asks for tensors aligned to pages, so that they can be mapped into memory. */
const EXTERNAL_ALIGNMENT = 4096;

/** Collects the large tensors of a model for the file beside it. */
export class ExternalData {
  readonly #location: string;
  readonly #checksum: string | undefined;
  readonly #parts: { offset: number; bytes: Uint8Array }[] = [];
  #end = 0;

  constructor(location: string, checksum?: string) {
    this.#location = location;
    this.#checksum = checksum;
  }

  /** Takes a tensor, or leaves it (undefined) to the model where it is small. */
  add(contents: Tensor, name: string): TensorProto | undefined {
    const { buffer, byteOffset, byteLength } = contents.data;
    if (byteLength < EXTERNAL_FROM_BYTES) return undefined;
    const offset = Math.ceil(this.#end / EXTERNAL_ALIGNMENT) * EXTERNAL_ALIGNMENT;
    this.#parts.push({ offset, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
    this.#end = offset + byteLength;
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    return create(TensorProtoSchema, {
      name,
      dataType: dataTypeOf(contents.dtype),
      dims: contents.shape.map(BigInt),
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [
        entry("location", this.#location),
        entry("offset", String(offset)),
        entry("length", String(byteLength)),
        ...(this.#checksum === undefined ? [] : [entry("checksum", this.#checksum)]),
      ],
    });
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#end);
    for (const part of this.#parts) bytes.set(part.bytes, part.offset);
    return bytes;
  }
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { AttributeProto, TensorProto } from "onnx-buf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "onnx-buf";
import { attributeType, isCastTarget, type TypedAttributes } from "../graph/attribute-types.js";
import type { Attribute, AttributeType } from "../graph/graph.js";
import type { DType, Tensor } from "../graph/tensor.js";

const dataTypes: { readonly [D in DType]: TensorProto_DataType } = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int16: TensorProto_DataType.INT16,
  uint16: TensorProto_DataType.UINT16,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  int64: TensorProto_DataType.INT64,
  uint64: TensorProto_DataType.UINT64,
  bool: TensorProto_DataType.BOOL,
};

/** The element type behind ONNX's number for it; undefined for types that lrfind does not use. */
export function dtypeOf(dataType: number): DType | undefined {
  return (Object.keys(dataTypes) as DType[]).find((dtype) => dataTypes[dtype] === dataType);
}

/** ONNX's number for an element type. @internal */
export function dataTypeOf(dtype: DType): TensorProto_DataType {
  return dataTypes[dtype];
}

/** A tensor as a file has it. @internal */
export function encodeTensor(contents: Tensor, name: string): TensorProto {
  const { buffer, byteOffset, byteLength } = contents.data;
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypes[contents.dtype],
    dims: contents.shape.map(BigInt),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

/** A node's attributes as a file has them. @internal */
export function encodeAttributes(node: TypedAttributes): AttributeProto[] {
  return Object.entries(node.attributes).map(([name, value]) => encodeAttribute(node, name, value));
}

function encodeAttribute(node: TypedAttributes, name: string, value: Attribute): AttributeProto {
  const type = attributeType(node, name);
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType[type],
    ...fieldOf(type, isCastTarget(node, name) ? dataTypes[value as DType] : value, name),
  });
}

/** The field that holds an attribute of a type. */
function fieldOf(
  type: AttributeType,
  value: Attribute,
  name: string,
): MessageInitShape<typeof AttributeProtoSchema> {
  switch (type) {
    case "FLOAT":
      return { f: value as number };
    case "FLOATS":
      return { floats: [...(value as readonly number[])] };
    case "INT":
      return { i: BigInt(value as number) };
    case "INTS":
      return { ints: (value as readonly number[]).map(BigInt) };
    case "STRING":
      return { s: bytesOf(value as string | Uint8Array) };
    case "STRINGS":
      return { strings: (value as readonly (string | Uint8Array)[]).map(bytesOf) };
    case "TENSOR":
      return { t: encodeTensor(value as Tensor, name) };
  }
}

function bytesOf(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return (typeof text === "string" ? new TextEncoder().encode(text) : text) as Uint8Array<ArrayBuffer>;
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Checks, string } from "lrfind/core";
import type { AttributeProto, TensorProto, ValueInfoProto } from "onnx-buf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { checkGraph, checkOnnxOptions } from "../checks.js";
import { attributeType, isCastTarget, type TypedAttributes } from "../graph/attribute-types.js";
import type { Attribute, AttributeType, Graph, Value } from "../graph/graph.js";
import { OPSET } from "../graph/graph.js";
import type { DType, Tensor } from "../graph/tensor.js";

/** Newest file version that the readers of opset 21 know. */
export const IR_VERSION = 10n;

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

/** What `encodeModel` may add to a graph. */
export interface EncodeModelOptions {
  /** Name of a first output to add: an empty sequence of tensors. Default: none is added. */
  readonly sequenceOutput?: string;
}

const OPTIONS: Checks<EncodeModelOptions> = { sequenceOutput: string };

/**
 * Writes a graph as the bytes of an ONNX model.
 *
 * @example
 * ```ts
 * await writeFile("model.onnx", encodeModel(graph));
 * ```
 *
 * @throws {OnnxError} when it is no graph, or an option does not exist.
 *
 * Source: ONNX IR specification, version 10.
 */
export function encodeModel(graph: Graph, options: EncodeModelOptions = {}): Uint8Array {
  checkGraph("encodeModel", graph);
  checkOnnxOptions("encodeModel", options, OPTIONS);
  const { sequenceOutput } = options;
  const domains = new Set(["", ...graph.nodes.map((node) => node.domain)]);
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "lrfind",
    opsetImport: [...domains].map((domain) =>
      create(OperatorSetIdProtoSchema, { domain, version: domain === "" ? BigInt(OPSET) : 1n }),
    ),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      input: graph.inputs.map(encodeValueInfo),
      output: [
        ...(sequenceOutput === undefined ? [] : [sequenceInfo(sequenceOutput)]),
        ...graph.outputs.map(encodeValueInfo),
      ],
      initializer: graph.constants.map((value) => encodeTensor(value.constant!, value.name)),
      node: [
        ...graph.nodes.map((node) =>
          create(NodeProtoSchema, {
            name: node.name,
            opType: node.opType,
            domain: node.domain,
            input: trimmed(node.inputs),
            output: trimmed(node.outputs),
            attribute: encodeAttributes(node),
          }),
        ),
        ...(sequenceOutput === undefined
          ? []
          : [create(NodeProtoSchema, { opType: "SequenceEmpty", output: [sequenceOutput] })]),
      ],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Names of inputs or outputs: an absent one is "", and absent ones at the end are left out. */
function trimmed(values: readonly (Value | null)[]): string[] {
  const names = values.map((value) => value?.name ?? "");
  while (names.length > 0 && names.at(-1) === "") names.pop();
  return names;
}

function sequenceInfo(name: string): ValueInfoProto {
  const tensorType = { case: "tensorType" as const, value: { elemType: TensorProto_DataType.FLOAT } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "sequenceType", value: { elemType: { value: tensorType } } } },
  });
}

function encodeValueInfo(value: Value): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: dataTypes[value.dtype],
          shape: {
            dim: value.shape.map((dim) => ({ value: { case: "dimValue" as const, value: BigInt(dim) } })),
          },
        },
      },
    },
  });
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

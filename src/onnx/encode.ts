import { create, toBinary } from "@bufbuild/protobuf";
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
import { type Checks, describe, string } from "../core/index.js";
import { checkGraph, checkOnnxOptions, tensorCheck } from "./checks.js";
import { OnnxError } from "./errors.js";
import type { Attribute, Graph, Value } from "./graph.js";
import { isFloatAttribute, OPSET } from "./graph.js";
import type { DType, Tensor } from "./tensor.js";

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

/** ONNX's number for an element type. */
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
            attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
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

/** A tensor as a file has it. */
export function encodeTensor(contents: Tensor, name: string): TensorProto {
  const { buffer, byteOffset, byteLength } = contents.data;
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypes[contents.dtype],
    dims: contents.shape.map(BigInt),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

/** An attribute as a file has it. */
export function encodeAttribute(name: string, value: Attribute): AttributeProto {
  if (name === "to") {
    const i = BigInt(dataTypes[value as DType]);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i });
  }
  if (typeof value === "number") {
    return isFloatAttribute(name)
      ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value })
      : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s: utf8(value) });
  }
  if (!Array.isArray(value)) {
    if (!tensorCheck.accepts(value)) {
      throw new OnnxError(`attribute "${name}": expected numbers, texts or a tensor, got ${describe(value)}`);
    }
    const t = encodeTensor(value as Tensor, name);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t });
  }
  if (typeof value[0] === "string") {
    const strings = (value as string[]).map(utf8);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRINGS, strings });
  }
  const numbers = value as number[];
  return isFloatAttribute(name)
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOATS, floats: numbers })
    : create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INTS,
        ints: numbers.map(BigInt),
      });
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

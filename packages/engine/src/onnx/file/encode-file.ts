import { create, toBinary } from "@bufbuild/protobuf";
import { type Checks, string } from "lrfind/core";
import type { TensorProto, ValueInfoProto } from "onnx-buf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { checkGraph, checkModelFile, checkOnnxOptions } from "../checks.js";
import type { Graph, Value } from "../graph/graph.js";
import { OPSET } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { dataTypeOf, encodeAttributes, encodeTensor, IR_VERSION } from "./encode.js";
import type { FileValue, ModelFile } from "./model-file.js";

/** How to write a model file. */
export interface EncodeFileOptions {
  /** Name of the file for large tensors, as the model is to refer to it. Default: none, all in one file. */
  readonly externalName?: string;
  /** Hexadecimal SHA-1 of that file, against which readers check it. Default: none. */
  readonly checksum?: string;
}

/** The bytes of a model, and those of the file beside it. */
export interface EncodedFile {
  readonly model: Uint8Array;
  /** Present when `externalName` was given. */
  readonly external?: Uint8Array;
}

/** Smaller tensors stay in the model: shape inference reads them there. */
const EXTERNAL_FROM_BYTES = 1024;
/** ONNX asks for tensors aligned to pages, so that they can be mapped into memory. */
const EXTERNAL_ALIGNMENT = 4096;

const OPTIONS: Checks<EncodeFileOptions> = { externalName: string, checksum: string };

/**
 * Writes a model as the bytes of an ONNX file.
 *
 * Inputs and outputs without a type are written by their name alone: ONNX Runtime works their types out.
 *
 * @throws {OnnxError} when it is no model file, or an option does not exist.
 *
 * @example
 * ```ts
 * const { model, external } = encodeModelFile(file, { externalName: "model.onnx.data" });
 * ```
 */
export function encodeModelFile(file: ModelFile, options: EncodeFileOptions = {}): EncodedFile {
  checkModelFile("encodeModelFile", file);
  checkOnnxOptions("encodeModelFile", options, OPTIONS);
  const domains = new Set(["", ...file.nodes.map((node) => node.domain)]);
  const { externalName, checksum } = options;
  const external = externalName === undefined ? undefined : new ExternalData(externalName, checksum);
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: file.producer,
    opsetImport: [...domains].map((domain) =>
      create(OperatorSetIdProtoSchema, { domain, version: domain === "" ? BigInt(file.opset) : 1n }),
    ),
    graph: create(GraphProtoSchema, {
      name: file.graphName || "graph",
      input: file.inputs.map(encodeFileValue),
      output: file.outputs.map(encodeFileValue),
      initializer: [...file.initializers].map(
        ([name, contents]) => external?.add(contents, name) ?? encodeTensor(contents, name),
      ),
      node: file.nodes.map((node) =>
        create(NodeProtoSchema, {
          name: node.name,
          opType: node.opType,
          domain: node.domain,
          input: [...node.inputs],
          output: [...node.outputs],
          attribute: encodeAttributes(node),
        }),
      ),
    }),
  });
  const bytes = toBinary(ModelProtoSchema, model);
  if (!external) return { model: bytes };
  return {
    model: bytes,
    // Made when it is asked for: it may be gigabytes that the caller has already.
    get external() {
      return external.bytes();
    },
  };
}

/**
 * The bytes of the file beside a model that holds its large tensors, as `encodeModelFile` lays them out whatever the file
 * is called: so it can be named by its contents.
 */
export function externalBytes(file: ModelFile): Uint8Array {
  checkModelFile("externalBytes", file);
  const external = new ExternalData("");
  for (const [name, contents] of file.initializers) external.add(contents, name);
  return external.bytes();
}

/** A graph of known shapes as a model file. @throws {OnnxError} when it is no graph. */
export function fileOfGraph(graph: Graph): ModelFile {
  checkGraph("fileOfGraph", graph);
  const nameOf = (value: Value | null) => value?.name ?? "";
  const trimmed = (values: readonly (Value | null)[]) => {
    const names = values.map(nameOf);
    while (names.length > 0 && names.at(-1) === "") names.pop();
    return names;
  };
  return {
    file: graph.name,
    producer: "lrfind",
    graphName: graph.name,
    opset: OPSET,
    inputs: graph.inputs,
    outputs: graph.outputs,
    initializers: new Map(graph.constants.map((value) => [value.name, value.constant!])),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: trimmed(node.inputs),
      outputs: trimmed(node.outputs),
    })),
  };
}

function encodeFileValue(value: FileValue): ValueInfoProto {
  if (value.dtype === null) return create(ValueInfoProtoSchema, { name: value.name });
  const dim = value.shape?.map((size) => {
    if (size === null) return {};
    return typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } };
  });
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: {
      value: {
        case: "tensorType",
        value: { elemType: dataTypeOf(value.dtype), ...(dim ? { shape: { dim } } : {}) },
      },
    },
  });
}

/** Collects the large tensors of a model for the file beside it. */
class ExternalData {
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

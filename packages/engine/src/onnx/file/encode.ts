import { create, toBinary } from "@bufbuild/protobuf";
import { type Checks, string } from "lrfind/core";
import type { ValueInfoProto } from "onnx-buf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { checkGraph, checkModelFile, checkOnnxOptions } from "../checks.js";
import type { Graph, Value } from "../graph/graph.js";
import { OPSET } from "../graph/graph.js";
import { ExternalData } from "./collect-external.js";
import { dataTypeOf, encodeAttributes, encodeTensor } from "./encode-tensor.js";
import type { FileValue, ModelFile } from "./model-file.js";

/** Newest file version that the readers of opset 21 know. */
const IR_VERSION = 10n;

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

const OPTIONS: Checks<EncodeFileOptions> = { externalName: string, checksum: string };

/**
 * Writes a graph as the bytes of an ONNX model.
 *
 * @example
 * ```ts
 * await writeFile("model.onnx", encodeModel(graph));
 * ```
 *
 * @throws {OnnxError} when it is no graph.
 *
 * Source: ONNX IR specification, version 10.
 */
export function encodeModel(graph: Graph): Uint8Array {
  checkGraph("encodeModel", graph);
  return encodeModelFile(fileOfGraph(graph)).model;
}

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

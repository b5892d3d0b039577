import { fromBinary } from "@bufbuild/protobuf";
import { type Checks, func, string } from "lrfind/core";
import type { AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto } from "onnx-buf";
import { ModelProtoSchema, AttributeProto_AttributeType as ProtoType } from "onnx-buf";
import { bytes as bytesCheck, check, checkOnnxOptions } from "../checks.js";
import { OnnxError } from "../errors.js";
import { isCastTarget } from "../graph/attribute-types.js";
import type { Attribute, AttributeType } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import type { ReadExternal } from "./decode-tensor.js";
import { decodeDim, decodeExternalTensor, decodeTensor, isExternal } from "./decode-tensor.js";
import { dtypeOf } from "./encode-tensor.js";
import { checkExternal, externalFilesOf } from "./external-data.js";
import type { FileDim, FileNode, FileValue, ModelFile } from "./model-file.js";

/** How to read a model's bytes. */
export interface DecodeOptions {
  /** Name of the file, for messages. Default: "model.onnx". */
  readonly file?: string;
  /** Reads the files beside the model in which it keeps its large tensors. Default: none; such a model is an error. */
  readonly readExternal?: ReadExternal;
}

const OPTIONS: Checks<DecodeOptions> = { file: string, readExternal: func };

/**
 * Reads the bytes of an ONNX model.
 *
 * @throws {OnnxError} when the bytes are no ONNX model, are cut off, or hold what lrfind cannot use (control flow,
 *   local functions, sparse tensors, element types such as float16). The message names the file.
 *
 * @example
 * ```ts
 * const model = await decodeModel(await readFile("model.onnx"), { file: "model.onnx" });
 * model.nodes.map((node) => node.opType); // ["Conv", "Relu", …]
 * ```
 *
 * Source: ONNX IR specification, version 10.
 */
export async function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Promise<ModelFile> {
  check("decodeModel", "bytes", bytes, bytesCheck);
  checkOnnxOptions("decodeModel", options, OPTIONS);
  const file = options.file ?? "model.onnx";
  const model = parseModel(bytes, file);
  const graph = model.graph!;
  if (model.functions.length > 0) {
    throw new OnnxError({
      where: `"${file}"`,
      expected: "a model without local functions",
      got: `"${model.functions[0]!.name}"`,
      hint: "inlining them (onnx.inliner)",
    });
  }
  if (graph.sparseInitializer.length > 0) {
    throw new OnnxError({
      where: `"${file}"`,
      expected: "dense tensors",
      got: "a sparse initialiser",
      hint: "exporting it dense",
    });
  }
  const initializers = await decodeInitializers(graph, file, options.readExternal);
  return {
    file,
    producer: model.producerName,
    graphName: graph.name,
    opset: opsetOf(model, file),
    inputs: graph.input
      .filter(({ name }) => !initializers.has(name))
      .map((info) => decodeValue(info, `"${file}": input "${info.name}"`)),
    outputs: graph.output.map((info) => decodeValue(info, `"${file}": output "${info.name}"`)),
    initializers,
    nodes: graph.node.map((node, i) => decodeNode(node, i, file)),
  };
}

/** The protocol buffer of a model. @throws {OnnxError} when the bytes are no ONNX model, or cut off. @internal */
export function parseModel(bytes: Uint8Array, file: string): ModelProto {
  const foreign = foreignFormat(bytes);
  if (foreign) throw new OnnxError({ where: `"${file}"`, expected: "an ONNX model", got: foreign });
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError({
      where: `"${file}"`,
      expected: "an ONNX model",
      got: `${bytes.length} bytes that cannot be read as one (${reason}); the file is cut off or of another format, try exporting or copying it again`,
    });
  }
  if (model.irVersion === 0n || !model.graph || model.opsetImport.length === 0) {
    throw new OnnxError({
      where: `"${file}"`,
      expected: "an ONNX model",
      got: `${bytes.length} bytes without ${model.graph ? "an operator set" : "a graph"}; the file is cut off or of another format`,
    });
  }
  if (model.graph.output.length === 0) {
    throw new OnnxError({
      where: `"${file}"`,
      expected: "a graph with an output",
      got: "none; the file is cut off or of another format",
    });
  }
  return model;
}

/** What a file is that is often taken for an ONNX model, by its first bytes. */
function foreignFormat(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "an empty file";
  const start = String.fromCharCode(...bytes.subarray(0, 48));
  if (start.startsWith("PK"))
    return "a zip archive, as PyTorch and Keras save models; try torch.onnx.export or tf2onnx";
  if (start.startsWith("\x89HDF")) return "an HDF5 file; try tf2onnx";
  if (start.startsWith("version https://git-lfs"))
    return "a Git LFS pointer instead of the file; try git lfs pull";
  if (/^[{[<]/.test(start)) return "a text file";
  return undefined;
}

function opsetOf(model: ModelProto, file: string): number {
  const own = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (!own)
    throw new OnnxError({
      where: `"${file}"`,
      expected: "a version of ONNX's own operator set",
      got: `${model.opsetImport.map(({ domain }) => domain)}`,
    });
  return Number(own.version);
}

async function decodeInitializers(
  graph: GraphProto,
  file: string,
  readExternal: ReadExternal | undefined,
): Promise<Map<string, Tensor>> {
  const files = new Map<string, Promise<Uint8Array>>();
  const known = new Map(externalFilesOf(graph.initializer).map((part) => [part.location, part]));
  const read = async (location: string): Promise<Uint8Array> => {
    const bytes = await readExternal!(location);
    await checkExternal(file, known.get(location)!, bytes);
    return bytes;
  };
  const readOnce: ReadExternal = (location) => {
    if (!readExternal) {
      throw new OnnxError({
        where: `"${file}"`,
        expected: `access to its external data "${location}"`,
        got: "none",
        hint: "loading it by its path, or give readExternal",
      });
    }
    const reading = files.get(location) ?? read(location);
    files.set(location, reading);
    return reading;
  };
  const initializers = new Map<string, Tensor>();
  for (const proto of graph.initializer) {
    const where = `"${file}": tensor "${proto.name}"`;
    initializers.set(
      proto.name,
      isExternal(proto) ? await decodeExternalTensor(proto, where, readOnce) : decodeTensor(proto, where),
    );
  }
  return initializers;
}

function decodeValue(info: ValueInfoProto, where: string): FileValue {
  const type = info.type?.value;
  if (type?.case !== "tensorType") return { name: info.name, dtype: null, shape: null };
  const dims = type.value.shape?.dim.map(({ value }): FileDim => {
    // Some exporters write -1 for a size that is free.
    if (value.case === "dimValue") return value.value === -1n ? null : decodeDim(value.value, where);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
  return { name: info.name, dtype: dtypeOf(type.value.elemType) ?? null, shape: dims ?? null };
}

function decodeNode(proto: NodeProto, index: number, file: string): FileNode {
  const domain = proto.domain === "ai.onnx" ? "" : proto.domain;
  const name = proto.name || proto.output.find((output) => output !== "") || `${proto.opType}_${index}`;
  const where = `"${file}": ${proto.opType} (node "${name}")`;
  const attributes: Record<string, Attribute> = {};
  const attributeTypes: Record<string, AttributeType> = {};
  const owner = { name, opType: proto.opType, domain };
  for (const attribute of proto.attribute) {
    const { type, value } = decodeAttribute(attribute, where, owner);
    attributes[attribute.name] = value;
    attributeTypes[attribute.name] = type;
  }
  return {
    ...owner,
    inputs: proto.input,
    outputs: proto.output,
    attributes,
    attributeTypes,
  };
}

type Owner = Pick<FileNode, "name" | "opType" | "domain">;

function decodeAttribute(
  proto: AttributeProto,
  where: string,
  owner: Owner,
): { readonly type: AttributeType; readonly value: Attribute } {
  const details = { op: owner.opType, node: owner.name };
  switch (proto.type) {
    case ProtoType.FLOAT:
      return { type: "FLOAT", value: proto.f };
    case ProtoType.INT:
      return {
        type: "INT",
        value: isCastTarget(owner, proto.name) ? castTarget(proto, where, details) : safeInteger(proto.i),
      };
    case ProtoType.STRING:
      return { type: "STRING", value: textOf(proto.s) };
    case ProtoType.TENSOR:
      if (proto.t)
        return { type: "TENSOR", value: decodeTensor(proto.t, `${where}, attribute "${proto.name}"`) };
      break;
    case ProtoType.FLOATS:
      return { type: "FLOATS", value: proto.floats };
    case ProtoType.INTS:
      return { type: "INTS", value: proto.ints.map(safeInteger) };
    case ProtoType.STRINGS:
      return { type: "STRINGS", value: proto.strings.map(textOf) };
    case ProtoType.GRAPH:
    case ProtoType.GRAPHS:
      throw new OnnxError(
        {
          where,
          expected: "a model without control flow",
          got: `a graph in attribute "${proto.name}"`,
          hint: "exporting it traced, with fixed branches",
        },
        details,
      );
  }
  throw new OnnxError(
    {
      where,
      expected: `numbers, text or a tensor in attribute "${proto.name}"`,
      got: `${ProtoType[proto.type]}`,
    },
    details,
  );
}

function castTarget(proto: AttributeProto, where: string, details: { op: string; node: string }): string {
  const dtype = dtypeOf(Number(proto.i));
  if (dtype) return dtype;
  throw new OnnxError(
    {
      where,
      expected: "an element type that lrfind knows",
      got: `number ${proto.i}`,
      hint: "exporting the model in float32",
    },
    details,
  );
}

/** Slices write "to the end" as the largest 64-bit integer, which no JavaScript number holds. */
function safeInteger(value: bigint): number {
  const max = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > max ? max : value < -max ? -max : value);
}

/** UTF-8 as text; other bytes stay bytes. */
function textOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.slice();
  }
}

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "onnx-buf";
import { parseModel } from "./decode.js";

/**
 * The bytes of a model with texts added to its metadata; one of a name that is there already takes its place.
 *
 * @example
 * ```ts
 * const described = withMetadata(bytes, { "lrfind.vocab": JSON.stringify(["cat", "dog"]) });
 * ```
 *
 * Source: ONNX IR specification, version 10, `metadata_props`.
 */
export function withMetadata(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const texts = { ...textsOf(model.metadataProps), ...metadata };
  model.metadataProps = Object.entries(texts).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, model);
}

/**
 * The texts in a model's metadata, by name.
 *
 * @param file - Name of the file, for messages.
 * @throws {OnnxError} when the bytes are no ONNX model.
 *
 * @example
 * ```ts
 * JSON.parse(readMetadata(await readFile("model.onnx"))["lrfind.vocab"] ?? "[]"); // ["cat", "dog"]
 * ```
 */
export function readMetadata(bytes: Uint8Array, file = "model.onnx"): Readonly<Record<string, string>> {
  return textsOf(parseModel(bytes, file).metadataProps);
}

function textsOf(props: readonly { key: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(props.map(({ key, value }) => [key, value]));
}

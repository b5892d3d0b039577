import { fromBinary } from "@bufbuild/protobuf";
import { type Check, string } from "lrfind/core";
import type { TensorProto } from "onnx-buf";
import { ModelProtoSchema } from "onnx-buf";
import { bytes as bytesCheck, check } from "../checks.js";
import { OnnxError } from "../errors.js";
import { isExternal } from "./decode-tensor.js";

/** A file beside a model that holds tensors of it. */
export interface ExternalFile {
  /** Its name, as the model has it: relative to the model. */
  readonly location: string;
  /** Hexadecimal SHA-1 of its contents, where the model states it. */
  readonly checksum: string | undefined;
}

const EXTERNAL: Check = {
  expected: "a file { location, checksum }",
  accepts: (value) => {
    const { location, checksum } = Object(value) as Partial<ExternalFile>;
    return typeof location === "string" && (checksum === undefined || typeof checksum === "string");
  },
};

/** The files beside a model in which it keeps its large tensors. */
export function externalFiles(bytes: Uint8Array): ExternalFile[] {
  check("externalFiles", "bytes", bytes, bytesCheck);
  try {
    return externalFilesOf(fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? []);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError({
      where: "externalFiles",
      expected: "an ONNX model",
      got: `bytes that cannot be read as one (${reason})`,
    });
  }
}

/** The files in which tensors lie, each once. @internal */
export function externalFilesOf(tensors: readonly TensorProto[]): ExternalFile[] {
  const files = new Map<string, ExternalFile>();
  for (const tensor of tensors) {
    if (!isExternal(tensor)) continue;
    const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const location = entries.get("location") ?? "";
    const stated = entries.get("checksum") ?? "";
    const checksum = /^[0-9a-f]{40}$/i.test(stated) ? stated.toLowerCase() : undefined;
    files.set(location, { location, checksum: checksum ?? files.get(location)?.checksum });
  }
  return [...files.values()];
}

/**
 * Checks a file of tensors against the checksum that the model states.
 *
 * @throws {OnnxError} when it is another file than the model was written with.
 *
 * Source: ONNX, External Data: "checksum", the SHA-1 of the file.
 */
export async function checkExternal(file: string, external: ExternalFile, bytes: Uint8Array): Promise<void> {
  check("checkExternal", "file", file, string);
  check("checkExternal", "external", external, EXTERNAL);
  check("checkExternal", "bytes", bytes, bytesCheck);
  const { location, checksum } = external;
  if (checksum === undefined) return;
  // Pages that are not secure have no digests; the types do not say so.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new OnnxError({
      where: `"${file}"`,
      expected: `a page that can check "${location}" against its checksum`,
      got: "one without crypto.subtle",
      hint: "https",
    });
  }
  const digest = new Uint8Array(await subtle.digest("SHA-1", bytes as Uint8Array<ArrayBuffer>));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== checksum) throw wrongExternal(file, { location, checksum }, found);
}

/** The error of a file of tensors that is not the one that a model was written with. */
export function wrongExternal(file: string, { location, checksum }: ExternalFile, found: string): OnnxError {
  return new OnnxError({
    where: `"${file}"`,
    expected: `"${location}" with the SHA-1 ${checksum}`,
    got: `${found}: it is of another version of the model, or damaged`,
    hint: "exporting or copying both files again",
  });
}

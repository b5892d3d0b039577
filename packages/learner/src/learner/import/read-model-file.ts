import type { ReadExternal } from "@lrfind/engine";
import { nodeModule } from "lrfind/core";
import type { FileSource } from "../../data/index.js";
import { nameOf, readSource } from "../../data/internal.js";
import { LearnerError } from "../errors.js";

/** A model's bytes, and how to get at what lies beside it. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  /** The file's name, for messages. */
  readonly file: string;
  /** The file's path; absent where bytes were given. */
  readonly path?: string;
  /** Reads a file of the model's folder; absent where bytes were given. */
  readonly readExternal?: ReadExternal;
}

/**
 * Reads a model, in whatever form it is given.
 *
 * @param where - The caller, which begins every message.
 * @throws {LearnerError} when the file cannot be read, or one that it refers to lies outside its folder.
 */
export async function readModelFile(where: string, source: FileSource): Promise<ModelSource> {
  if (typeof source !== "string" && !(source instanceof URL)) {
    const bytes = await readSource(source, { name: where, error: LearnerError });
    return { bytes, file: nameOf(source, "model.onnx") };
  }
  const { basename, dirname, isAbsolute, join, normalize } = nodeModule<typeof import("node:path")>("path");
  const { fileURLToPath } = nodeModule<typeof import("node:url")>("url");
  const read = (file: string | URL) => readSource(file, { name: `${where} "${file}"`, error: LearnerError });
  const bytes = await read(source);
  const path = /^file:\/\//i.test(String(source)) ? fileURLToPath(source) : String(source);
  const readExternal: ReadExternal = async (location) => {
    // A model from elsewhere must not make us read any file it likes.
    if (isAbsolute(location) || normalize(location).startsWith("..")) {
      throw new LearnerError({
        where: `"${basename(path)}"`,
        expected: "external data in the model's own folder",
        got: `"${location}"`,
      });
    }
    return read(join(dirname(path), location));
  };
  return { bytes, file: basename(path), path, readExternal };
}

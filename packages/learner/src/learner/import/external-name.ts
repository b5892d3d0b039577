import { isNode, nodeModule } from "lrfind/core";
import { LearnerError } from "../errors.js";

/** How much of a hash stands in a name: enough that two versions never share one. */
const HASH_LENGTH = 16;

/** The name of a model's external data, told by their contents: "model.onnx.0f3c….data". */
export function externalNameOf(file: string, checksum: string): string {
  return `${file}.${checksum.slice(0, HASH_LENGTH)}.data`;
}

/** Whether a file is external data that an export of this model has written. */
export function isExternalNameOf(file: string, name: string): boolean {
  const [start, end] = [`${file}.`, ".data"];
  if (!name.startsWith(start) || !name.endsWith(end)) return false;
  return new RegExp(`^[0-9a-f]{${HASH_LENGTH}}$`).test(name.slice(start.length, -end.length));
}

/** Hexadecimal SHA-1 of bytes. @throws {LearnerError} on pages that are not secure, which cannot make one. */
export async function sha1(bytes: Uint8Array): Promise<string> {
  if (isNode()) {
    const { createHash } = nodeModule<typeof import("node:crypto")>("crypto");
    const hash = createHash("sha1");
    // One update takes at most 2 GiB.
    const PART = 2 ** 30;
    for (let start = 0; start < bytes.length; start += PART) hash.update(bytes.subarray(start, start + PART));
    return hash.digest("hex");
  }
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new LearnerError({
      where: "exportModel externalData",
      expected: "a page with crypto.subtle, which names the data by their contents",
      got: "one without",
      hint: "https, or one file",
    });
  }
  const digest = new Uint8Array(await subtle.digest("SHA-1", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

import * as core from "lrfind/core";
import { LearnerError } from "../errors.js";

const fail: NonNullable<core.WriteOptions["fail"]> = (problem, options) => {
  throw new LearnerError(problem, options);
};

/**
 * Writes a file so that it is at any time the old one or the new one, whole: into a new file in the same folder,
 * which takes the old one's place once it is on the disk.
 *
 * A process that is killed leaves the old file, and may leave a file named `.NAME.lrfind-….part`, which the next write
 * into the folder removes.
 *
 * @param path - The file; folders on the way to it are made where they are missing.
 * @param parts - The contents, in order; waited for where they come as promises.
 * @throws {LearnerError} when the file cannot be written, with the disk's error as its `cause`; and what `parts` throws.
 *   The old file is then still there and nothing else.
 *
 * @example
 * ```ts
 * await writeAtomically("notes.txt", [new TextEncoder().encode("hello")]);
 * ```
 */
export function writeAtomically(
  path: string | URL,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  return core.writeAtomically(path, parts, { fail });
}

/** Checks that a file can be written later on. @throws {LearnerError} when it cannot. */
export function checkWritable(path: string | URL): Promise<void> {
  return core.checkWritable(path, { fail });
}

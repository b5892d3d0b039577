import { type Check, checkArgument } from "./checks.js";
import { describe } from "./describe.js";
import { FileError, type Problem } from "./errors.js";
import { nodeModule } from "./node-module.js";
import { removeLeftovers, temporaryBeside } from "./temporary-files.js";

const PARTS: Check = {
  expected: "parts, an iterable of Uint8Arrays",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value),
};

const PART: Check = {
  expected: "parts, each a Uint8Array",
  accepts: (value) => value instanceof Uint8Array,
  hint: (value) => (typeof value === "string" ? "new TextEncoder().encode(text)" : undefined),
};

/** How a room reports a file that cannot be written. */
export interface WriteOptions {
  /** Throws the room's own error. Default: a `FileError`. */
  readonly fail?: (problem: Problem, options?: ErrorOptions) => never;
}

/**
 * Writes a file so that it is at any time the old one or the new one, whole: into a new file in the same folder,
 * which takes the old one's place once it is on the disk.
 *
 * A process that is killed leaves the old file, and may leave a file named `.NAME.lrfind-….part`, which the next write
 * into the folder removes.
 *
 * @param path - The file; folders on the way to it are made where they are missing.
 * @param parts - The contents, in order; waited for where they come as promises.
 * @param options - Which error to throw.
 * @throws {FileError} when the file cannot be written, with the disk's error as its `cause`; and what `parts` throws.
 *   The old file is then still there and nothing else.
 *
 * @example
 * ```ts
 * await writeAtomically("notes.txt", [new TextEncoder().encode("hello")]);
 * ```
 *
 * Source: Pillai et al., All File Systems Are Not Created Equal (2014), on why the file is synchronised before it is
 * renamed, and the folder after.
 */
export async function writeAtomically(
  path: string | URL,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { fail = refuse }: WriteOptions = {},
): Promise<void> {
  checkArgument("writeAtomically", "parts", parts, PARTS, fail);
  const { open, rename, rm } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const target = await prepareTarget(path, fail);
  const disk = <T>(work: Promise<T>) =>
    work.catch((cause: unknown) => fail(...unwritable(target.path, cause)));
  await removeLeftovers(target.folder);
  const temporary = temporaryBeside(target);
  try {
    const file = await disk(open(temporary, "wx"));
    try {
      for await (const part of parts) {
        checkArgument("writeAtomically", "parts", part, PART, fail);
        for (let done = 0; done < part.length; ) {
          done += (await disk(file.write(part, done))).bytesWritten;
        }
      }
      await disk(file.sync());
    } finally {
      await file.close();
    }
    await disk(rename(temporary, target.path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await disk(syncFolder(target.folder));
}

/**
 * Checks that a file can be written later on, by making and removing another one beside it.
 *
 * @throws {FileError} when it cannot.
 */
export async function checkWritable(path: string | URL, { fail = refuse }: WriteOptions = {}): Promise<void> {
  const { open, rm } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const target = await prepareTarget(path, fail);
  const temporary = temporaryBeside(target);
  try {
    const file = await open(temporary, "wx");
    await file.close();
    await rm(temporary);
  } catch (cause) {
    fail(...unwritable(target.path, cause));
  }
}

/** A file to write. */
interface Target {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
}

/** The path of a file that can take a new one's name: its folder is there, and it is nothing but a file. */
async function prepareTarget(path: string | URL, fail: NonNullable<WriteOptions["fail"]>): Promise<Target> {
  const { lstat, mkdir } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { basename, dirname, resolve } = nodeModule<typeof import("node:path")>("path");
  const { fileURLToPath } = nodeModule<typeof import("node:url")>("url");
  if (!(path instanceof URL) && (typeof path !== "string" || path === "")) {
    return fail({ where: "path", expected: "the path or file: URL of a file", got: describe(path) });
  }
  let target: string;
  let kind: string | undefined;
  try {
    target = resolve(path instanceof URL ? fileURLToPath(path) : path);
    await mkdir(dirname(target), { recursive: true });
    const there = await lstat(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    // A device, say, would be gone: `/dev/null` as a file of our own.
    if (there && !there.isFile() && !there.isSymbolicLink()) {
      kind = there.isDirectory() ? "a folder" : "a device, a socket or a pipe";
    }
  } catch (cause) {
    return fail(...unwritable(String(path), cause));
  }
  if (kind !== undefined) {
    return fail({ where: `"${path}"`, expected: "a file to write", got: kind, hint: "a file's name" });
  }
  return { path: target, folder: dirname(target), name: basename(target) };
}

/** What to say where the disk refuses. */
function unwritable(path: string, cause: unknown): [Problem, ErrorOptions] {
  const got = cause instanceof Error ? cause.message : String(cause);
  return [{ where: `"${path}"`, expected: "a file that can be written", got }, { cause }];
}

function refuse(problem: Problem, options?: ErrorOptions): never {
  throw new FileError(problem, options);
}

/** Makes sure that the new name is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file so that it is at any time the old one or the new one, whole: into a new file in the same folder,
 * which takes the old one's place once it is on the disk.
 *
 * A process that is killed leaves the old file, and may leave a file named `.NAME.….part`.
 *
 * @param path - The file; its folder must exist.
 * @param parts - The contents, in order; waited for where they come as promises.
 * @throws What the disk or `parts` throws; the old file is then still there and nothing else.
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
): Promise<void> {
  const [{ open, rename, rm }, { basename, dirname, join }, { fileURLToPath }, { randomUUID }] =
    await Promise.all([
      import("node:fs/promises"),
      import("node:path"),
      import("node:url"),
      import("node:crypto"),
    ]);
  const target = path instanceof URL ? fileURLToPath(path) : path;
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, "wx");
    try {
      for await (const part of parts) {
        for (let done = 0; done < part.length; ) done += (await file.write(part, done)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Makes sure that the new name is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = await import("node:fs/promises");
  // Windows cannot open folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

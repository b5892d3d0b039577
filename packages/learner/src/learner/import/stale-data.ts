import { nodeModule } from "lrfind/core";
import { isExternalNameOf } from "./external-name.js";

/** Models with external data are small: larger files hold their tensors themselves. */
const MAX_BYTES = 2 ** 26;

/**
 * Removes the external data of older versions of a model, which exports have left in its folder.
 *
 * @param path - The model's file.
 * @param current - Name of the data that it uses now, if any. Data that another model of the folder names, such as a copy
 *   of an older version, stay too.
 * @throws What the disk throws.
 */
export async function removeStaleData(path: string, current: string | undefined): Promise<void> {
  const { readdir, readFile, rm, stat } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { basename, dirname, join } = nodeModule<typeof import("node:path")>("path");
  const folder = dirname(path);
  const file = basename(path);
  const names = await readdir(folder);
  const stale = names.filter((name) => name !== current && isExternalNameOf(file, name));
  if (stale.length === 0) return;
  const used = new Set<string>();
  for (const other of names) {
    if (other === file || !other.endsWith(".onnx")) continue;
    let bytes: Buffer;
    try {
      const { size } = await stat(join(folder, other));
      if (size > MAX_BYTES) continue;
      bytes = await readFile(join(folder, other));
    } catch {
      // What cannot be read may use any of them, so that none is known to be of no use.
      return;
    }
    for (const name of stale) if (bytes.includes(name)) used.add(name);
  }
  for (const name of stale) if (!used.has(name)) await rm(join(folder, name), { force: true });
}

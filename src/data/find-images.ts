import { DataError } from "./errors.js";
import type { Split } from "./split.js";

/** An image file and its class. */
export interface ImageFile {
  readonly path: string;
  /** The name of the folder that the file lies in. */
  readonly label: string;
}

const EXTENSIONS: ReadonlySet<string> = new Set([".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp"]);

/**
 * Finds the image files within a folder, at any depth, told by their extensions, in the order of their paths:
 * the same on every machine. Files right in the folder have no class and are not looked at.
 *
 * @param root - The folder.
 * @param parts - Folders within it that are the training and the validation part, if both are there.
 * @throws DataError if the folder cannot be read or a part has no image.
 */
export async function findImages(
  root: string,
  [trainFolder, validFolder]: readonly [train: string, valid: string],
): Promise<{ readonly files: readonly ImageFile[]; readonly split: Split | undefined }> {
  const { join } = await import("node:path");
  if ((await isFolder(join(root, trainFolder))) && (await isFolder(join(root, validFolder)))) {
    const train = await imagesIn(join(root, trainFolder));
    const valid = await imagesIn(join(root, validFolder));
    const range = (from: number, n: number) => Uint32Array.from({ length: n }, (_, i) => from + i);
    const split = { train: range(0, train.length), valid: range(train.length, valid.length) };
    return { files: [...train, ...valid], split };
  }
  return { files: await imagesIn(root), split: undefined };
}

async function imagesIn(folder: string): Promise<ImageFile[]> {
  const fs = await import("node:fs/promises");
  const { basename, dirname, extname, join, sep } = await import("node:path");
  let names: string[];
  try {
    names = await fs.readdir(folder, { recursive: true });
  } catch (error) {
    const got = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DataError({ where: folder, expected: "a readable folder", got }, { cause: error });
  }
  const files = names
    .filter((name) => EXTENSIONS.has(extname(name).toLowerCase()) && name.includes(sep))
    .map((name) => ({ path: join(folder, name), label: basename(dirname(name)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length > 0) return files;
  const expected = `image files (${[...EXTENSIONS].join(", ")}) in folders named for their class`;
  throw new DataError({ where: folder, expected, got: "none" });
}

async function isFolder(path: string): Promise<boolean> {
  const fs = await import("node:fs/promises");
  const stats = await fs.stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}

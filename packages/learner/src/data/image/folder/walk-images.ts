import type { Dirent } from "node:fs";
import { nodeModule } from "lrfind/core";
import { DataError, describe } from "../../errors.js";

/** An image file within a folder. */
export interface FoundImage {
  readonly path: string;
  /** The folders that lead to it from where the walk began. */
  readonly folders: readonly string[];
  /** The file itself, where `path` leads over a link. */
  readonly real: string;
}

/** What a walk found, and what it passed over. */
export interface Walk {
  /** Where it began. */
  readonly root: string;
  /** In the order of their paths: the same on every machine. */
  readonly images: readonly FoundImage[];
  /** Hidden and stray images and folders, and links that lead nowhere, by their paths from where the walk began. */
  readonly strays: readonly string[];
  /** Links to images and folders that were found already. */
  readonly repeated: readonly string[];
}

/** The endings of the files that are taken for images. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".avif",
  ".gif",
  ".bmp",
];

/** Folders that systems leave behind, in lower case; those that begin with a dot are passed over anyway. */
const STRAY_FOLDERS: ReadonlySet<string> = new Set([
  "__macosx",
  "@eadir",
  "#recycle",
  "$recycle.bin",
  "system volume information",
  "lost+found",
]);

/**
 * Finds the image files within a folder, at any depth, told by their extensions. What is hidden (its name begins with
 * a dot, as in `.ipynb_checkpoints` and `._0.png`) or was left behind by a system (`__MACOSX`) is passed over. Links
 * are followed, and each real file is found once: by its own path where that lies in the folder, else by the first
 * link to it.
 *
 * @throws DataError if the folder cannot be read.
 */
export async function walkImages(root: string): Promise<Walk> {
  const fs = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { basename, extname, join } = nodeModule<typeof import("node:path")>("path");
  const images: FoundImage[] = [];
  const strays: string[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  const links: { readonly path: string; readonly folders: readonly string[]; readonly name: string }[] = [];
  await visit(root, [], await realPath(root));
  // After all that lies in the folder itself; a link may lead to further links.
  for (let next = links.shift(); next !== undefined; next = links.shift()) await follow(next);
  return { root, images: images.sort(byPath), strays: strays.sort(), repeated: repeated.sort() };

  async function visit(folder: string, folders: readonly string[], real: string): Promise<void> {
    if (seen.has(real)) {
      repeated.push(folders.join("/"));
      return;
    }
    seen.add(real);
    for (const entry of await entriesOf(folder)) {
      const { name } = entry;
      const path = join(folder, name);
      if (isStray(name)) {
        if (!entry.isFile() || isImage(name)) strays.push([...folders, name].join("/"));
      } else if (entry.isDirectory()) await visit(path, [...folders, name], join(real, name));
      else if (entry.isSymbolicLink()) links.push({ path, folders, name });
      else if (entry.isFile() && isImage(name)) add({ path, folders, real: join(real, name) });
    }
  }

  async function follow({ path, folders, name }: (typeof links)[number]): Promise<void> {
    const stats = await fs.stat(path).catch(() => undefined);
    if (stats === undefined) strays.push([...folders, name].join("/"));
    else if (stats.isDirectory()) await visit(path, [...folders, name], await realPath(path));
    else if (stats.isFile() && isImage(name)) add({ path, folders, real: await realPath(path) });
  }

  function add(image: FoundImage): void {
    if (seen.has(image.real)) repeated.push([...image.folders, basename(image.path)].join("/"));
    else images.push(image);
    seen.add(image.real);
  }

  async function entriesOf(folder: string): Promise<Dirent[]> {
    const entries = await fs.readdir(folder, { withFileTypes: true }).catch((cause) => fail(folder, cause));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  function realPath(path: string): Promise<string> {
    return fs.realpath(path).catch((cause) => fail(path, cause));
  }

  function isImage(name: string): boolean {
    return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
  }
}

/** A folder's path, where it may be given as a `file:` URL. @throws DataError if it is neither. */
export async function folderPath(folder: unknown): Promise<string> {
  if (typeof folder === "string") return folder;
  if (folder instanceof URL && folder.protocol === "file:")
    return nodeModule<typeof import("node:url")>("url").fileURLToPath(folder);
  throw new DataError({ where: "path", expected: "a folder's path or file: URL", got: describe(folder) });
}

function isStray(name: string): boolean {
  return name.startsWith(".") || STRAY_FOLDERS.has(name.toLowerCase());
}

function byPath(a: FoundImage, b: FoundImage): number {
  return a.path < b.path ? -1 : 1;
}

function fail(folder: string, cause: unknown): never {
  const got = (cause as NodeJS.ErrnoException).code ?? String(cause);
  throw new DataError({ where: folder, expected: "a readable folder", got }, { cause });
}

import { DataError } from "../../errors.js";
import type { FoundImages } from "./find-images.js";
import { list } from "./split-folders.js";
import { CorruptImagesError, failedImages } from "./verify-images.js";

/** Gives the pixels of the image of a row. */
export type LoadImage = (row: number) => Promise<Uint8Array>;

/** Image files, and how to load them. */
export interface LoadableImages extends FoundImages {
  readonly load: LoadImage;
}

/**
 * Loads every image once, to find those that cannot be read.
 *
 * @param images - All of them.
 * @param options - `path` is what errors call the folder; for the others see `ImageFolderOptions`.
 * @returns The images that can be read, their rows numbered anew.
 * @throws CorruptImagesError if there are others, unless they are to be skipped and leave some to train on.
 */
export async function readableImages(
  images: LoadableImages,
  options: {
    readonly path: string;
    readonly verify?: boolean | undefined;
    readonly skipCorrupt?: boolean | undefined;
  },
): Promise<LoadableImages> {
  const { path, verify = true, skipCorrupt = false } = options;
  const { files, split, warnings, load } = images;
  if (skipCorrupt && !verify) {
    const expected = "verify: true, which finds what is skipped";
    throw new DataError({ where: "skipCorrupt", expected, got: "verify: false" });
  }
  if (!verify) return images;
  const name = (row: number) => files[row]!.path;
  const failures = await failedImages(files.length, async (row) => void (await load(row)), { name });
  if (failures.length === 0) return images;
  const train = split?.train.length ?? files.length;
  const isLeft = failures.filter(({ index }) => index < train).length < train;
  const listed = failures.map((failure) => ({ path: failure.path, reason: failure.reason }));
  if (!skipCorrupt || !isLeft) throw new CorruptImagesError(path, files.length, listed);
  const failed = new Set(failures.map(({ index }) => index));
  const kept = [...files.keys()].filter((row) => !failed.has(row));
  const rowOf = new Map(kept.map((row, i) => [row, i]));
  const still = (rows: Uint32Array) => rows.filter((row) => rowOf.has(row)).map((row) => rowOf.get(row)!);
  const names = list(listed.map((failure) => `${failure.path} (${failure.reason})`));
  return {
    files: kept.map((row) => files[row]!),
    split: split && { train: still(split.train), valid: still(split.valid) },
    warnings: [...warnings, `${path}: left out, as they cannot be read: ${names}`],
    load: (row) => load(kept[row]!),
  };
}

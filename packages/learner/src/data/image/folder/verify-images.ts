import { anything, type Checks, checkOptions } from "lrfind/core";
import { DataError, describe } from "../../errors.js";
import { type FileSource, isFileSource, nameOf } from "../../read/read-bytes.js";
import { decodeImage } from "../decode-image.js";
import { importCanvas } from "../import-canvas.js";
import { list } from "./split-folders.js";
import { folderPath, walkImages } from "./walk-images.js";

/** A file that is no whole image. */
export interface ImageFailure {
  /** The file's path, or `"image <n>"`, from 0, where there is none. */
  readonly path: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** How `verifyImages` goes on. */
export interface VerifyImagesOptions {
  /** Stops between two files, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

const CHECKS: Checks<VerifyImagesOptions> = { signal: anything };

/**
 * Decodes images to find those that cannot be: cut short, damaged, empty, or no images at all. A training would stop
 * at the first of them.
 *
 * @param source - A folder (its path or `file:` URL), whose images are looked for at any depth, hidden ones left out;
 *   or a list of files.
 * @param options - See `VerifyImagesOptions`.
 * @returns The failed ones, in the order of their paths or of the list; none if all is well.
 * @throws DataError if the folder cannot be read, or the optional package `@napi-rs/canvas` is not installed.
 *
 * @example
 * ```ts
 * for (const { path, reason } of await verifyImages("pets")) console.warn(path, reason);
 * ```
 *
 * Source: fastai's `verify_images`.
 */
export async function verifyImages(
  source: string | URL | readonly FileSource[],
  options: VerifyImagesOptions = {},
): Promise<ImageFailure[]> {
  checkOptions("verifyImages", options, CHECKS);
  const files = await filesOf(source);
  const name = (i: number) => nameOf(files[i], `image ${i}`);
  const decode = async (i: number) => void (await decodeImage(files[i]!));
  const failures = await failedImages(files.length, decode, { name, signal: options.signal });
  return failures.map(({ path, reason }) => ({ path, reason }));
}

/** Images that cannot be read. */
export class CorruptImagesError extends DataError {
  override readonly name: string = "CorruptImagesError";
  /** All of them. */
  readonly failures: readonly ImageFailure[];

  constructor(where: string, total: number, failures: readonly ImageFailure[]) {
    const files = list(failures.map(({ path, reason }) => `${path} (${reason})`));
    super({
      where,
      expected: `${total} whole images`,
      got: `${failures.length} that cannot be read: ${files}`,
      hint: "mending or removing them (verifyImages lists them), or skipCorrupt: true",
    });
    this.failures = failures;
  }
}

/** How many images are read at a time: enough for the decoder's threads, few enough for the memory. */
const AT_A_TIME = 16;

/** Those of `n` images that fail to load, in order. */
export async function failedImages(
  n: number,
  load: (i: number) => Promise<void>,
  { name, signal }: { readonly name: (i: number) => string; readonly signal?: AbortSignal | undefined },
): Promise<(ImageFailure & { readonly index: number })[]> {
  // A missing decoder is no fault of the images.
  await importCanvas();
  const failures: (ImageFailure & { readonly index: number })[] = [];
  let next = 0;
  const work = async () => {
    while (next < n) {
      signal?.throwIfAborted();
      const index = next++;
      try {
        await load(index);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        failures.push({ index, path: name(index), reason: error.got ?? error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(n, AT_A_TIME) }, work));
  return failures.sort((a, b) => a.index - b.index);
}

async function filesOf(source: unknown): Promise<readonly FileSource[]> {
  if (Array.isArray(source) && source.every(isFileSource)) return source;
  if (!Array.isArray(source)) {
    return (await walkImages(await folderPath(source))).images.map(({ path }) => path);
  }
  const expected = "a folder's path or file: URL, or a list of files";
  throw new DataError({ where: "verifyImages", expected, got: describe(source) });
}

import { describe } from "lrfind/core";
import { BATCHES, type BatchOptions, splitLoaders } from "../../batch/data-loaders.js";
import type { Dataset } from "../../batch/dataset.js";
import { checkRows } from "../../batch/rows.js";
import { SPLIT, type Split, type SplitOptions, splitRows } from "../../batch/split.js";
import {
  boolean,
  type Checks,
  checkDataOptions,
  oneOf,
  optionsFor,
  own,
  required,
  string,
} from "../../checks.js";
import { DataError, integerOption } from "../../errors.js";
import { sortCategories } from "../../table/raw-value.js";
import { augmentedSize } from "../augment/augment.js";
import { augmentAndNormalize } from "../augment/pipeline.js";
import { IMAGE_TRANSFORM, type ImageDataLoaders, type ImageTransformOptions } from "../image-data-loaders.js";
import { ImageProcessor } from "../image-processor.js";
import { identity, type Normalization } from "../normalization.js";
import { checkSize, type ImageSize } from "../raw-image.js";
import type { ResizeOptions } from "../resize-image.js";
import { findImages, type ImageFile } from "./find-images.js";
import { type LoadImage, readableImages } from "./readable-images.js";
import { folderPath } from "./walk-images.js";

/** Where image files are, and what to do with them. */
export interface ImageFolderOptions extends ImageTransformOptions, SplitOptions, BatchOptions {
  /**
   * A folder whose image files lie in folders named for their class, at any depth. What is hidden or stray
   * (`.ipynb_checkpoints`, `__MACOSX`, `._0.png`) is left out; links are followed, each real file once.
   */
  readonly path: string | URL;
  /**
   * The folder within `path` of the training images: no other image is trained on. `"."`: all images of `path` but
   * those of `validFolder`, whatever the folders are called.
   *
   * @default The one whose name says so, in any case (train, training; or all names with one addition: `seg_train`),
   *   if it has folders of classes in it, or lies beside one of another part; else all folders but those that are held
   *   out. `warnings` says what was chosen.
   */
  readonly trainFolder?: string;
  /**
   * The folder within `path` of the images to validate on, which are not trained on: `"test"`, to validate on the test
   * images.
   *
   * @default The one whose name says so (valid, val, validation, dev). Without one, training images are held out by
   *   `validPct`, `validIdx` or `splitter`. Images of a test folder (test, testing) are in neither part.
   */
  readonly validFolder?: string;
  /** Height and width of all images; one number for a square. */
  readonly size: ImageSize;
  /**
   * How images are brought to `size`: see `resizeImage`.
   *
   * @default "crop"
   */
  readonly method?: NonNullable<ResizeOptions["method"]>;
  /**
   * 3 for colour, 1 for grey.
   *
   * @default 3
   */
  readonly channels?: 1 | 3;
  /**
   * Keep every image in memory, as bytes of `size`, once it has been decoded. Without it, each batch decodes its
   * files again.
   *
   * @default true
   */
  readonly cache?: boolean;
  /**
   * Decode every image at the start, so that those that cannot be read are found before a training, and all at once.
   * With `cache` the work is not lost: the images are kept.
   *
   * @default true
   */
  readonly verify?: boolean;
  /**
   * Leave out the images that cannot be read, before the split, and say so in `warnings`, in place of an error.
   *
   * @default false
   */
  readonly skipCorrupt?: boolean;
}

const IMAGE_FOLDER: Checks<ImageFolderOptions> = {
  ...IMAGE_TRANSFORM,
  ...SPLIT,
  ...BATCHES,
  path: required(own),
  trainFolder: string,
  validFolder: string,
  size: required(own),
  method: oneOf("squish", "crop", "pad"),
  channels: own,
  cache: boolean,
  verify: boolean,
  skipCorrupt: boolean,
};

/** Loaders of the images in a folder. */
export interface ImageFolderDataLoaders extends ImageDataLoaders {
  /** The image files, in the order of the dataset's rows. */
  readonly files: readonly string[];
}

/**
 * Finds the image files in a folder; the class of each is the name of the folder that it lies in. They are
 * decoded as they are needed. A batch has one input, float32 [size, channels, height, width] (of the crop, where
 * `augment` has one), and one target, int32 [size].
 *
 * @param options - See `ImageFolderOptions`.
 * @throws DataError if there is no image, a class is not trained on, or an option is out of its range.
 * @throws CorruptImagesError (a DataError) if images cannot be read, with a list of them. Without `verify` a batch
 *   throws a DataError, naming the file.
 *
 * @example
 * ```ts
 * const dls = await imageDataLoadersFromFolder({
 *   path: "pets", // pets/cat/1.jpg, pets/dog/2.jpg, …
 *   size: 72,
 *   augment: [randomCrop({ size: 64 }), flip(), rotate(), lighting()],
 *   normalize: "train",
 * });
 * ```
 */
export async function imageDataLoadersFromFolder(
  options: ImageFolderOptions,
): Promise<ImageFolderDataLoaders> {
  checkDataOptions("imageDataLoadersFromFolder", options, IMAGE_FOLDER);
  const { trainFolder, validFolder, augment = [], cache = true } = options;
  const path = await folderPath(options.path);
  const shape = [
    integerOption("channels", options.channels ?? 3, 1),
    ...checkSize("size", options.size),
  ] as const;
  const found = await findImages(path, { trainFolder, validFolder });
  const pictured = { shape, resize: { method: options.method ?? "crop" }, augment };
  const scaled = { scale: 1 / 255, ...identity(shape[0]) };
  const decoder = new ImageProcessor({ ...pictured, normalization: scaled, vocab: [] });
  const images = { ...found, load: imageLoader(found.files, decoder, cache) };
  const { files, split, warnings, load } = await readableImages(images, { ...options, path });
  const labels = files.map((file) => file.label);
  const rows =
    split === undefined
      ? splitRows(files.length, optionsFor(SPLIT, options), labels)
      : onlySplit(split, options);
  const vocab = sortCategories(Array.from(rows.train, (row) => labels[row]!));
  const normalization = await resolveNormalization(options.normalize ?? "none", load, rows.train, shape);
  const processor = new ImageProcessor({ ...pictured, normalization, vocab });
  const dataset = folderDataset(files, processor, load);
  const paths = files.map((file) => file.path);
  const loaders = splitLoaders(dataset, rows, options);
  const said = [...warnings, ...loaders.warnings];
  return { ...loaders, vocab, normalization, processor, files: paths, warnings: said };
}

/** Decodes and resizes the image of a row; each at most once, if they are kept. */
function imageLoader(files: readonly ImageFile[], processor: ImageProcessor, cache: boolean): LoadImage {
  const kept = new Map<number, Promise<Uint8Array>>();
  const load = async (row: number) => (await processor.load(files[row]!.path)).data as Uint8Array;
  return (row) => {
    if (!cache) return load(row);
    const image = kept.get(row) ?? load(row);
    kept.set(row, image);
    // A file that could not be read may be mended before it is asked for again.
    image.catch(() => kept.delete(row));
    return image;
  };
}

function folderDataset(files: readonly ImageFile[], processor: ImageProcessor, load: LoadImage): Dataset {
  const { augment, normalization, shape, vocab } = processor.spec;
  const [channels, height, width] = shape;
  const size = augmentedSize(augment, [height, width]);
  const codes = new Map(vocab.map((name, i) => [name, i]));
  const classes = Int32Array.from(files, ({ label, path }) => {
    const code = codes.get(label);
    if (code !== undefined) return code;
    throw new DataError({
      where: path,
      expected: "a class of the training part",
      got: JSON.stringify(label),
      hint: "a splitter with stratifiedSplit, where few images have the class",
    });
  });
  return {
    length: files.length,
    inputs: [{ dtype: "float32", shape: [channels, ...size] }],
    targets: [{ dtype: "int32", shape: [] }],
    vocab,
    origin: (row) => ({ row, file: files[row]!.path }),
    async batch(rows, context) {
      checkRows("batch", rows, files.length);
      const images = await Promise.all(Array.from(rows, load));
      const data = new Float32Array(rows.length * channels * height * width);
      for (const [i, image] of images.entries()) {
        for (let p = 0, to = i * image.length; p < image.length; p++)
          data[to + p] = image[p]! * normalization.scale;
      }
      const batch = { data, n: rows.length, channels, height, width };
      const input = augmentAndNormalize(batch, { augment, normalization }, context);
      return {
        inputs: [{ dtype: "float32", shape: [rows.length, channels, ...size], data: input }],
        targets: [
          { dtype: "int32", shape: [rows.length], data: Int32Array.from(rows, (row) => classes[row]!) },
        ],
        size: rows.length,
      };
    },
  };
}

async function resolveNormalization(
  normalize: NonNullable<ImageTransformOptions["normalize"]>,
  load: LoadImage,
  train: Uint32Array,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
): Promise<Normalization> {
  const scale = 1 / 255;
  if (typeof normalize === "object") return { scale, ...normalize };
  if (normalize === "none") return { scale, ...identity(channels) };
  if (normalize !== "train") {
    const expected = `"none", "train" or { mean, std }`;
    throw new DataError({ where: "normalize", expected, got: describe(normalize) });
  }
  const pixels = height * width;
  const sum = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let start = 0; start < train.length; start += 64) {
    for (const image of await Promise.all(Array.from(train.slice(start, start + 64), load))) {
      for (let p = 0; p < image.length; p++) {
        const c = Math.floor(p / pixels);
        sum[c]! += image[p]!;
        squares[c]! += image[p]! ** 2;
      }
    }
  }
  // Sums of bytes are exact, so that the variance of a channel that does not vary is 0.
  const n = train.length * pixels;
  const variance = (c: number) => (n * squares[c]! - sum[c]! ** 2) / n ** 2;
  return {
    scale,
    mean: Array.from(sum, (total) => (total / n) * scale),
    std: Array.from(sum, (_, c) => Math.sqrt(Math.max(0, variance(c))) * scale || 1),
  };
}

function onlySplit(split: Split, { validPct, validIdx, splitter }: SplitOptions): Split {
  const given = Object.entries({ validPct, validIdx, splitter }).find(([, value]) => value !== undefined);
  if (given === undefined) return split;
  throw new DataError({
    where: given[0],
    expected: "no other split, as the folders are one",
    got: "one",
    hint: 'trainFolder: ".", to read all folders alike',
  });
}

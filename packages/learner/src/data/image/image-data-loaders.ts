import { describe } from "lrfind/core";
import { arrayDataset } from "../batch/array-dataset.js";
import { BATCHES, type BatchOptions, type MadeDataLoaders, splitLoaders } from "../batch/data-loaders.js";
import { SPLIT, type SplitOptions, splitRows } from "../batch/split.js";
import {
  augment as augmentCheck,
  type Checks,
  checkDataOptions,
  classes as classesCheck,
  imageShape,
  normalize as normalizeCheck,
  optionsFor,
  own,
  required,
  rowNumbers,
} from "../checks.js";
import { DataError } from "../errors.js";
import { classLabels } from "../labels.js";
import type { Augmentation } from "./augment/augment.js";
import { ImageProcessor } from "./image-processor.js";
import { channelStats, defaultScale, type ImageArray, type Normalization } from "./normalization.js";
import type { Pixels } from "./raw-image.js";

/** What is done to images before a model sees them. */
export interface ImageTransformOptions {
  /**
   * `"train"`: zero mean and unit deviation per channel, measured on the training part alone; or a mean and a
   * deviation per channel, as a pretrained model demands; or `"none"`: values in [0, 1].
   *
   * @default "none"
   */
  readonly normalize?:
    | "none"
    | "train"
    | { readonly mean: readonly number[]; readonly std: readonly number[] };
  /**
   * Random changes of training images, in this order: `flip`, `randomCrop`, `rotate`, `lighting`.
   *
   * @default []
   */
  readonly augment?: readonly Augmentation[];
}

/** Images in memory, their classes, and what to do with them. */
export interface ImageArrayOptions extends ImageArray, ImageTransformOptions, SplitOptions, BatchOptions {
  /** The class of each image: an integer in [0, number of classes). */
  readonly labels: ArrayLike<number>;
  /** The classes' names, or their number. Default: one more than the largest label. */
  readonly classes?: readonly string[] | number;
}

/** The checks of how images are changed. */
export const IMAGE_TRANSFORM: Checks<ImageTransformOptions> = {
  normalize: normalizeCheck,
  augment: augmentCheck,
};
const IMAGE_ARRAYS: Checks<ImageArrayOptions> = {
  ...IMAGE_TRANSFORM,
  ...SPLIT,
  ...BATCHES,
  images: required(own),
  shape: required(imageShape),
  labels: required(rowNumbers),
  classes: classesCheck,
};

/** Floats above it are no values in [0, 1], nor such ones normalised: they look like bytes. */
const LARGEST_FLOAT = 16;

/** Loaders of images, with all that a model for them needs to know. */
export interface ImageDataLoaders extends MadeDataLoaders {
  readonly vocab: readonly string[];
  readonly normalization: Normalization;
  readonly processor: ImageProcessor;
}

/**
 * Splits images in memory. A batch has one input, float32 [size, channels, height, width] (of the crop, where
 * `augment` has one), and one target, int32 [size].
 *
 * @param options - See `ImageArrayOptions`.
 * @throws DataError if images and labels do not fit together, or an option is out of its range.
 *
 * @example
 * ```ts
 * const dls = imageDataLoadersFromArrays({
 *   images, // Uint8Array of n * 28 * 28 bytes
 *   shape: [1, 28, 28],
 *   labels,
 *   augment: [randomCrop({ size: 28, padding: 2 }), flip()],
 *   normalize: "train",
 * });
 * ```
 */
export function imageDataLoadersFromArrays(options: ImageArrayOptions): ImageDataLoaders {
  checkDataOptions("imageDataLoadersFromArrays", options, IMAGE_ARRAYS);
  return loadersFromArrays(options);
}

/** The same for options that are checked. */
export function loadersFromArrays(options: ImageArrayOptions): ImageDataLoaders {
  const { images, shape, normalize = "none", augment = [], classes } = options;
  // Checked before the split, which takes the labels' number for that of the images.
  const whole = arrayDataset({
    images,
    shape,
    labels: options.labels,
    ...(classes === undefined ? {} : { classes }),
  });
  const { labels, vocab } = classLabels(options.labels, classes);
  const rows = splitRows(whole.length, optionsFor(SPLIT, options), labels);
  const dataset = arrayDataset({ images, shape, labels, classes: vocab, normalize: stats(), augment });
  const { normalization } = dataset;
  const processor = new ImageProcessor({ shape, resize: null, augment, normalization, vocab });
  const loaders = splitLoaders(dataset, rows, options);
  const warnings = [...loaders.warnings, ...unscaled(images, normalize)];
  return { ...loaders, vocab, normalization, processor, warnings };

  function stats(): Partial<Normalization> {
    const scale = defaultScale(images);
    if (typeof normalize === "object") return { scale, ...normalize };
    if (normalize === "none") return { scale };
    if (normalize === "train") return channelStats({ images, shape }, { rows: rows.train });
    const expected = `"none", "train" or { mean, std }`;
    throw new DataError({ where: "normalize", expected, got: describe(normalize) });
  }
}

/** Whether images are taken to lie in [0, 1] and do not. */
function unscaled(images: Pixels, normalize: ImageArrayOptions["normalize"]): string[] {
  if (!(images instanceof Float32Array) || normalize === "train") return [];
  const largest = images.reduce((most, x) => Math.max(most, x), 0);
  if (largest <= LARGEST_FLOAT) return [];
  return [
    `images: floats are taken to lie in [0, 1], and these go up to ${largest}; try a Uint8Array for bytes, or dividing them`,
  ];
}

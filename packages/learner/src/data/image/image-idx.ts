import { BATCHES } from "../batch/data-loaders.js";
import { SPLIT } from "../batch/split.js";
import { type Checks, checkDataOptions, classes, own, required } from "../checks.js";
import { DataError } from "../errors.js";
import { type IdxArray, readIdx } from "../read/idx.js";
import { type FileSource, nameOf } from "../read/read-bytes.js";
import {
  IMAGE_TRANSFORM,
  type ImageArrayOptions,
  type ImageDataLoaders,
  loadersFromArrays,
} from "./image-data-loaders.js";
import type { ImageArray } from "./normalization.js";

/** Where the images and labels are, and what to do with them. */
export interface ImageIdxOptions extends Omit<ImageArrayOptions, "images" | "shape" | "labels"> {
  /** An IDX file, gzip or plain: [n, height, width] or [n, channels, height, width]. */
  readonly images: FileSource;
  /** An IDX file of n class indices. */
  readonly labels: FileSource;
}

const IMAGE_IDX: Checks<ImageIdxOptions> = {
  ...IMAGE_TRANSFORM,
  ...SPLIT,
  ...BATCHES,
  images: required(own),
  labels: required(own),
  classes,
};

/**
 * Loads images and labels from IDX files and splits them. A batch has one input, float32
 * [size, channels, height, width], and one target, int32 [size].
 *
 * @param options - See `ImageIdxOptions`.
 * @throws DataError if a file cannot be read, the two do not fit together, or an option is out of its range.
 *
 * @example
 * ```ts
 * const dls = await imageDataLoadersFromIdx({
 *   images: "examples/data/t10k-images-idx3-ubyte.gz",
 *   labels: "examples/data/t10k-labels-idx1-ubyte.gz",
 *   normalize: "train",
 *   seed: 42,
 * });
 * ```
 */
export async function imageDataLoadersFromIdx(options: ImageIdxOptions): Promise<ImageDataLoaders> {
  checkDataOptions("imageDataLoadersFromIdx", options, IMAGE_IDX);
  const imagesName = nameOf(options.images, "images");
  const labelsName = nameOf(options.labels, "labels");
  const [imagesIdx, labelsIdx] = await Promise.all([
    readIdx(options.images, { name: imagesName }),
    readIdx(options.labels, { name: labelsName }),
  ]);
  const array = imageArray(imagesIdx, imagesName);
  const length = imagesIdx.shape[0]!;
  if (labelsIdx.shape.length !== 1 || labelsIdx.shape[0] !== length) {
    const expected = `${length} labels, one per image of ${imagesName}`;
    throw new DataError({ where: labelsName, expected, got: `shape [${labelsIdx.shape.join(", ")}]` });
  }
  return loadersFromArrays({ ...options, ...array, labels: labelsIdx.data });
}

function imageArray({ dtype, shape, data }: IdxArray, name: string): ImageArray {
  if (dtype !== "uint8" && dtype !== "float32") {
    throw new DataError({ where: name, expected: "images of uint8 or float32", got: dtype });
  }
  if ((shape.length !== 3 && shape.length !== 4) || shape.includes(0)) {
    const expected = "images of [n, height, width] or [n, channels, height, width], each at least 1";
    throw new DataError({ where: name, expected, got: `[${shape.join(", ")}]` });
  }
  const [channels, height, width] = shape.length === 3 ? [1, shape[1]!, shape[2]!] : shape.slice(1);
  return { images: data, shape: [channels!, height!, width!] };
}

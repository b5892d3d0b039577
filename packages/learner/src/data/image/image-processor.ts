import type { Tensor } from "@lrfind/engine";
import type { Processor } from "../batch/processor.js";
import {
  augment,
  type Checks,
  checkDataOptions,
  imageShape,
  names,
  normalize,
  own,
  required,
} from "../checks.js";
import { DataError, describe } from "../errors.js";
import { type FileSource, isFileSource, nameOf } from "../read/read-bytes.js";
import { type Augmentation, augmentedSize } from "./augment/augment.js";
import { augmentAndNormalize } from "./augment/pipeline.js";
import { decodeImage } from "./decode-image.js";
import { checkNormalization, defaultScale, type Normalization } from "./normalization.js";
import { checkRawImage, checkSize, type RawImage } from "./raw-image.js";
import { type ResizeOptions, resizeImage } from "./resize-image.js";

/** What is done to an image before a model sees it: plain data. */
export interface ImageSpec {
  readonly kind: "image";
  readonly version: 1;
  /** Of an image as it is stored or after resizing, before any crop. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** How images of another size are brought to `shape`; null if they are not. */
  readonly resize: Required<Pick<ResizeOptions, "method">> | null;
  /** Random changes in training; outside it, a crop cuts out the middle and the others do nothing. */
  readonly augment: readonly Augmentation[];
  /** Applied last, to each channel: (value · scale − mean) / std. `scale` is that of stored values. */
  readonly normalization: Normalization;
  /** The classes. */
  readonly vocab: readonly string[];
}

const SPEC: Checks<ImageSpec> = {
  kind: own,
  version: own,
  shape: required(imageShape),
  resize: own,
  augment: required(augment),
  normalization: required(normalize),
  vocab: required(names),
};

/** A raw image: an image file (see `FileSource`), or decoded pixels. */
export type RawImageItem = FileSource | RawImage;

/**
 * Turns images into the input of a vision model. It is plain data in JSON.
 *
 * @example
 * ```ts
 * const processor = ImageProcessor.fromJSON(JSON.parse(await readFile("processor.json", "utf8")));
 * const [input] = await processor.processImage("cat.jpg"); // float32 [1, 3, 64, 64]
 * ```
 */
export class ImageProcessor implements Processor<RawImageItem> {
  readonly kind = "image";
  readonly spec: ImageSpec;

  /**
   * @param spec - See `ImageSpec`.
   * @throws DataError if a field is not as it should be.
   */
  constructor(spec: Omit<ImageSpec, "kind" | "version">) {
    checkDataOptions("ImageProcessor", spec, SPEC);
    this.spec = { kind: "image", version: 1, ...spec };
    const [channels, ...size] = spec.shape;
    checkNormalization(spec.normalization, channels);
    augmentedSize(spec.augment, checkSize("shape", size));
  }

  /**
   * Reads back what `toJSON` gave.
   *
   * @throws DataError if the value is not the JSON of an `ImageProcessor`.
   */
  static fromJSON(json: unknown): ImageProcessor {
    const spec = (typeof json === "object" && json !== null ? json : {}) as Partial<ImageSpec>;
    const checks: readonly (readonly [field: keyof ImageSpec, ok: boolean])[] = [
      ["kind", spec.kind === "image"],
      ["version", spec.version === 1],
      ["shape", Array.isArray(spec.shape) && spec.shape.length === 3],
      ["resize", spec.resize === null || typeof spec.resize === "object"],
      ["augment", Array.isArray(spec.augment)],
      ["normalization", typeof spec.normalization === "object" && spec.normalization !== null],
      ["vocab", Array.isArray(spec.vocab) && spec.vocab.every((name) => typeof name === "string")],
    ];
    for (const [field, ok] of checks) {
      if (ok) continue;
      const expected = `the JSON of an ImageProcessor, with its ${field}`;
      const got = `${field} ${describe(spec[field])}`;
      throw new DataError({ where: "ImageProcessor.fromJSON", expected, got });
    }
    return new ImageProcessor(spec as ImageSpec);
  }

  toJSON(): ImageSpec {
    return this.spec;
  }

  /** An image as it is kept: decoded, and resized if that is wanted. */
  async load(item: RawImageItem): Promise<RawImage> {
    const { shape, resize } = this.spec;
    const [channels, height, width] = shape;
    let image: RawImage;
    if (isFileSource(item)) {
      if (channels !== 1 && channels !== 3) {
        throw new DataError({ where: "image", expected: `pixels of ${channels} channels`, got: "a file" });
      }
      image = await decodeImage(item, { channels });
    } else {
      image = checkRawImage("image", item);
    }
    const isSameSize = image.shape[1] === height && image.shape[2] === width;
    if (image.shape[0] !== channels || (!isSameSize && resize === null)) {
      throw new DataError({
        where: nameOf(item, "image"),
        expected: `an image of [${shape.join(", ")}]`,
        got: `[${image.shape.join(", ")}]`,
        hint: "resizeImage",
      });
    }
    return isSameSize || resize === null ? image : resizeImage(image, { size: [height, width], ...resize });
  }

  /**
   * The input of one image, as a batch of one: float32 [1, channels, height, width], augmented as outside training.
   *
   * @param item - See `RawImageItem`.
   * @throws DataError if it cannot be read, or is not of the size that is wanted and may not be resized.
   */
  async processImage(item: RawImageItem): Promise<readonly Tensor[]> {
    const { augment, normalization, shape } = this.spec;
    const { data: stored } = await this.load(item);
    const [channels, height, width] = shape;
    // Floats lie in [0, 1] already, whatever the training images were stored as; bytes do not, though these were floats.
    const isScaled = stored instanceof Float32Array || normalization.scale === 1;
    const scale = isScaled ? defaultScale(stored) : normalization.scale;
    const data = Float32Array.from(stored, (value) => value * scale);
    const context = { seed: 0, epoch: 0, step: 0, training: false };
    const batch = { data, n: 1, channels, height, width };
    const size = augmentedSize(augment, [height, width]);
    const input = augmentAndNormalize(batch, { augment, normalization }, context);
    return [{ dtype: "float32", shape: [1, channels, ...size], data: input }];
  }

  /** Same as `processImage`. */
  process(item: RawImageItem): Promise<readonly Tensor[]> {
    return this.processImage(item);
  }
}

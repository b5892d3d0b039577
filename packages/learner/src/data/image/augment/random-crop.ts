import { checkDataOptions, own, required } from "../../checks.js";
import { DataError, integerOption } from "../../errors.js";
import { checkSize, type ImageSize } from "../raw-image.js";
import { type AugmentContext, type ImageBatch, imageDraws } from "./image-batch.js";

/** Cuts a part of `size` out of images that have `padding` black pixels added at each side. */
export interface RandomCrop {
  readonly kind: "randomCrop";
  readonly size: ImageSize;
  readonly padding: number;
}

/**
 * Cuts a random part out of each image in training, and the middle part otherwise, so that the size is the same.
 *
 * @param options.size - Height and width of the part; one number for a square.
 * @param options.padding - Black pixels added at each side beforehand. Default 0.
 *
 * @example
 * ```ts
 * const augment = [randomCrop({ size: 28, padding: 2 })]; // shifts images of 28 x 28 by up to 2 pixels
 * ```
 */
export function randomCrop(options: { readonly size: ImageSize; readonly padding?: number }): RandomCrop {
  checkDataOptions<typeof options>("randomCrop", options, { size: required(own), padding: own });
  const { size, padding = 0 } = options;
  checkSize("randomCrop: size", size);
  return { kind: "randomCrop", size, padding: integerOption("randomCrop: padding", padding, 0) };
}

/** The size of the parts. @throws DataError if an image with its padding is smaller. */
export function croppedSize(
  { size, padding }: RandomCrop,
  [height, width]: readonly [height: number, width: number],
): readonly [height: number, width: number] {
  const [toHeight, toWidth] = checkSize("randomCrop: size", size);
  if (toHeight > height + 2 * padding || toWidth > width + 2 * padding) {
    const expected = `at most ${height + 2 * padding} x ${width + 2 * padding}, the images with their padding`;
    throw new DataError({ where: "randomCrop: size", expected, got: `${toHeight} x ${toWidth}` });
  }
  return [toHeight, toWidth];
}

/** Cuts parts out of a batch's images, into a new array. */
export function applyRandomCrop(batch: ImageBatch, spec: RandomCrop, context: AugmentContext): ImageBatch {
  const { data, n, channels, height, width } = batch;
  const [toHeight, toWidth] = croppedSize(spec, [height, width]);
  const draws = context.training ? imageDraws("randomCrop", n, 2, context) : undefined;
  const out = new Float32Array(n * channels * toHeight * toWidth);
  for (let i = 0; i < n; i++) {
    const top = start(height, toHeight, draws?.[2 * i]);
    const left = start(width, toWidth, draws?.[2 * i + 1]);
    // The columns of the part that lie inside the image.
    const first = Math.max(0, -left);
    const last = Math.min(toWidth, width - left);
    for (let c = i * channels; c < (i + 1) * channels; c++) {
      for (let y = Math.max(0, -top); y < Math.min(toHeight, height - top); y++) {
        const from = (c * height + top + y) * width + left;
        const to = (c * toHeight + y) * toWidth;
        for (let x = first; x < last; x++) out[to + x] = data[from + x]!;
      }
    }
  }
  return { data: out, n, channels, height: toHeight, width: toWidth };

  function start(size: number, part: number, draw: number | undefined): number {
    if (draw === undefined) return Math.floor((size - part) / 2);
    return Math.floor(draw * (size + 2 * spec.padding - part + 1)) - spec.padding;
  }
}

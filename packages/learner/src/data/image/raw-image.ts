import { DataError, describe, integerOption } from "../errors.js";

/** Values of images: bytes in 0 … 255, of either class; or floats, which are in [0, 1] already. */
export type Pixels = Uint8Array | Uint8ClampedArray | Float32Array;

/**
 * Values of images, bytes as a `Uint8Array` on the same memory. Other arrays are refused: whether their numbers go to 1
 * or to 255 nothing says.
 *
 * @throws DataError if they are neither bytes nor float32.
 */
export function pixelsOf(where: string, pixels: unknown): Uint8Array | Float32Array {
  if (pixels instanceof Uint8ClampedArray) {
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  }
  if (pixels instanceof Uint8Array || pixels instanceof Float32Array) return pixels;
  throw new DataError({
    where,
    expected: "a Uint8Array or Uint8ClampedArray of bytes, or a Float32Array of values in [0, 1]",
    got: describe(pixels),
    hint: "Uint8Array.from(…) for whole numbers up to 255, Float32Array.from(…) for others",
  });
}

/** One image as it is stored: rows of channels of pixels, row-major. */
export interface RawImage {
  /** Bytes in 0 … 255, or floats in [0, 1]. */
  readonly data: Pixels;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** Height and width in pixels; one number for a square. */
export type ImageSize = number | readonly [height: number, width: number];

/** A gigabyte of memory for one image of floats. */
const MAX_PIXELS = 2 ** 28;

/** Checks a size. @throws DataError if it is not one or two integers of at least 1, or has more than 2²⁸ pixels. */
export function checkSize(where: string, size: ImageSize): readonly [height: number, width: number] {
  if (typeof size !== "number" && !(Array.isArray(size) && size.length === 2)) {
    throw new DataError({ where, expected: "a number of pixels, or [height, width]", got: describe(size) });
  }
  const [height, width] = typeof size === "number" ? [size, size] : size;
  integerOption(where, height, 1);
  integerOption(where, width, 1);
  if (height * width > MAX_PIXELS) {
    throw new DataError({ where, expected: `at most ${MAX_PIXELS} pixels`, got: `${height} x ${width}` });
  }
  return [height, width];
}

/** An image whose pixels are bytes or floats. */
export interface CheckedImage extends RawImage {
  readonly data: Uint8Array | Float32Array;
}

/** Checks that an image has as many values as its shape says, and returns it. @throws DataError */
export function checkRawImage(where: string, image: RawImage): CheckedImage {
  if (typeof image !== "object" || image === null || !("data" in image) || !Array.isArray(image.shape)) {
    throw new DataError({ where, expected: "an image { data, shape }", got: describe(image) });
  }
  const { shape } = image;
  const data = pixelsOf(where, image.data);
  const [channels, height, width] = shape;
  for (const size of [channels, height, width]) integerOption(`${where}: shape`, size, 1);
  if (data.length !== channels * height * width) {
    const expected = `${channels * height * width} values for [${shape.join(", ")}]`;
    throw new DataError({ where, expected, got: String(data.length) });
  }
  return { data, shape };
}

import { DataError, describe, integerOption } from "./errors.js";

/** One image as it is stored: rows of channels of pixels, row-major. */
export interface RawImage {
  /** Bytes in 0 … 255, or floats in [0, 1]. */
  readonly data: Uint8Array | Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** Height and width in pixels; one number for a square. */
export type ImageSize = number | readonly [height: number, width: number];

/** Checks a size. @throws DataError if it is not one or two integers of at least 1. */
export function checkSize(where: string, size: ImageSize): readonly [height: number, width: number] {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return [integerOption(where, height, 1), integerOption(where, width, 1)];
}

/** Checks that an image has as many values as its shape says. @throws DataError */
export function checkRawImage(where: string, image: RawImage): void {
  const { data, shape } = image;
  if (!(data instanceof Uint8Array || data instanceof Float32Array) || !Array.isArray(shape)) {
    throw new DataError({ where, expected: "an image { data, shape }", got: describe(image) });
  }
  const [channels, height, width] = shape;
  for (const size of [channels, height, width]) integerOption(`${where}: shape`, size, 1);
  if (data.length !== channels * height * width) {
    const expected = `${channels * height * width} values for [${shape.join(", ")}]`;
    throw new DataError({ where, expected, got: `${data.length}` });
  }
}

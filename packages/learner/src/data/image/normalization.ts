import { number } from "lrfind/core";
import { checkRows } from "../batch/rows.js";
import { checkDataOptions, imageShape, own, required, rowNumbers } from "../checks.js";
import { DataError, describe, integerOption } from "../errors.js";
import { type Pixels, pixelsOf } from "./raw-image.js";

/** How a stored value becomes a model's input: `(value * scale - mean) / std`, channel by channel. */
export interface Normalization {
  readonly scale: number;
  /** One per channel, in units of scaled values. */
  readonly mean: readonly number[];
  /** One per channel, in units of scaled values; positive. */
  readonly std: readonly number[];
}

/** Images as they are stored: rows of channels of pixels, row-major. */
export interface ImageArray {
  /** Length a multiple of the size of `shape`. */
  readonly images: Pixels;
  /** Of one image: [channels, height, width]. */
  readonly shape: readonly [channels: number, height: number, width: number];
}

/**
 * Mean and standard deviation of each channel over some of the images: μ = Σx / n, σ = √(Σ(x − μ)² / n).
 * A channel that does not vary gets σ = 1, so that normalising it yields 0 and not NaN.
 *
 * @param array - The images.
 * @param options.rows - Which images count; the training part, so that nothing is learnt from the rest.
 * @param options.scale - Multiplies every value beforehand. Default 1/255 for bytes, 1 for floats.
 * @throws DataError if there are no rows.
 *
 * @example
 * ```ts
 * const { train } = randomSplit(10_000);
 * const { mean, std } = channelStats({ images, shape: [1, 28, 28] }, { rows: train });
 * ```
 */
export function channelStats(
  array: ImageArray,
  options: { readonly rows: ArrayLike<number>; readonly scale?: number },
): Normalization {
  checkDataOptions<ImageArray>("channelStats", array, {
    images: required(own),
    shape: required(imageShape),
  });
  checkDataOptions<typeof options>("channelStats", options, { rows: required(rowNumbers), scale: number() });
  const { images, shape } = array;
  for (const [i, size] of shape.entries()) integerOption(`shape[${i}]`, size, 1);
  const [channels, height, width] = shape;
  const { rows, scale = defaultScale(images) } = options;
  const pixels = height * width;
  pixelsOf("channelStats: images", images);
  const n = rows.length * pixels;
  if (n === 0) throw new DataError({ where: "channelStats", expected: "at least one image", got: "none" });
  checkRows("channelStats", rows, images.length / (channels * pixels));
  // Twice over the data: sums about any one value cancel where the others are far from it, those about the mean do not.
  const first = momentsAbout(
    Array.from({ length: channels }, (_, c) => images[(rows[0]! * channels + c) * pixels]!),
  );
  const moments = momentsAbout(first.map(({ mean }) => mean));
  const mean = moments.map((each) => each.mean * scale);
  const std = moments.map(({ variance }) => Math.sqrt(Math.max(0, variance)) * scale || 1);
  return { scale, mean, std };

  /** Mean and variance of each channel, from sums about a value of its own. */
  function momentsAbout(origin: readonly number[]): { mean: number; variance: number }[] {
    const sum = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let i = 0; i < rows.length; i++) {
      for (let c = 0; c < channels; c++) {
        const start = (rows[i]! * channels + c) * pixels;
        const shift = origin[c]!;
        let s = 0;
        let s2 = 0;
        for (let p = start; p < start + pixels; p++) {
          const value = images[p]! - shift;
          s += value;
          s2 += value * value;
        }
        sum[c]! += s;
        squares[c]! += s2;
      }
    }
    return origin.map((shift, c) => {
      const distance = sum[c]! / n;
      return { mean: shift + distance, variance: squares[c]! / n - distance ** 2 };
    });
  }
}

/** The factor that brings stored values to [0, 1]: 1/255 for bytes; floats are taken to be there already. */
export function defaultScale(images: Pixels): number {
  return images instanceof Float32Array ? 1 : 1 / 255;
}

/** The mean and deviation that leave scaled values as they are. */
export function identity(channels: number): Pick<Normalization, "mean" | "std"> {
  return { mean: Array(channels).fill(0), std: Array(channels).fill(1) };
}

/** Fills in defaults and checks against the number of channels. @throws DataError */
export function checkNormalization(
  { scale = 1, mean, std }: Partial<Normalization>,
  channels: number,
): Normalization {
  const perChannel = (where: string, values: readonly number[], ok: (value: number) => boolean) => {
    if (!Array.isArray(values) || values.length !== channels || !values.every(ok)) {
      const expected = `${channels} finite${where === "std" ? ", positive" : ""} number(s), one per channel`;
      throw new DataError({ where, expected, got: Array.isArray(values) ? `[${values}]` : describe(values) });
    }
    return values;
  };
  if (!Number.isFinite(scale)) {
    throw new DataError({ where: "scale", expected: "a finite number", got: describe(scale) });
  }
  return {
    scale,
    mean: perChannel("mean", mean ?? Array(channels).fill(0), Number.isFinite),
    std: perChannel("std", std ?? Array(channels).fill(1), (s) => Number.isFinite(s) && s > 0),
  };
}

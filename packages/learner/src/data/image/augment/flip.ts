import { number } from "lrfind/core";
import { checkDataOptions } from "../../checks.js";
import { type AugmentContext, type ImageBatch, imageDraws } from "./image-batch.js";

/** Mirrors images left to right with probability `p`. */
export interface Flip {
  readonly kind: "flip";
  readonly p: number;
}

/**
 * Mirrors some images left to right.
 *
 * @param options.p - The probability, in [0, 1]. Default 0.5.
 *
 * @example
 * ```ts
 * const augment = [flip({ p: 0.5 })];
 * ```
 */
export function flip(options: { readonly p?: number } = {}): Flip {
  checkDataOptions<typeof options>("flip", options, { p: number({ min: 0, max: 1 }) });
  const { p = 0.5 } = options;
  return { kind: "flip", p };
}

/** Mirrors a batch's images in place. */
export function applyFlip(batch: ImageBatch, { p }: Flip, context: AugmentContext): ImageBatch {
  const { data, n, channels, height, width } = batch;
  const draws = imageDraws("flip", n, 1, context);
  const rows = channels * height;
  for (let i = 0; i < n; i++) {
    if (draws[i]! >= p) continue;
    for (let row = i * rows; row < (i + 1) * rows; row++) {
      for (let a = row * width, b = a + width - 1; a < b; a++, b--) {
        const moved = data[a]!;
        data[a] = data[b]!;
        data[b] = moved;
      }
    }
  }
  return batch;
}

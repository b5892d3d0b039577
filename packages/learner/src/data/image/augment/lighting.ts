import { number } from "lrfind/core";
import { checkDataOptions } from "../../checks.js";
import { type AugmentContext, type ImageBatch, imageDraws } from "./image-batch.js";

/** Changes brightness and contrast. */
export interface Lighting {
  readonly kind: "lighting";
  readonly maxLighting: number;
  readonly p: number;
}

/**
 * Changes the brightness and contrast of some images: x′ = (x − ½) · c + ½ + b, kept in [0, 1], with
 * b uniform in ±`maxLighting` / 2 and ln c uniform in ±ln(1 − `maxLighting`).
 *
 * @param options.maxLighting - In [0, 1). Default 0.2.
 * @param options.p - The probability that an image is changed, in [0, 1]. Default 0.75.
 *
 * @example
 * ```ts
 * const augment = [lighting({ maxLighting: 0.2 })];
 * ```
 *
 * Source: the ranges are those of fastai's `Brightness` and `Contrast`, which work on logits in place of x.
 */
export function lighting(options: Partial<Omit<Lighting, "kind">> = {}): Lighting {
  checkDataOptions<typeof options>("lighting", options, {
    maxLighting: number({ min: 0, below: 1 }),
    p: number({ min: 0, max: 1 }),
  });
  const { maxLighting = 0.2, p = 0.75 } = options;
  return { kind: "lighting", maxLighting, p };
}

/** Changes a batch's images in place. */
export function applyLighting(
  batch: ImageBatch,
  { maxLighting, p }: Lighting,
  context: AugmentContext,
): ImageBatch {
  const { data, n, channels, height, width } = batch;
  const draws = imageDraws("lighting", n, 3, context);
  const size = channels * height * width;
  for (let i = 0; i < n; i++) {
    if (draws[3 * i]! >= p) continue;
    const brightness = (draws[3 * i + 1]! - 0.5) * maxLighting;
    const contrast = Math.exp((1 - 2 * draws[3 * i + 2]!) * Math.log(1 - maxLighting));
    const shift = 0.5 + brightness - 0.5 * contrast;
    for (let at = i * size; at < (i + 1) * size; at++) {
      data[at] = Math.min(Math.max(data[at]! * contrast + shift, 0), 1);
    }
  }
  return batch;
}

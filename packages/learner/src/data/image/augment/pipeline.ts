import type { BatchContext } from "../../batch/dataset.js";
import type { Normalization } from "../normalization.js";
import { type Augmentation, augmentImages } from "./augment.js";
import type { ImageBatch } from "./image-batch.js";

/**
 * Augments scaled images and normalises them: (x − mean) / std, channel by channel.
 *
 * @param batch - Images in [0, 1]; they may be changed in place.
 * @returns float32 [n, channels, height, width], of the crop's size where there is one.
 */
export function augmentAndNormalize(
  batch: ImageBatch,
  specs: { readonly augment: readonly Augmentation[]; readonly normalization: Normalization },
  context: BatchContext,
): Float32Array {
  const { data, n, channels, height, width } = augmentImages(batch, specs.augment, context);
  const { mean, std } = specs.normalization;
  const pixels = height * width;
  for (let plane = 0; plane < n * channels; plane++) {
    const m = mean[plane % channels]!;
    const s = std[plane % channels]!;
    if (m === 0 && s === 1) continue;
    for (let at = plane * pixels; at < (plane + 1) * pixels; at++) data[at] = (data[at]! - m) / s;
  }
  return data;
}

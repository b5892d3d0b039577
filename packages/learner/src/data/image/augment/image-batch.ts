import { fillUniform } from "@lrfind/engine";
import type { BatchContext } from "../../batch/dataset.js";

/** Images of one size while they are augmented: float32 [n, channels, height, width] in [0, 1], changed in place. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly n: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What an augmentation depends on, and which one of its batch it is. */
export interface AugmentContext extends BatchContext {
  /** Its place in the list of augmentations: two of a kind draw different numbers. */
  readonly position: number;
}

/**
 * Random numbers of an augmentation: number j of image i is element `count * i + j`, uniform in [0, 1), a pure
 * function of the seed, the epoch, the step and these.
 */
export function imageDraws(kind: string, n: number, count: number, context: AugmentContext): Float32Array {
  const { seed, epoch, step, position } = context;
  return fillUniform(new Float32Array(n * count), { seed, epoch, step, stream: `${kind}/${position}` });
}

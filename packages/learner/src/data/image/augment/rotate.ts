import { number, oneOf } from "lrfind/core";
import { checkDataOptions } from "../../checks.js";
import { type AugmentContext, type ImageBatch, imageDraws } from "./image-batch.js";

/** What lies outside a turned image: black, its nearest edge, or the image mirrored at its outermost pixels. */
export type PadMode = "zeros" | "border" | "reflection";

/** Turns images about their middle. */
export interface Rotate {
  readonly kind: "rotate";
  readonly maxDegrees: number;
  readonly p: number;
  readonly padMode: PadMode;
}

/**
 * Turns some images about their middle by an angle uniform in ±`maxDegrees`, with bilinear interpolation.
 *
 * @param options.maxDegrees - Default 10.
 * @param options.p - The probability that an image is turned, in [0, 1]. Default 0.75.
 * @param options.padMode - What lies outside the image. Default `"reflection"`.
 *
 * @example
 * ```ts
 * const augment = [rotate({ maxDegrees: 10 })];
 * ```
 */
export function rotate(options: Partial<Omit<Rotate, "kind">> = {}): Rotate {
  checkDataOptions<typeof options>("rotate", options, {
    maxDegrees: number({ min: 0, max: 180 }),
    p: number({ min: 0, max: 1 }),
    padMode: oneOf("zeros", "border", "reflection"),
  });
  const { maxDegrees = 10, p = 0.75, padMode = "reflection" } = options;
  return { kind: "rotate", maxDegrees, p, padMode };
}

/** Turns a batch's images, into a new array. */
export function applyRotate(batch: ImageBatch, spec: Rotate, context: AugmentContext): ImageBatch {
  const { data, n, channels, height, width } = batch;
  const draws = imageDraws("rotate", n, 2, context);
  const out = new Float32Array(data.length);
  const size = channels * height * width;
  for (let i = 0; i < n; i++) {
    const from = data.subarray(i * size, (i + 1) * size);
    const to = out.subarray(i * size, (i + 1) * size);
    if (draws[2 * i]! >= spec.p) to.set(from);
    else {
      const degrees = (2 * draws[2 * i + 1]! - 1) * spec.maxDegrees;
      rotateImage({ from, to, channels, height, width }, degrees, spec.padMode);
    }
  }
  return { ...batch, data: out };
}

/** One image and where its turned copy goes, both [channels, height, width]. */
export interface RotateJob {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Turns one image counter-clockwise: each output pixel is read where the turn came from. */
export function rotateImage(job: RotateJob, degrees: number, padMode: PadMode): void {
  const { from, to, channels, height, width } = job;
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const pixels = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sourceX = cos * (x - middleX) - sin * (y - middleY) + middleX;
      let sourceY = sin * (x - middleX) + cos * (y - middleY) + middleY;
      const out = y * width + x;
      if (sourceX >= 0 && sourceX < width - 1 && sourceY >= 0 && sourceY < height - 1) {
        // All four neighbours are there, as they are for most pixels: no checks, no floor of a negative number.
        const left = sourceX | 0;
        const top = sourceY | 0;
        const fx = sourceX - left;
        const fy = sourceY - top;
        for (let c = 0, at = top * width + left; c < channels; c++, at += pixels) {
          const above = from[at]! + fx * (from[at + 1]! - from[at]!);
          const below = from[at + width]! + fx * (from[at + width + 1]! - from[at + width]!);
          to[c * pixels + out] = above + fy * (below - above);
        }
        continue;
      }
      if (padMode === "border") {
        sourceX = Math.min(Math.max(sourceX, 0), width - 1);
        sourceY = Math.min(Math.max(sourceY, 0), height - 1);
      } else if (padMode === "reflection") {
        sourceX = reflect(sourceX, width);
        sourceY = reflect(sourceY, height);
      }
      for (let c = 0; c < channels; c++) to[c * pixels + out] = sampleAtEdge(job, c, sourceX, sourceY);
    }
  }
}

/** Bilinear interpolation where neighbours may lie outside the image: those count as black. */
function sampleAtEdge({ from, height, width }: RotateJob, channel: number, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  let value = 0;
  for (let dy = 0; dy <= 1; dy++) {
    for (let dx = 0; dx <= 1; dx++) {
      const column = left + dx;
      const row = top + dy;
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
      value += weight * from[(channel * height + row) * width + column]!;
    }
  }
  return value;
}

/** Folds a position into [0, size - 1] by mirroring at both ends. */
function reflect(position: number, size: number): number {
  const span = size - 1;
  if (position >= 0 && position <= span) return position;
  if (span === 0) return 0;
  const folded = Math.abs(position) % (2 * span);
  return folded > span ? 2 * span - folded : folded;
}

import { type Checks, checkDataOptions, own, required } from "../checks.js";
import { DataError, describe } from "../errors.js";
import { checkRawImage, checkSize, type ImageSize, type RawImage } from "./raw-image.js";

/** How an image is brought to a size; plain data, saved with a model. */
export interface ResizeOptions {
  readonly size: ImageSize;
  /**
   * What happens where the proportions differ: `"squish"` distorts the image, `"crop"` fills the size and cuts
   * what stands out at either side, `"pad"` fits the image into the size, in the middle of black.
   *
   * @default "crop"
   */
  readonly method?: "squish" | "crop" | "pad";
}

const RESIZE: Checks<ResizeOptions> = { size: required(own), method: own };

/** For each output position: the first source position and the weights of it and those that follow. */
type Taps = readonly { readonly start: number; readonly weights: Float64Array }[];

/**
 * Resizes an image by a triangle filter that is as wide as the reduction, so that no pixel goes unseen when an
 * image shrinks, and that is bilinear interpolation when it grows. Agrees with Pillow's `BILINEAR` to within one
 * level, on every machine.
 *
 * @param raw - Bytes or floats, [channels, height, width].
 * @param options - See `ResizeOptions`.
 * @returns An image of the same type, [channels, ...size].
 * @throws DataError if the image or an option is not as it should be.
 *
 * @example
 * ```ts
 * const small = resizeImage(await decodeImage("cat.jpg"), { size: 64, method: "crop" });
 * ```
 */
export function resizeImage(raw: RawImage, options: ResizeOptions): RawImage {
  checkDataOptions("resizeImage", options, RESIZE);
  const { size, method = "crop" } = options;
  const image = checkRawImage("resizeImage", raw);
  const [height, width] = checkSize("size", size);
  const [channels, fromHeight, fromWidth] = image.shape;
  if (method !== "squish" && method !== "crop" && method !== "pad") {
    throw new DataError({ where: "method", expected: `"squish", "crop" or "pad"`, got: describe(method) });
  }
  const data =
    image.data instanceof Uint8Array
      ? new Uint8Array(channels * height * width)
      : new Float32Array(channels * height * width);
  const scales = [fromHeight / height, fromWidth / width] as const;
  const common = method === "pad" ? Math.max(...scales) : Math.min(...scales);
  const [scaleY, scaleX] = method === "squish" ? scales : [common, common];
  // Where a padded image is drawn: the rest of `data` stays black.
  const inner = [
    Math.max(1, Math.min(height, Math.round(fromHeight / scaleY))),
    Math.max(1, Math.min(width, Math.round(fromWidth / scaleX))),
  ] as const;
  const top = Math.floor((height - inner[0]) / 2);
  const left = Math.floor((width - inner[1]) / 2);
  const rows = filterTaps(fromHeight, inner[0], method === "crop" ? scaleY : fromHeight / inner[0]);
  const columns = filterTaps(fromWidth, inner[1], method === "crop" ? scaleX : fromWidth / inner[1]);
  const narrow = new Float64Array(fromHeight * inner[1]);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < fromHeight; y++) {
      const from = (c * fromHeight + y) * fromWidth;
      for (let x = 0; x < inner[1]; x++) {
        const { start, weights } = columns[x]!;
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i]! * image.data[from + start + i]!;
        narrow[y * inner[1] + x] = sum;
      }
    }
    const isBytes = data instanceof Uint8Array;
    for (let y = 0; y < inner[0]; y++) {
      const { start, weights } = rows[y]!;
      const to = (c * height + top + y) * width + left;
      for (let x = 0; x < inner[1]; x++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i]! * narrow[(start + i) * inner[1] + x]!;
        data[to + x] = isBytes ? Math.round(sum) : sum;
      }
    }
  }
  return { data, shape: [channels, height, width] };
}

/** The triangle filter about the middle `to * scale` positions of `from`. */
function filterTaps(from: number, to: number, scale: number): Taps {
  const support = Math.max(1, scale);
  const offset = (from - to * scale) / 2;
  return Array.from({ length: to }, (_, at) => {
    const centre = offset + (at + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    const weights = Float64Array.from({ length: end - start }, (_, i) =>
      Math.max(0, 1 - Math.abs((start + i + 0.5 - centre) / support)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { start, weights: weights.map((weight) => weight / total) };
  });
}

import { type Checks, checkOptions, number } from "../../core/index.js";
import { checkPixels, rasterise } from "../../draw/index.js";
import { checkDrawable } from "../checks.js";
import type { NamedResult } from "../overlay.js";
import type { Plottable } from "../scene.js";
import { FIGURE_OPTIONS, type FigureOptions, pictureSize } from "./options.js";
import { pictureCount, svgOf } from "./to-svg.js";

/** How a PNG is drawn. */
export interface PngOptions extends FigureOptions {
  /**
   * Pixels of the image per pixel of the layout, above 0 and up to 8.
   *
   * @default 2
   */
  readonly scale?: number;
}

const OPTIONS: Checks<PngOptions> = { ...FIGURE_OPTIONS, scale: number({ above: 0, max: 8 }) };

/**
 * Draws a result as a PNG image, without a browser and without any font installed on the machine.
 *
 * @param result - The result to draw; with a finding per parameter group, one picture under the other; or up to 8 with names.
 * @param options - Layout, as for `toSvg`, and the resolution.
 * @returns The bytes of the PNG file: `width * scale` by `height * scale` pixels.
 * @throws {OptionError} when it is no result, an option does not exist or is out of its range, or the image would have
 *   more than 2²⁸ pixels.
 * @throws {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
 *
 * @example
 * ```ts
 * import { toPng } from "lrfind/plot";
 *
 * await writeFile("plot.png", await toPng(result, { scale: 1 }));
 * ```
 */
export async function toPng(
  result: Plottable | readonly NamedResult[],
  options: PngOptions = {},
): Promise<Uint8Array> {
  checkDrawable("toPng", result);
  checkOptions("toPng", options, OPTIONS);
  const { scale = 2, ...layout } = options;
  const { width, height } = pictureSize(layout);
  const size = { width, height: height * pictureCount(result) };
  checkPixels("toPng", size, scale);
  return await rasterise("toPng", await svgOf(result, layout, scale), { ...size, scale });
}

import { checkOptions } from "../../core/index.js";
import { element, moved, svgDocument } from "../../draw/index.js";
import { checkDrawable } from "../checks.js";
import type { NamedResult } from "../overlay.js";
import { findingsOf, type Plottable } from "../scene.js";
import { FIGURE_OPTIONS, type FigureOptions, pictureSize } from "./options.js";

/**
 * Draws a result as an SVG document, without a browser: loss over the logarithm of the learning rate, raw losses faint,
 * the smoothed line, the trimmed ends grey, a band where there were several runs, and a dot with a thin rule for every
 * suggestion; one legend names them all. The same result gives the same bytes.
 *
 * A dot stands at the suggested rate on the smoothed curve, also where the rate was derived from another point
 * (`minimum`, `edge`). Where the loss blows up, the axis is cut above the interesting part and the subtitle says so.
 *
 * @param result - The result to draw; with a finding per parameter group, one picture under the other; of up to 8 results
 *   with names, the smoothed losses on common axes.
 * @param options - Layout.
 * @returns The SVG's text. Its fonts are named, not embedded; its parts have classes (`smoothed`, `raw`, `rule`, …), so
 *   that a page's style sheet can colour them.
 * @throws {OptionError} when it is no result, or an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { toSvg } from "lrfind/plot";
 *
 * await writeFile("plot.svg", await toSvg(result));
 * ```
 */
export async function toSvg(
  result: Plottable | readonly NamedResult[],
  options: FigureOptions = {},
): Promise<string> {
  checkDrawable("toSvg", result);
  checkOptions("toSvg", options, FIGURE_OPTIONS);
  return await svgOf(result, options);
}

/**
 * The document, of checked options.
 *
 * @param scale - Pixels per pixel of the layout.
 * @internal
 */
export async function svgOf(
  result: Plottable | readonly NamedResult[],
  options: FigureOptions,
  scale = 1,
): Promise<string> {
  // Loaded on first use: a terminal plot should not wait for it.
  const { width, height } = pictureSize(options);
  const drawn = isOverlay(result) ? [await overlay(result, options)] : await findings(result, options);
  const pictures = drawn.map((picture, i) => element("g", { transform: moved(0, i * height) }, picture));
  return svgDocument({ width, height: height * drawn.length, scale }, ...pictures);
}

/** How many pictures stand one under the other. */
export function pictureCount(result: Plottable | readonly NamedResult[]): number {
  return isOverlay(result) ? 1 : findingsOf(result).length;
}

async function findings(result: Plottable, options: FigureOptions): Promise<string[]> {
  const { drawFinding } = await import("./draw.js");
  return findingsOf(result).map((finding, i) => drawFinding(finding, options, `plot${i}`));
}

async function overlay(results: readonly NamedResult[], options: FigureOptions): Promise<string> {
  const { drawOverlay } = await import("./draw-overlay.js");
  return drawOverlay(results, options, "plot0");
}

function isOverlay(result: Plottable | readonly NamedResult[]): result is readonly NamedResult[] {
  return Array.isArray(result);
}

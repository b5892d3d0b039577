import type { View } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { checkOptions } from "../../core/index.js";
import { checkPlottable } from "../checks.js";
import type { Plottable } from "../scene.js";
import { FIGURE_OPTIONS, type FigureOptions, figureSpec } from "./spec.js";

/**
 * Draws a result as an SVG document, without a browser.
 *
 * @param result - The result to draw.
 * @param options - Layout, as for `figureSpec`.
 * @returns The SVG's text. Its fonts are named, not embedded.
 * @throws {OptionError} when it is no result, or an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { toSvg } from "lrfind/plot";
 *
 * await writeFile("plot.svg", await toSvg(result));
 * ```
 */
export async function toSvg(result: Plottable, options: FigureOptions = {}): Promise<string> {
  checkPlottable("toSvg", result);
  checkOptions("toSvg", options, FIGURE_OPTIONS);
  const view = await viewOf(result, options);
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * A Vega view of the figure that has drawn nothing yet; the caller finalizes it.
 *
 * @internal
 */
export async function viewOf(result: Plottable, options: FigureOptions): Promise<View> {
  const spec = figureSpec(result, options);
  // Loaded on first use: a terminal plot should not wait for Vega.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  return new vega.View(vega.parse(compile(spec as TopLevelSpec).spec), {
    renderer: "none",
    logLevel: vega.Error,
  });
}

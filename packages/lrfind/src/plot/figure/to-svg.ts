import type { View } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { checkOptions } from "../../core/index.js";
import { checkPlottable } from "../checks.js";
import { findingsOf, type Plottable, type PlottableFinding } from "../scene.js";
import { FIGURE_OPTIONS, type FigureOptions, figureSpec, pictureSize } from "./spec.js";

/**
 * Draws a result as an SVG document, without a browser: the same result gives the same bytes.
 *
 * @param result - The result to draw; with a finding per parameter group, one picture under the other.
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
  const pictures: string[] = [];
  for (const finding of findingsOf(result)) {
    const view = await viewOf(finding, options);
    try {
      pictures.push(await view.toSVG());
    } finally {
      view.finalize();
    }
  }
  const [only] = pictures;
  return numbered(pictures.length === 1 ? only! : stacked(pictures, pictureSize(options)));
}

/** Pictures of one size, one under the other. */
function stacked(pictures: readonly string[], { width, height }: { width: number; height: number }): string {
  const whole = height * pictures.length;
  const parts = pictures.map((picture, i) => picture.replace("<svg ", `<svg y="${i * height}" `));
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}">${parts.join("")}</svg>`;
}

/** Vega counts the names of its clip paths on from picture to picture of a process: they are counted anew. */
function numbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(
    /(id="|url\(#)((?:clip|gradient)_?)(\d+)/g,
    (_, before: string, kind: string, id: string) => {
      const key = kind + id;
      if (!names.has(key)) names.set(key, `${kind}${names.size}`);
      return before + names.get(key);
    },
  );
}

/**
 * A Vega view of the figure that has drawn nothing yet; the caller finalizes it.
 *
 * @internal
 */
export async function viewOf(result: PlottableFinding, options: FigureOptions): Promise<View> {
  const spec = figureSpec(result, options);
  // Loaded on first use: a terminal plot should not wait for Vega.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  return new vega.View(vega.parse(compile(spec as TopLevelSpec).spec), {
    renderer: "none",
    logLevel: vega.Error,
  });
}

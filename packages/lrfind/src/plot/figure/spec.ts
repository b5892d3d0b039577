import { type Checks, checkOptions, number, plainText, string } from "../../core/index.js";
import { checkPlottableFinding } from "../checks.js";
import { type PlottableFinding, sceneOf } from "../scene.js";
import { figureLayers } from "./layers.js";
import { INK, legendEntries, legendFit, legendWidth } from "./legend.js";

/** How a figure is laid out. */
export interface FigureOptions {
  /**
   * Width of the whole picture in pixels, legend and margins included; from 640 to 8192.
   *
   * @default 880
   */
  readonly width?: number;
  /**
   * Height of the whole picture in pixels, or, for a finding per parameter group, of each group's; from 360 to 8192.
   *
   * @default 460
   */
  readonly height?: number;
  /**
   * Heading of the picture.
   *
   * @default "Learning rate range test"
   */
  readonly title?: string;
}

/** The checks of a figure's options. */
export const FIGURE_OPTIONS: Checks<FigureOptions> = {
  width: number({ min: 640, max: 8192 }),
  height: number({ min: 360, max: 8192 }),
  title: string,
};

/**
 * A Vega-Lite specification, as plain JSON. Of lrfind's own type, not Vega-Lite's: whoever only wants a picture need not
 * have a hundred packages' types checked. Vega-Lite and vega-embed take it as their own: `spec as TopLevelSpec`.
 */
export interface FigureSpec {
  /** The address of Vega-Lite's schema. */
  readonly $schema: string;
  /** Size of the plot without its margins, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly autosize: { readonly type: "none" };
  readonly background: string;
  readonly title: { readonly text: string; readonly subtitle: string[] };
  /** Room around the plot, for axes, title and legend. */
  readonly padding: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  /** From the ground up, each with its data. */
  readonly layer: object[];
  readonly config: object;
}

/** Lato travels with the package for the PNG; a browser without it takes the next. */
const FONT = "Lato, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
/**
 * Describes the picture of a result as one Vega-Lite specification: loss over the logarithm of the learning
 * rate, raw losses faint, the smoothed line, the trimmed ends grey, a band where there were several runs, and
 * a dot with a thin rule for every suggestion; one legend names them all.
 *
 * A dot stands at the suggested rate on the smoothed curve, also where the rate was derived from another point
 * (`minimum`, `edge`). Where the loss blows up, the axis is cut above the interesting part and the subtitle
 * says so.
 *
 * @param result - The result to draw, or one of its `groups`; degenerate curves give a picture that says what is missing.
 * @param options - Layout.
 * @returns Plain JSON for Vega-Lite 6, with its data inside: `vega-embed` shows it in a page as it is.
 * @throws {OptionError} when it is no result, or an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { figureSpec } from "lrfind/plot";
 *
 * const spec = figureSpec(result, { title: "ResNet-18 on Imagenette" });
 * await writeFile("plot.vl.json", JSON.stringify(spec));
 * ```
 */
export function figureSpec(result: PlottableFinding, options: FigureOptions = {}): FigureSpec {
  checkPlottableFinding("figureSpec", result);
  checkOptions("figureSpec", options, FIGURE_OPTIONS);
  const { title = "Learning rate range test" } = options;
  const { width, height } = pictureSize(options);
  const scene = sceneOf(result);
  const entries = legendEntries(scene, width);
  // Fixed margins, not measured ones: the size must not depend on which fonts and canvas are installed.
  const padding = { left: 72, top: 46 + 17 * scene.notes.length, right: legendWidth(entries), bottom: 50 };
  const plot = { width: width - padding.left - padding.right, height: height - padding.top - padding.bottom };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    autosize: { type: "none" },
    background: "white",
    padding,
    ...plot,
    title: { text: plainText(title), subtitle: [...scene.notes] },
    layer: figureLayers(scene, entries, plot),
    config: { ...CONFIG, legend: { ...CONFIG.legend, ...legendFit(entries.length, height - padding.top) } },
  };
}

/** The size of the whole picture. */
export function pictureSize({ width = 880, height = 460 }: FigureOptions): { width: number; height: number } {
  return { width, height };
}

const CONFIG = {
  font: FONT,
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "group",
    color: INK,
    fontSize: 17,
    fontWeight: 700,
    offset: 14,
    subtitleColor: "#57606a",
    subtitleFontSize: 12.5,
    subtitleLineHeight: 17,
    subtitlePadding: 5,
  },
  axis: {
    labelColor: INK,
    labelFontSize: 12,
    titleColor: INK,
    titleFontSize: 13,
    titleFontWeight: 400,
    titlePadding: 10,
    gridColor: "#e4e7eb",
    domainColor: "#8c959f",
    tickColor: "#8c959f",
    labelFlush: false,
    labelOverlap: true,
  },
  legend: {
    labelColor: INK,
    labelFontSize: 13,
    labelLimit: 0,
    rowPadding: 6,
    symbolSize: 150,
    symbolOffset: 2,
  },
};

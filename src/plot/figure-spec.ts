import type { TopLevelSpec } from "vega-lite";
import { formatTick } from "./format-rate.js";
import { markStyles } from "./palette.js";
import { type Plottable, type Scene, type ScenePoint, sceneOf } from "./scene.js";
import { spreadMarks } from "./spread-marks.js";
import { rateTicks } from "./ticks.js";

/** How a figure is laid out. */
export interface FigureOptions {
  /**
   * Width of the whole picture in pixels, legend and margins included; at least 480.
   *
   * @default 880
   */
  readonly width?: number;
  /**
   * Height of the whole picture in pixels; at least 280.
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

/** Lato travels with the package for the PNG; a browser without it takes the next. */
const FONT = "Lato, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
const INK = "#1b1f24";
const RAW_COLOR = "#7c8896";
const TRIM_COLOR = "#b3bac3";
const TRIM_GROUND = "#e9ecf0";
const SILENT_COLOR = "#d0d5db";
const BAND_COLOR = "#c3d0e0";

/** Vega draws legend symbols as filled shapes: a bar stands for a line, a small disc for a faint dot. */
const BAR = "M-1,-0.25L1,-0.25L1,0.25L-1,0.25Z";
const SMALL_DISC = "M0.5,0A0.5,0.5,0,1,1,-0.5,0A0.5,0.5,0,1,1,0.5,0Z";

/** More points than this per line are thinned evenly: no screen shows them, and an SVG would be huge. */
const MAX_POINTS = 2000;

/**
 * Describes the picture of a result as one Vega-Lite specification: loss over the logarithm of the learning
 * rate, raw losses faint, the smoothed line, the trimmed ends grey, a band where there were several runs, and
 * a dot with a thin rule for every suggestion; one legend names them all.
 *
 * A dot stands at the suggested rate on the smoothed curve, also where the rate was derived from another point
 * (`minimum`, `edge`). Where the loss blows up, the axis is cut above the interesting part and the subtitle
 * says so.
 *
 * @param result - The result to draw; degenerate curves give a picture that says what is missing.
 * @param options - Layout.
 * @returns Plain JSON for Vega-Lite 6, with its data inside: `vega-embed` shows it in a page as it is.
 * @throws RangeError when `width` or `height` is too small to hold a picture.
 *
 * @example
 * ```ts
 * import { figureSpec } from "lrfind/plot";
 *
 * const spec = figureSpec(result, { title: "ResNet-18 on Imagenette" });
 * await writeFile("plot.vl.json", JSON.stringify(spec));
 * ```
 */
export function figureSpec(result: Plottable, options: FigureOptions = {}): TopLevelSpec {
  const { title = "Learning rate range test" } = options;
  const { width, height } = pictureSize(options);
  const scene = sceneOf(result);
  const entries = legendEntries(scene);
  // Fixed margins, not measured ones: the size must not depend on which fonts and canvas are installed.
  const longest = Math.max(...entries.map(({ label }) => label.length));
  const padding = { left: 72, top: 46 + 17 * scene.notes.length, right: 52 + 7 * longest, bottom: 50 };
  const plot = { width: width - padding.left - padding.right, height: height - padding.top - padding.bottom };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    autosize: { type: "none" },
    background: "white",
    padding,
    ...plot,
    title: { text: title, subtitle: [...scene.notes] },
    layer: layers(scene, entries, plot),
    config: CONFIG,
  } as TopLevelSpec;
}

/** The size of the whole picture, checked. */
export function pictureSize({ width = 880, height = 460 }: FigureOptions): { width: number; height: number } {
  requireAtLeast("width", width, 480);
  requireAtLeast("height", height, 280);
  return { width, height };
}

interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly shape: string;
}

function legendEntries(scene: Scene): LegendEntry[] {
  const styles = markStyles(scene.marks.map(({ name }) => name));
  const band = { label: `range of ${scene.runCount} runs`, color: BAND_COLOR, shape: "square" };
  return [
    { label: "smoothed loss", color: INK, shape: BAR },
    { label: "mini-batch loss", color: RAW_COLOR, shape: SMALL_DISC },
    { label: "trimmed ends", color: TRIM_COLOR, shape: "square" },
    ...(scene.band.length > 0 ? [band] : []),
    ...scene.marks.map(({ label, at }, i) => ({
      label,
      shape: styles[i]!.shape,
      color: at === null ? SILENT_COLOR : styles[i]!.color,
    })),
  ];
}

function layers(scene: Scene, entries: readonly LegendEntry[], plot: PlotSize): object[] {
  const x = { field: "lr", type: "quantitative", ...rateAxis(scene) };
  const y = { field: "loss", type: "quantitative", ...lossAxis(scene) };
  const points = thinned(scene.points);
  const raw = lossRows(scene, points, ({ raw }) => raw);
  const smoothed = lossRows(scene, points, ({ smoothed }) => smoothed);
  const kept = lossRows(
    scene,
    points.filter((point) => point.kept),
    ({ smoothed }) => smoothed,
  );
  const line = { type: "line", clip: true, strokeWidth: 2.5, strokeJoin: "round" };
  const colors = new Map(entries.map(({ label, color }) => [label, color]));
  const marks = symbolPlaces(scene, plot).map((mark) => ({ ...mark, color: colors.get(mark.entry) }));
  const color = { field: "color", type: "nominal", scale: null };
  const legend = { title: null, orient: "right", offset: 18 };
  const domain = entries.map(({ label }) => label);
  return [
    {
      data: { values: scene.trimmed },
      mark: { type: "rect", color: TRIM_GROUND, clip: true },
      encoding: { x: { ...x, field: "from" }, x2: { field: "to" } },
    },
    {
      data: {
        values: thinned(scene.band).map(({ lr, low, high }) => ({ lr, ...bounded(scene, { low, high }) })),
      },
      mark: { type: "area", color: BAND_COLOR, opacity: 0.75, clip: true },
      encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
    },
    {
      data: { values: raw },
      mark: { type: "line", color: RAW_COLOR, opacity: 0.35, strokeWidth: 1, clip: true },
      encoding: { x, y },
    },
    {
      data: { values: raw },
      mark: { type: "point", filled: true, color: RAW_COLOR, opacity: 0.55, size: 14, clip: true },
      encoding: { x, y },
    },
    { data: { values: smoothed }, mark: { ...line, color: TRIM_COLOR }, encoding: { x, y } },
    { data: { values: kept }, mark: { ...line, color: INK }, encoding: { x, y } },
    {
      data: { values: marks },
      mark: { type: "rule", strokeWidth: 1, strokeDash: [3, 3], opacity: 0.8 },
      encoding: { x, color },
    },
    {
      data: { values: marks },
      mark: { type: "point", filled: true, size: 36, opacity: 1 },
      encoding: { x, y, color },
    },
    {
      data: { values: marks },
      mark: { type: "point", filled: true, size: 120, opacity: 1, stroke: "white", strokeWidth: 1.2 },
      encoding: {
        x,
        y: { ...y, field: "symbol" },
        fill: {
          field: "entry",
          type: "nominal",
          scale: { domain, range: entries.map(({ color }) => color) },
          legend,
        },
        shape: {
          field: "entry",
          type: "nominal",
          scale: { domain, range: entries.map(({ shape }) => shape) },
          legend,
        },
      },
    },
  ];
}

interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** The suggestions' symbols: on the curve, or, where they would cover each other, above or below on their rule. */
function symbolPlaces(
  { marks, lrDomain, lossDomain }: Scene,
  { width, height }: PlotSize,
): { entry: string; lr: number; loss: number; symbol: number }[] {
  const found = marks.flatMap(({ label, at }) => (at === null ? [] : { entry: label, ...at }));
  const [low, high] = lossDomain;
  const decades = Math.log(lrDomain[1] / lrDomain[0]);
  const spots = found.map(({ lr, loss }) => ({
    x: (width * Math.log(lr / lrDomain[0])) / decades,
    y: (height * (high - loss)) / (high - low),
  }));
  return spreadMarks(spots, { gap: 17, height }).map(({ y }, i) => {
    const moved = y !== spots[i]!.y;
    return { ...found[i]!, symbol: moved ? high - (y * (high - low)) / height : found[i]!.loss };
  });
}

function rateAxis({ lrDomain }: Scene): object {
  const values = rateTicks(lrDomain);
  const labels = values.map((value) => [String(value), formatTick(value)]);
  return {
    title: "learning rate (logarithmic)",
    scale: { type: "log", domain: lrDomain, nice: false },
    axis: { values, labelExpr: `(${JSON.stringify(Object.fromEntries(labels))})[toString(datum.value)]` },
  };
}

function lossAxis({ lossDomain }: Scene): object {
  const largest = Math.max(...lossDomain.map(Math.abs));
  const format = largest >= 1e5 || largest < 1e-3 ? { format: "~g" } : {};
  return {
    title: "loss",
    scale: { domain: lossDomain, nice: false, zero: false },
    axis: { tickCount: 6, ...format },
  };
}

function lossRows(
  scene: Scene,
  points: readonly ScenePoint[],
  pick: (point: ScenePoint) => number | null,
): { lr: number; loss: number }[] {
  return points.flatMap((point) => {
    const loss = pick(point);
    return loss === null ? [] : { lr: point.lr, ...bounded(scene, { loss }) };
  });
}

/** Losses far off the axis, brought near: renderers choke on coordinates like 1e300, and clipping hides them. */
function bounded<T extends Record<string, number>>({ lossDomain: [low, high] }: Scene, losses: T): T {
  const reach = 50 * (high - low);
  const bound = (loss: number) => Math.min(high + reach, Math.max(low - reach, loss));
  return Object.fromEntries(Object.entries(losses).map(([key, loss]) => [key, bound(loss)])) as T;
}

/** Every k-th element and the last, so that at most MAX_POINTS + 1 remain. */
function thinned<T>(rows: readonly T[]): readonly T[] {
  const stride = Math.ceil(rows.length / MAX_POINTS);
  return stride <= 1 ? rows : rows.filter((_, i) => i % stride === 0 || i === rows.length - 1);
}

function requireAtLeast(name: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least)) {
    throw new RangeError(
      `figureSpec: expected ${name} to be a number of pixels of at least ${least}, got ${value}; try leaving it out`,
    );
  }
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

import { formatRate } from "../../core/index.js";
import type { Scene, ScenePoint } from "../scene.js";
import { spreadMarks } from "../spread-marks.js";
import { rateTicks } from "../ticks.js";
import { BAND_COLOR, INK, type LegendEntry, RAW_COLOR, TRIM_COLOR, TRIM_GROUND } from "./legend.js";

/** More points than this per line are thinned evenly: no screen shows them, and an SVG would be huge. */
const MAX_POINTS = 2000;

/**
 * The layers of the figure, from the ground up: trimmed ends, band, raw losses, curve, rules, dots, and the
 * suggestions' symbols, which carry the legend.
 */
export function figureLayers(scene: Scene, entries: readonly LegendEntry[], plot: PlotSize): object[] {
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
  const marks = symbolPlaces(scene, plot, entries.slice(entries.length - scene.marks.length));
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

/** Size of the plot without its margins, in pixels. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** The suggestions' symbols: on the curve, or, where they would cover each other, above or below on their rule. */
function symbolPlaces(
  { marks, lrDomain, lossDomain: [low, high] }: Scene,
  { width, height }: PlotSize,
  entries: readonly LegendEntry[],
): { entry: string; color: string; lr: number; loss: number; symbol: number }[] {
  const found = marks.flatMap(({ at }, i) => {
    const { label: entry, color } = entries[i]!;
    return at === null ? [] : { entry, color, ...at };
  });
  const spots = found.map(({ lr, loss }) => ({
    x: (width * Math.log(lr / lrDomain[0])) / Math.log(lrDomain[1] / lrDomain[0]),
    y: (height * (high - loss)) / (high - low),
  }));
  return spreadMarks(spots, { gap: 17, height }).map(({ y }, i) => {
    const moved = y !== spots[i]!.y;
    return { ...found[i]!, symbol: moved ? high - (y * (high - low)) / height : found[i]!.loss };
  });
}

function rateAxis({ lrDomain }: Scene): object {
  const values = rateTicks(lrDomain);
  const labels = values.map((value) => [String(value), formatRate(value)]);
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

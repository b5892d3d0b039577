import { line } from "d3-shape";
import { type Axis, axisBelow, axisLeft, type Tick } from "./axes.js";
import { COLORS, INK, QUIET } from "./palette.js";
import { element, escaped, label, moved } from "./svg.js";
import { FONT, shortenedToPixels, textWidth } from "./text-size.js";
import { lossTicks } from "./ticks.js";

const MARGIN = { left: 66, top: 56, bottom: 46 };
/** What a dot on the edge of the plot needs beyond it. */
const DOT = 4;
/** What a legend needs beside its texts. */
const KEY = 42;
const FAINT = "#7c8896";

/** A line of a chart; points that are not finite are gaps. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn faint, behind the others. */
  readonly isFaint?: boolean;
}

/** Lines over a count of something, on linear axes. */
export interface LineChart {
  readonly title: string;
  readonly note: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly ChartLine[];
}

/** The size of a picture, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What the axes of a chart span; never of zero width. */
interface Domains {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Whether there is anything to draw; else the axes have no numbers. */
  readonly isEmpty: boolean;
}

/** What the axes span. Points far above the others, as of a blow-up, are cut; a gap at an end keeps its room. */
export function chartDomains(lines: readonly ChartLine[]): Domains {
  const points = lines.flatMap((each) => each.points.filter(isFinitePoint));
  if (points.length === 0) return { x: [0, 1], y: [0, 1], isEmpty: true };
  const span = (values: readonly number[]): readonly [number, number] => {
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    const room = 0.05 * (high - low) || Math.abs(low) * 0.1 || 0.5;
    return high > low ? [low, high] : [low - room, high + room];
  };
  const heights = lines.flatMap(({ points: own, isFaint }) => {
    const values = own.filter(isFinitePoint).map(([, y]) => y);
    // Of what scatters the bulk: single spikes would squash the lines that one came for.
    return isFaint ? bulkOf(values) : values;
  });
  const [low, high] = span(heights.length > 0 ? heights : points.map(([, y]) => y));
  const all = lines.flatMap((each) => each.points.map(([x]) => x)).filter(Number.isFinite);
  const [first, last] = span(all);
  return {
    x: all.every((x) => x === all[0]) ? [first - 0.5, last + 0.5] : [first, last],
    y: [low - 0.04 * (high - low), high + 0.06 * (high - low)],
    isEmpty: false,
  };
}

/** From the 1st to the 97th of a hundred. */
function bulkOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0
    ? []
    : [sorted[Math.floor(0.01 * sorted.length)]!, sorted[Math.floor(0.97 * (sorted.length - 1))]!];
}

function isFinitePoint([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** Ticks of a chart's axes: whole numbers across. */
export function chartTicks(
  { x, y, isEmpty }: Domains,
  across: number,
  up: number,
): Record<"x" | "y", Tick[]> {
  if (isEmpty) return { x: [], y: [] };
  const whole = lossTicks(x, across).filter(({ value }) => Math.abs(value - Math.round(value)) < 1e-9);
  // A few steps have few whole numbers, whose labels want no decimals.
  const labelled = whole.map((tick) =>
    tick.label.includes(".") && !tick.label.includes("e")
      ? { ...tick, label: String(Math.round(tick.value)) }
      : tick,
  );
  return { x: labelled, y: lossTicks(y, up) };
}

/** The chart as the inside of an SVG of some size. */
export function drawLineChart(chart: LineChart, size: PictureSize, clip: string): string {
  const names = chart.lines.map(({ name }) => shortenedToPixels(name, 12.5, 0.3 * size.width));
  const right = KEY + Math.max(0, ...names.map((name) => textWidth(name, 12.5)));
  const width = size.width - MARGIN.left - right;
  const height = size.height - MARGIN.top - MARGIN.bottom;
  const domain = chartDomains(chart.lines);
  const x = (value: number) => (width * (value - domain.x[0])) / (domain.x[1] - domain.x[0]);
  const y = (value: number) => {
    const at = height * (1 - (value - domain.y[0]) / (domain.y[1] - domain.y[0]));
    return Math.max(-20 * height, Math.min(20 * height, at));
  };
  const ticks = chartTicks(domain, Math.max(2, Math.floor(width / 90)), 6);
  const below: Axis = { name: chart.xLabel, ticks: ticks.x, nameAt: 38, place: x };
  const beside: Axis = { name: chart.yLabel, ticks: ticks.y, nameAt: 50, place: y };
  const colors = chart.lines.map((_, i) => colorOf(chart.lines, i));
  const area = { x: -DOT, y: -DOT, width: width + 2 * DOT, height: height + DOT };
  return [
    element("title", {}, escaped(chart.title)),
    element("desc", {}, escaped(chart.note)),
    element("rect", { class: "ground", ...size, fill: "white" }),
    element(
      "g",
      { transform: moved(MARGIN.left, MARGIN.top), "font-family": FONT },
      label(chart.title, { class: "title", y: -30, "font-size": 16, "font-weight": 700 }),
      label(chart.note, { class: "note", y: -11, "font-size": 12.5, fill: QUIET }),
      axisBelow(below, { width, height }),
      axisLeft(beside, { width, height }),
      element("clipPath", { id: clip }, element("rect", area)),
      element("g", { "clip-path": `url(#${clip})` }, ...drawLines(chart.lines, colors, { x, y })),
      ...names.map((name, i) => legendRow(name, colors[i]!, { x: width + 14, y: 12 + 22 * i })),
    ),
  ].join("");
}

/** The lines, faint ones behind the others. */
function drawLines(
  lines: readonly ChartLine[],
  colors: readonly string[],
  { x, y }: { x(value: number): number; y(value: number): number },
): string[] {
  const path = line()
    .digits(2)
    .defined(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const ordered = lines.map((each, i) => ({ ...each, color: colors[i]! }));
  return ordered
    .sort((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false))
    .flatMap(({ points, color, isFaint }) => [
      element("path", {
        class: isFaint ? "raw" : "line",
        d: path(points.map(([a, b]): [number, number] => [x(a), y(b)])) ?? "",
        fill: "none",
        stroke: color,
        "stroke-width": isFaint ? 1 : 2.2,
        "stroke-opacity": isFaint ? "0.5" : undefined,
        "stroke-linejoin": "round",
      }),
      // A single point makes no line.
      ...(points.length <= 24 && !isFaint
        ? points
            .filter(isFinitePoint)
            .map(([a, b]) => element("circle", { class: "dot", cx: x(a), cy: y(b), r: 2.8, fill: color }))
        : []),
    ]);
}

function legendRow(name: string, color: string, at: { readonly x: number; readonly y: number }): string {
  return [
    element("path", { d: "M0,0H16", transform: moved(at.x, at.y), stroke: color, "stroke-width": 2.4 }),
    label(name, { x: at.x + 22, y: at.y + 4, "font-size": 12.5 }),
  ].join("");
}

function colorOf(lines: readonly ChartLine[], i: number): string {
  if (lines[i]!.isFaint) return FAINT;
  const k = lines.slice(0, i).filter(({ isFaint }) => !isFaint).length;
  return k === 0 ? INK : COLORS[(k - 1) % COLORS.length]!;
}

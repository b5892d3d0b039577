import { line } from "d3-shape";
import { COLORS } from "./palette.js";
import { element, escaped, moved } from "./svg.js";
import { FONT, shortenedToPixels, textWidth } from "./text-size.js";
import { lossTicks } from "./ticks.js";

const INK = "#1b1f24";
const QUIET = "#57606a";
const GRID = "#e4e7eb";
const AXIS = "#8c959f";
const MARGIN = { left: 66, top: 56, bottom: 46 };
const KEY = 40;

/** A line of a chart; points that are not finite are gaps. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn faint, behind the others. */
  readonly isFaint?: boolean;
}

/** Lines over one number, on linear axes. */
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

/** What the axes span; never of zero width. Points far above the others, as of a blow-up, are cut. */
export function chartDomains(lines: readonly ChartLine[]): {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
} {
  const points = lines.flatMap((each) => each.points.filter(isFinitePoint));
  if (points.length === 0) return { x: [0, 1], y: [0, 1] };
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
  return { x: span(points.map(([x]) => x)), y: [low - 0.04 * (high - low), high + 0.06 * (high - low)] };
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
  const path = line()
    .digits(2)
    .defined(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const ordered = chart.lines.map((each, i) => ({
    ...each,
    color: each.isFaint ? "#7c8896" : colorOf(chart.lines, i),
  }));
  const drawn = [...ordered]
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
  const legend = ordered.map(({ color }, i) =>
    [
      element("path", {
        d: "M0,0H16",
        transform: moved(width + 14, 12 + 22 * i),
        stroke: color,
        "stroke-width": 2.4,
      }),
      label(names[i]!, { x: width + 36, y: 16 + 22 * i, "font-size": 12.5 }),
    ].join(""),
  );
  return [
    element("title", {}, escaped(chart.title)),
    element("desc", {}, escaped(chart.note)),
    element("rect", { class: "ground", ...size, fill: "white" }),
    element(
      "g",
      { transform: moved(MARGIN.left, MARGIN.top), "font-family": FONT },
      label(chart.title, { class: "title", y: -30, "font-size": 16, "font-weight": 700 }),
      label(chart.note, { class: "note", y: -11, "font-size": 12.5, fill: QUIET }),
      ...axes(chart, { width, height, domain, x, y }),
      element("clipPath", { id: clip }, element("rect", { y: -4, width, height: height + 4 })),
      element("g", { "clip-path": `url(#${clip})` }, ...drawn),
      ...legend,
    ),
  ].join("");
}

function colorOf(lines: readonly ChartLine[], i: number): string {
  const k = lines.slice(0, i).filter(({ isFaint }) => !isFaint).length;
  return k === 0 ? INK : COLORS[(k - 1) % COLORS.length]!;
}

function label(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return element("text", { fill: INK, ...attributes }, escaped(text));
}

function axes(
  { xLabel, yLabel }: LineChart,
  {
    width,
    height,
    domain,
    x,
    y,
  }: PictureSize & {
    readonly domain: ReturnType<typeof chartDomains>;
    x(value: number): number;
    y(value: number): number;
  },
): string[] {
  const small = { "font-size": 12 };
  const across = lossTicks(domain.x, Math.max(2, Math.floor(width / 90))).map(({ value, label: text }) =>
    label(text, { x: x(value), y: height + 18, "text-anchor": "middle", ...small }),
  );
  const up = lossTicks(domain.y, 6).map(({ value, label: text }) => {
    const at = Math.round(y(value)) + 0.5;
    return [
      element("path", { class: "grid", d: `M0,0H${width}`, transform: moved(0, at), stroke: GRID }),
      label(text, { x: -8, y: at + 4, "text-anchor": "end", ...small }),
    ].join("");
  });
  return [
    ...up,
    ...across,
    element("path", { class: "domain", d: `M0,${height + 0.5}H${width}`, stroke: AXIS }),
    label(xLabel, { x: width / 2, y: height + 38, "text-anchor": "middle", "font-size": 12.5 }),
    label(yLabel, {
      transform: `${moved(-52, height / 2)} rotate(-90)`,
      "text-anchor": "middle",
      "font-size": 12.5,
    }),
  ];
}

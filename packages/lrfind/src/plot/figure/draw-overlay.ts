import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { COLORS, element } from "../../draw/index.js";
import { type NamedResult, type Overlay, type OverlayLine, overlayOf } from "../overlay.js";
import {
  drawFrame,
  type Layers,
  type Panel,
  type PanelSize,
  type Plot,
  type PlotSize,
  panelOf,
} from "./frame.js";
import { INK, type LegendEntry, legendWidth, shortened } from "./legend.js";
import { type FigureOptions, pictureSize } from "./options.js";
import { nearby, thinned } from "./points.js";

/** Lines stay apart where colours do not. */
export const DASHES = [undefined, "7,3", "2,3", "9,3,2,3", "4,4", "12,4", "1,4", "7,3,2,3,2,3"];

/** Draws several results on common axes as the inside of an SVG. */
export function drawOverlay(results: readonly NamedResult[], options: FigureOptions, clip: string): string {
  const overlay = overlayOf(results);
  const { width, height } = pictureSize(options);
  const entries = overlay.lines.map(
    ({ label }, i): LegendEntry => ({
      label: shortened(label, width),
      color: colorOf(i),
      shape: "bar",
      dash: DASHES[i % 8],
    }),
  );
  const layout = { title: options.title ?? "Learning rate range tests", notes: overlay.notes, width, height };
  const frame = { ...layout, clip, entries, legendWidth: legendWidth(entries) };
  return drawFrame(frame, (size) => layersOf(overlay, size));
}

/** Draws the plot of several results alone, for a page that has title, notes and legend of its own. */
export function drawOverlayPanel(overlay: Overlay, size: PanelSize, clip: string): Panel {
  return panelOf(size, clip, (inner) => layersOf(overlay, inner));
}

function layersOf(overlay: Overlay, size: PlotSize): Layers {
  const lrDomain = lrDomainOf(overlay);
  const { lossDomain } = overlay;
  const plot = {
    ...size,
    x: scaleLog(lrDomain, [0, size.width]),
    y: scaleLinear(lossDomain, [size.height, 0]),
  };
  return {
    plot,
    lrDomain,
    lossDomain,
    inside: overlay.lines.map((curve, i) => pathOf(curve, plot, { overlay, i })),
    over: overlay.lines.map((curve, i) => dotOf(curve, plot, i)),
  };
}

/** The colour of the i-th line. */
export function colorOf(i: number): string {
  return [INK, ...COLORS][i % (COLORS.length + 1)]!;
}

/** Never of zero width. */
function lrDomainOf({ lrDomain: [low, high] }: Overlay): readonly [number, number] {
  if (!(low > 0)) return [1e-7, 10];
  return high > low ? [low, high] : [low / Math.sqrt(10), high * Math.sqrt(10)];
}

function pathOf(curve: OverlayLine, plot: Plot, { overlay, i }: { overlay: Overlay; i: number }): string {
  const near = nearby(overlay.lossDomain);
  const places = thinned(curve.points).flatMap(({ lr, smoothed }): [number, number][] =>
    smoothed === null ? [] : [[plot.x(lr), plot.y(near(smoothed))]],
  );
  return element("path", {
    class: "smoothed",
    d: line().digits(2)(places) ?? "",
    fill: "none",
    stroke: colorOf(i),
    "stroke-width": 2.2,
    "stroke-dasharray": DASHES[i % 8],
    "stroke-linejoin": "round",
  });
}

function dotOf({ at }: OverlayLine, { x, y, height }: Plot, i: number): string {
  if (at === null) return "";
  const place = { cx: x(at.lr), cy: Math.min(height, Math.max(0, y(at.loss))) };
  return element("circle", {
    class: "dot",
    ...place,
    r: 5,
    fill: colorOf(i),
    stroke: "white",
    "stroke-width": 1.2,
  });
}

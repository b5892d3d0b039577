import { scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { element, moved, symbolPath } from "../../draw/index.js";
import type { PlottableFinding } from "../scene.js";
import { type Scene, type ScenePoint, sceneOf } from "../scene.js";
import { spreadMarks } from "../spread-marks.js";
import {
  drawFrame,
  type Layers,
  type Panel,
  type PanelSize,
  type Plot,
  type PlotSize,
  panelOf,
} from "./frame.js";
import {
  BAND_COLOR,
  INK,
  type LegendEntry,
  legendEntries,
  legendWidth,
  RAW_COLOR,
  TRIM_COLOR,
  TRIM_GROUND,
} from "./legend.js";
import { type FigureOptions, pictureSize } from "./options.js";
import { nearby, thinned } from "./points.js";

/**
 * Draws one finding as the inside of an SVG: title, axes, layers, legend.
 *
 * @param clip - The name of the plot's area, another one for each picture of a document.
 */
export function drawFinding(finding: PlottableFinding, options: FigureOptions, clip: string): string {
  const { title = "Learning rate range test" } = options;
  const { width, height } = pictureSize(options);
  const scene = sceneOf(finding);
  const { notes, marks } = scene;
  const entries = legendEntries(scene, width);
  const description = marks.map(({ label }) => label);
  const frame = {
    title,
    notes,
    description,
    width,
    height,
    entries,
    clip,
    legendWidth: legendWidth(entries),
  };
  return drawFrame(frame, (size) => layersOf(scene, size, entries));
}

/** Draws the plot of a scene alone, for a page that has title, notes and legend of its own. */
export function drawPanel(scene: Scene, size: PanelSize, clip: string): Panel {
  return panelOf(size, clip, (inner) => layersOf(scene, inner, legendEntries(scene, 880)));
}

function layersOf(scene: Scene, size: PlotSize, entries: readonly LegendEntry[]): Layers {
  const { lrDomain, lossDomain, marks } = scene;
  const plot = {
    ...size,
    x: scaleLog(lrDomain, [0, size.width]),
    y: scaleLinear(lossDomain, [size.height, 0]),
  };
  return {
    plot,
    lrDomain,
    lossDomain,
    under: [trimmedEnds(scene, plot)],
    inside: curves(scene, plot),
    over: suggestions(scene, plot, entries.slice(entries.length - marks.length)),
  };
}

function trimmedEnds({ trimmed }: Scene, { x, height }: Plot): string {
  return trimmed
    .map(({ from, to }) =>
      element("rect", { class: "trim", x: x(from), width: x(to) - x(from), height, fill: TRIM_GROUND }),
    )
    .join("");
}

/** Band, raw losses, curve: the trimmed ends of the curve are grey, the rest lies over it. */
function curves(scene: Scene, plot: Plot): string[] {
  const points = thinned(scene.points);
  const near = nearby(scene.lossDomain);
  const places = (rows: readonly ScenePoint[], pick: (point: ScenePoint) => number | null) =>
    rows.flatMap((point): [number, number][] => {
      const loss = pick(point);
      return loss === null ? [] : [[plot.x(point.lr), plot.y(near(loss))]];
    });
  const path = line().digits(2);
  const raw = places(points, ({ raw }) => raw);
  const kept = points.filter((point) => point.kept);
  const smoothed = (rows: readonly ScenePoint[]) => path(places(rows, ({ smoothed }) => smoothed)) ?? "";
  const band = area<Scene["band"][number]>()
    .digits(2)
    .x(({ lr }) => plot.x(lr))
    .y0(({ low }) => plot.y(near(low)))
    .y1(({ high }) => plot.y(near(high)))(thinned(scene.band));
  const stroke = { fill: "none", "stroke-width": 2.5, "stroke-linejoin": "round" };
  return [
    element("path", { class: "band", d: band ?? "", fill: BAND_COLOR, "fill-opacity": "0.75" }),
    element("path", {
      class: "raw",
      d: path(raw) ?? "",
      fill: "none",
      stroke: RAW_COLOR,
      "stroke-opacity": "0.35",
    }),
    element("path", { class: "raw-dots", d: discs(raw, 2.1), fill: RAW_COLOR, "fill-opacity": "0.55" }),
    element("path", { class: "trimmed", d: smoothed(points), stroke: TRIM_COLOR, ...stroke }),
    element("path", { class: "smoothed", d: smoothed(kept), stroke: INK, ...stroke }),
  ];
}

/** A disc at each place, as one path. */
function discs(places: readonly (readonly [number, number])[], radius: number): string {
  const arc = `a${radius},${radius},0,1,0,`;
  return places
    .map(([x, y]) => `M${(x - radius).toFixed(2)},${y.toFixed(2)}${arc}${2 * radius},0${arc}${-2 * radius},0`)
    .join("");
}

/** The suggestions' rules, dots on the curve, and symbols: there, or, where they would cover each other, above or below. */
function suggestions({ marks }: Scene, { x, y, height }: Plot, entries: readonly LegendEntry[]): string[] {
  const found = marks.flatMap(({ at }, i) =>
    at === null ? [] : { ...entries[i]!, x: x(at.lr), y: y(at.loss) },
  );
  const places = spreadMarks(found, { gap: 17, height });
  const rules = found.map(({ x, color }) =>
    element("path", {
      class: "rule",
      d: `M0,0V${height}`,
      transform: moved(x, 0),
      stroke: color,
      "stroke-dasharray": "3,3",
      "stroke-opacity": "0.8",
    }),
  );
  const dots = found.map(({ x, y, color }) =>
    element("path", { class: "dot", d: symbolPath("circle", 36), transform: moved(x, y), fill: color }),
  );
  const symbols = found.map(({ x, color, shape }, i) =>
    element("path", {
      class: "symbol",
      d: shape === "bar" || shape === "dot" ? "" : symbolPath(shape, 120),
      transform: moved(x, places[i]!.y),
      fill: color,
      stroke: "white",
      "stroke-width": 1.2,
    }),
  );
  return [...rules, ...dots, ...symbols];
}

import { element, escaped, FONT, moved, QUIET } from "../../draw/index.js";
import { drawLossAxis, drawRateAxis } from "./axes.js";
import { drawLegend, INK, type LegendEntry } from "./legend.js";

const SUBTITLE_LINE = 17;

/** Size of the plot without its margins, in pixels. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** A plot and its scales. */
export interface Plot extends PlotSize {
  x(lr: number): number;
  y(loss: number): number;
}

/** What stands around a plot. */
export interface Frame extends PlotSize {
  readonly title: string;
  readonly notes: readonly string[];
  /** What a screen reader says of the picture besides its notes. */
  readonly description?: readonly string[];
  readonly entries: readonly LegendEntry[];
  readonly legendWidth: number;
  /** The name of the plot's area, another one for each picture of a document. */
  readonly clip: string;
}

/** The parts of a plot, as elements. */
export interface Layers {
  readonly plot: Plot;
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
  /** Under the axes, clipped to the plot. */
  readonly under?: readonly string[];
  /** Over the axes, clipped to the plot. */
  readonly inside: readonly string[];
  /** On top, not clipped. */
  readonly over: readonly string[];
}

/**
 * Draws title, notes, axes and legend around what a plot shows.
 *
 * Fixed margins, and a legend as wide as its text in Lato: the size does not depend on which fonts are installed.
 */
export function drawFrame(frame: Frame, layersOf: (size: PlotSize) => Layers): string {
  const left = 72;
  const top = 46 + SUBTITLE_LINE * frame.notes.length;
  const size = { width: frame.width - left - frame.legendWidth, height: frame.height - top - 50 };
  const layers = layersOf(size);
  const notes = frame.notes.map((note, i) =>
    element(
      "text",
      { class: "note", y: 38 - top + SUBTITLE_LINE * (i + 0.5), "font-size": 12.5, fill: QUIET },
      escaped(note),
    ),
  );
  return [
    element("title", {}, escaped(frame.title)),
    element(
      "desc",
      {},
      escaped([...frame.notes, ...(frame.description ?? frame.entries.map(({ label }) => label))].join(" ")),
    ),
    element("rect", { class: "ground", width: frame.width, height: frame.height, fill: "white" }),
    element(
      "g",
      { transform: moved(left, top), "font-family": FONT },
      element(
        "text",
        { class: "title", y: 26 - top, "font-size": 17, "font-weight": 700, fill: INK },
        escaped(frame.title),
      ),
      ...notes,
      ...drawLayers(layers, size, frame.clip),
      drawLegend(frame.entries, size.width, frame.height - top),
    ),
  ].join("");
}

/** Axes, and what a plot shows under and over them. */
function drawLayers(layers: Layers, size: PlotSize, clip: string): string[] {
  const { plot, lrDomain, lossDomain, under = [], inside, over } = layers;
  const clipped = (...parts: readonly string[]) => element("g", { "clip-path": `url(#${clip})` }, ...parts);
  return [
    element("clipPath", { id: clip }, element("rect", { ...size })),
    clipped(under.join("")),
    drawRateAxis(lrDomain, plot),
    drawLossAxis(lossDomain, plot),
    clipped(...inside),
    ...over,
  ];
}

/** The size of a panel, margins for its axes included. */
export interface PanelSize {
  readonly width: number;
  readonly height: number;
}

/** A plot without title and legend, and where its numbers lie. */
export interface Panel extends PanelSize {
  /** The inside of an SVG of that size. */
  readonly svg: string;
  /** The plot without its margins. */
  readonly plot: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
}

const PANEL = { left: 66, top: 26, right: 14, bottom: 48 };

/** Draws the plot alone. */
export function panelOf(
  { width, height }: PanelSize,
  clip: string,
  layersOf: (size: PlotSize) => Layers,
): Panel {
  const { left, top, right, bottom } = PANEL;
  const size = { width: width - left - right, height: height - top - bottom };
  const layers = layersOf(size);
  const svg = element(
    "g",
    { transform: moved(left, top), "font-family": FONT },
    ...drawLayers(layers, size, clip),
  );
  const { lrDomain, lossDomain } = layers;
  return { svg, width, height, plot: { x: left, y: top, ...size }, lrDomain, lossDomain };
}

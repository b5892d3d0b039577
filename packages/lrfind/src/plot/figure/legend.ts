import type { Scene } from "../scene.js";
import { shortenedTo, widthOf } from "../terminal/text-width.js";
import { markStyles } from "./palette.js";

export const INK = "#1b1f24";
export const RAW_COLOR = "#7c8896";
export const TRIM_COLOR = "#b3bac3";
export const TRIM_GROUND = "#e9ecf0";
const SILENT_COLOR = "#d0d5db";
export const BAND_COLOR = "#a8c6ec";

/** Vega draws legend symbols as filled shapes: a bar stands for a line, a small disc for a faint dot. */
const BAR = "M-1,-0.25L1,-0.25L1,0.25L-1,0.25Z";
const SMALL_DISC = "M0.5,0A0.5,0.5,0,1,1,-0.5,0A0.5,0.5,0,1,1,0.5,0Z";

/** Pixels of the legend beside its text, and those that one character takes on average, rounded up. */
const LEGEND_FRAME = 52;
const LEGEND_CHARACTER = 6.7;

/** One line of the legend; its label is the scales' domain value, too. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly shape: string;
}

/**
 * Lists the whole legend: the lines first, then every suggestion, in grey where it has no answer.
 *
 * @param scene - What is drawn.
 * @param width - Width of the picture; the legend takes at most 45 % of it.
 */
export function legendEntries(scene: Scene, width: number): LegendEntry[] {
  const mostCharacters = Math.floor((0.45 * width - LEGEND_FRAME) / LEGEND_CHARACTER);
  const styles = markStyles(scene.marks.map(({ name }) => name));
  const band = { label: `range of ${scene.runCount} runs`, color: BAND_COLOR, shape: "square" };
  return [
    { label: "smoothed loss", color: INK, shape: BAR },
    { label: scene.rawName, color: RAW_COLOR, shape: SMALL_DISC },
    { label: "trimmed ends", color: TRIM_COLOR, shape: "square" },
    ...(scene.band.length > 0 ? [band] : []),
    ...scene.marks.map(({ label, at }, i) => ({
      // Vega's own limit goes by a rough width and would cut labels that fit.
      label: shortenedTo(label, mostCharacters),
      shape: styles[i]!.shape,
      color: at === null ? SILENT_COLOR : styles[i]!.color,
    })),
  ];
}

/** The room that the legend needs at the right, in pixels: by rule of thumb, as no font is at hand to measure. */
export function legendWidth(entries: readonly LegendEntry[]): number {
  return Math.ceil(LEGEND_FRAME + LEGEND_CHARACTER * Math.max(...entries.map(({ label }) => widthOf(label))));
}

/** Sizes at which so many entries fit into so many pixels of height: smaller than usual only where they must be. */
export function legendFit(entries: number, height: number): object {
  const row = height / entries;
  return {
    labelFontSize: Math.min(13, Math.floor(0.7 * row)),
    rowPadding: Math.max(0, Math.min(6, Math.floor(row - 20))),
    symbolSize: Math.min(150, Math.floor((0.6 * row) ** 2)),
  };
}

import {
  element,
  escaped,
  INK,
  markStyles,
  moved,
  type SymbolName,
  shortenedToPixels,
  symbolPath,
  textWidth,
} from "../../draw/index.js";
import type { Scene } from "../scene.js";

export { INK };
export const RAW_COLOR = "#7c8896";
export const TRIM_COLOR = "#b3bac3";
export const TRIM_GROUND = "#e9ecf0";
const SILENT_COLOR = "#d0d5db";
export const BAND_COLOR = "#a8c6ec";

/** Pixels of the legend beside its text: from the plot to the symbols, from there to the text, and behind it. */
const OFFSET = 18;
const TEXT_AT = 20;
const BEHIND = 12;
const FRAME = OFFSET + TEXT_AT + BEHIND;

const FONT_SIZE = 13;
const ROW = 24;

/** One line of the legend. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly shape: SymbolName | "bar" | "dot";
  /** The dashes of a bar; a whole line where undefined. */
  readonly dash?: string | undefined;
}

/** A label as much as a legend has room for in a picture of some width: at most 45 % of it. */
export function shortened(label: string, width: number): string {
  return shortenedToPixels(label, FONT_SIZE, 0.45 * width - FRAME);
}

/**
 * Lists the whole legend: the lines first, then every suggestion, in grey where it has no answer.
 *
 * @param scene - What is drawn.
 * @param width - Width of the picture; the legend takes at most 45 % of it.
 */
export function legendEntries(scene: Scene, width: number): LegendEntry[] {
  const styles = markStyles(scene.marks.map(({ name }) => name));
  const band: LegendEntry = { label: `range of ${scene.runCount} runs`, color: BAND_COLOR, shape: "square" };
  return [
    { label: "smoothed loss", color: INK, shape: "bar" },
    { label: scene.rawName, color: RAW_COLOR, shape: "dot" },
    { label: "trimmed ends", color: TRIM_COLOR, shape: "square" },
    ...(scene.band.length > 0 ? [band] : []),
    ...scene.marks.map(({ label, at }, i) => ({
      label: shortened(label, width),
      shape: styles[i]!.shape,
      color: at === null ? SILENT_COLOR : styles[i]!.color,
    })),
  ];
}

/** The room that the legend needs at the right of the plot, in pixels. */
export function legendWidth(entries: readonly LegendEntry[]): number {
  return Math.ceil(FRAME + Math.max(...entries.map(({ label }) => textWidth(label, FONT_SIZE))));
}

/**
 * Draws the legend, in rows that are lower than usual only where they must be.
 *
 * @param x - Where the plot ends.
 * @param height - The room for all rows.
 */
export function drawLegend(entries: readonly LegendEntry[], x: number, height: number): string {
  const row = Math.min(ROW, height / entries.length);
  const size = Math.min(FONT_SIZE, Math.floor(0.7 * row));
  const rows = entries.map((entry, i) => {
    const { label } = entry;
    const y = (i + 0.5) * row;
    return [
      legendSymbol(entry, y, Math.min(120, (0.5 * row) ** 2)),
      element(
        "text",
        {
          x: TEXT_AT,
          y: y + 0.34 * size,
          // As wide as in Lato in whatever font the viewer has: nothing is cut.
          textLength: textWidth(label, size),
          lengthAdjust: "spacingAndGlyphs",
        },
        escaped(label),
      ),
    ];
  });
  return element(
    "g",
    { class: "legend", transform: moved(x + OFFSET, 0), "font-size": size, fill: INK },
    ...rows.flat(),
  );
}

function legendSymbol({ shape, color, dash }: LegendEntry, y: number, size: number): string {
  const x = 6;
  if (shape === "bar") {
    const line = { d: "M-6,0H6", transform: moved(x, y), stroke: color, "stroke-width": 2.5 };
    return element("path", { ...line, "stroke-dasharray": dash });
  }
  const path = shape === "dot" ? symbolPath("circle", 20) : symbolPath(shape, size);
  return element("path", { d: path, transform: moved(x, y), fill: color });
}

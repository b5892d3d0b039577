import { formatRate } from "../../core/index.js";
import { lossTicks, rateTicks } from "../../draw/index.js";
import type { Overlay } from "../overlay.js";
import { apart, gridOf } from "./chart.js";
import { markStyle, type Piece, packed } from "./text.js";

/** The most lines of the picture that the axes and their labels take. */
const AXES = 2;

/**
 * Several results on common axes: each curve is drawn by the digit that stands before its name in the legend, so that it can
 * be told without colours; a diamond is where its first suggester stands.
 *
 * @returns Lines of pieces, at most `columns` wide and `rows` high.
 */
export function overlayText(
  overlay: Overlay,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Piece[][] {
  const sentence = (text: string) =>
    packed(
      text.split(" ").map((word) => [{ text: word }]),
      { columns, most: 2, gap: 1 },
    );
  const heading = sentence(overlay.notes.join(" "));
  const legend = packed(
    overlay.lines.map(({ label }, i) => [
      { text: String(i + 1), style: markStyle(i) },
      { text: ` ${label}` },
    ]),
    { columns, most: Math.floor(rows / 2), gap: 3 },
  );
  const height = rows - heading.length - legend.length - AXES;
  const ticks = lossTicks(overlay.lossDomain, Math.max(2, Math.round(height / 3)));
  const gutter = Math.max(4, ...ticks.map(({ label }) => label.length));
  const grid = gridOf(overlay, columns - gutter - 1, height);
  const cells: Piece[][] = Array.from({ length: height }, () =>
    Array.from({ length: grid.width }, () => ({ text: " " })),
  );
  const drawable = overlay.lines.some(({ points }) => points.some(({ smoothed }) => smoothed !== null));
  if (!drawable) return [...heading, ...sentence("No plot: no loss is finite."), ...legend];
  const set = (lr: number, loss: number, piece: Piece) => {
    const [low, high] = overlay.lossDomain;
    const row = cells[grid.rowOf(Math.min(high, Math.max(low, loss)))];
    const column = grid.columnOf(lr);
    if (row?.[column] !== undefined) row[column] = piece;
  };
  for (const [i, { points }] of overlay.lines.entries()) {
    for (const { lr, smoothed } of points) {
      if (smoothed !== null) set(lr, smoothed, { text: String(i + 1), style: markStyle(i) });
    }
  }
  for (const [i, { at }] of overlay.lines.entries()) {
    if (at !== null) set(at.lr, at.loss, { text: "◆", style: markStyle(i) });
  }
  const labels = new Map(ticks.map(({ value, label }) => [grid.rowOf(value), label]));
  const body = cells.map((row, i): Piece[] => [
    { text: `${(labels.get(i) ?? "").padStart(gutter)}${labels.has(i) ? "┤" : "│"}` },
    ...row,
  ]);
  return [...heading, ...body, ...axis(overlay, { gutter, ...grid }), ...legend];
}

/** The axis of rates, and its labels. */
function axis(
  { lrDomain }: Overlay,
  {
    gutter,
    width,
    columnOf,
  }: { readonly gutter: number; readonly width: number; columnOf(lr: number): number },
): Piece[][] {
  const rates = rateTicks(lrDomain, Math.max(2, Math.floor(width / 8)));
  const labels = apart(rates.map((rate) => [columnOf(rate), formatRate(rate)]));
  const line = Array.from({ length: width }, (_, column) => (labels.has(column) ? "┬" : "─")).join("");
  let under = " ".repeat(gutter + 1);
  for (const [column, label] of labels) {
    const start = gutter + 1 + column - Math.floor(label.length / 2);
    const room = gutter + 1 + width - label.length;
    under = `${under.padEnd(Math.max(0, Math.min(start, room)))}${label}`;
  }
  return [[{ text: `${" ".repeat(gutter)}└${line}` }], [{ text: under }]];
}

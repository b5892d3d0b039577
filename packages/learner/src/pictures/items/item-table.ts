import {
  element,
  GRID,
  headed,
  label,
  moved,
  paddedTo,
  shortenedTo,
  shortenedToPixels,
  textWidth,
  widthOf,
  wrapped,
} from "lrfind/draw";
import type { PictureParts } from "../picture.js";
import { type LabelledItems, WRONG } from "./labelled-item.js";

const SIZE = 12.5;
const GAP = 18;
const HEAD = 76;
const LINE = 24;
const LARGEST = 1040;
/** A column is cut to this many pixels, unless there is room. */
const WIDEST = 200;
/** The same in columns of a terminal, and how many lines a text has there. */
const TEXT_WIDEST = 20;
const TEXT_LINES = 3;

/** A table: a row for each item, its labels first, as they are what one looks for. */
interface Cells {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The first columns, which are labels and always shown. */
  readonly labelCount: number;
}

/** Items of named values, as a table. */
export function itemTable(list: LabelledItems): Omit<PictureParts, "where"> {
  const { title, note, items } = list;
  const cells = cellsOf(list);
  const wanted = cells.names.map((name, c) =>
    Math.max(textWidth(name, SIZE) * 1.08, ...cells.rows.map((row) => textWidth(row[c]!, SIZE))),
  );
  const { widths, left } = fitted(wanted, {
    room: LARGEST - 40,
    gap: GAP,
    widest: WIDEST,
    labels: cells.labelCount,
  });
  const width = Math.max(420, 40 + widths.reduce((sum, each) => sum + each + GAP, -GAP));
  const height = HEAD + LINE * (items.length + 1) + 12;
  return {
    width,
    height,
    draw: () => {
      const starts = widths.map((_, c) => widths.slice(0, c).reduce((sum, each) => sum + each + GAP, 20));
      const cell = (content: string, c: number, y: number, more: Readonly<Record<string, string | number>>) =>
        label(shortenedToPixels(content, SIZE, widths[c]!), { x: starts[c]!, y, "font-size": SIZE, ...more });
      const rows = cells.rows.map((row, r) =>
        element(
          "g",
          { class: items[r]!.isWrong ? "item wrong" : "item" },
          element("path", {
            class: "grid",
            d: `M0,0H${Math.round(width - 40)}`,
            transform: moved(20, HEAD + LINE * r + 8.5),
            stroke: GRID,
          }),
          ...widths.map((_, c) =>
            cell(row[c]!, c, HEAD + LINE * (r + 1), {
              ...(items[r]!.isWrong && c < cells.labelCount ? { fill: WRONG } : {}),
            }),
          ),
        ),
      );
      return headed(
        { title, note: withLeft(note, left), width, height },
        ...widths.map((_, c) => cell(cells.names[c]!, c, HEAD, { "font-weight": 700 })),
        ...rows,
      );
    },
    text: (columns) => textTable(list, cells, columns),
  };
}

function cellsOf({ items }: LabelledItems): Cells {
  const rows = items.map(({ shown, labels }) => [
    ...labels,
    ...(shown.kind === "fields" ? shown.fields : []),
  ]);
  return {
    names: rows[0]?.map(({ name }) => name) ?? [],
    rows: rows.map((row) => row.map(({ value }) => value)),
    labelCount: items[0]?.labels.length ?? 0,
  };
}

/**
 * The widths of as many columns as there is room for, the labels among them; the last may be as wide as what is left.
 *
 * @returns Their widths, and how many columns were left out.
 */
function fitted(
  wanted: readonly number[],
  {
    room,
    gap,
    widest,
    labels,
  }: { readonly room: number; readonly gap: number; readonly widest: number; readonly labels: number },
): { readonly widths: readonly number[]; readonly left: number } {
  const widths: number[] = [];
  let used = -gap;
  for (const [c, want] of wanted.entries()) {
    const free = room - used - gap;
    const least = Math.min(want, widest);
    // A column of a few letters says nothing: it is left out, but for labels, which share what room there is.
    const width = c < labels ? Math.min(least, Math.max(1, Math.floor(room / labels) - gap)) : least;
    if (c >= labels && width > free) break;
    widths.push(c === wanted.length - 1 ? Math.min(want, Math.max(width, free)) : width);
    used += gap + widths.at(-1)!;
  }
  return { widths, left: wanted.length - widths.length };
}

function withLeft(note: string, left: number): string {
  return left === 0 ? note : `${note}; ${left} more ${left === 1 ? "column" : "columns"}`;
}

function textTable(
  { title, note, items }: LabelledItems,
  { names, rows, labelCount }: Cells,
  columns: number,
): string {
  const wanted = names.map((name, c) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[c]!))));
  // A long text stands in lines of its own, under its labels.
  const isLong = wanted.length === labelCount + 1 && wanted.at(-1)! > columns / 2;
  const { widths, left } = fitted(isLong ? wanted.slice(0, -1) : wanted, {
    room: columns - 2,
    gap: 2,
    widest: TEXT_WIDEST,
    labels: labelCount,
  });
  const line = (row: readonly string[], sign: string) =>
    `${sign} ${widths.map((width, c) => paddedTo(shortenedTo(row[c]!, width), width)).join("  ")}`.trimEnd();
  const below = (row: readonly string[]) => {
    const lines = wrapped(row.at(-1)!, columns - 4);
    if (lines.length > TEXT_LINES) lines[TEXT_LINES - 1] += " …";
    return lines.slice(0, TEXT_LINES).map((each) => `    ${each}`);
  };
  return [
    title,
    withLeft(note, left),
    "",
    line(names, " "),
    `  ${"─".repeat(
      Math.max(
        0,
        widths.reduce((sum, width) => sum + width + 2, -2),
      ),
    )}`,
    ...rows.flatMap((row, r) => [line(row, items[r]!.isWrong ? "!" : " "), ...(isLong ? below(row) : [])]),
  ]
    .map((each) => shortenedTo(each, columns))
    .join("\n");
}

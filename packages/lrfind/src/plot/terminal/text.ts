import pico from "picocolors";
import { cutTo, widthOf } from "../../draw/index.js";

/** Styles that picocolors knows, all of which apply. */
export type Style = readonly ("bold" | "gray" | "red" | "blue" | "green" | "magenta" | "yellow" | "cyan")[];

/** Text of one style. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

export const RAW_STYLE: Style = ["gray"];
export const TRIM_STYLE: Style = ["gray"];

const MARK_COLORS = ["red", "blue", "green", "magenta", "yellow", "cyan"] as const;

/** The style of the i-th suggestion's letter. */
export function markStyle(index: number): Style {
  return ["bold", MARK_COLORS[index % MARK_COLORS.length]!];
}

/**
 * Sets items side by side into lines.
 *
 * @param items - Each stays whole, unless it alone is longer than a line: then it is cut.
 * @param options.columns - Most columns per line.
 * @param options.most - Most lines; what does not fit is replaced by an ellipsis.
 * @param options.gap - Spaces between two items.
 */
export function packed(
  items: readonly (readonly Piece[])[],
  { columns, most, gap }: { readonly columns: number; readonly most: number; readonly gap: number },
): Piece[][] {
  const lines: Piece[][] = [];
  for (const item of items) {
    const line = lines.at(-1);
    // The last line keeps room for the ellipsis.
    const limit = lines.length === most ? columns - gap - 1 : columns;
    if (line !== undefined && lengthOf(line) + gap + lengthOf(item) <= limit) {
      line.push({ text: " ".repeat(gap) }, ...item);
    } else if (lines.length < most) {
      lines.push(cut(item, most === lines.length + 1 ? columns - gap - 1 : columns));
    } else {
      line?.push({ text: `${" ".repeat(gap)}…` });
      break;
    }
  }
  return lines;
}

/** One line as a string, coloured as `color` says; undefined leaves it to the terminal, NO_COLOR and FORCE_COLOR. */
export function painted(line: readonly Piece[], color: boolean | undefined): string {
  const end = line.findLastIndex(({ text }) => text.trim() !== "");
  const visible = line.slice(0, end + 1);
  const colors = pico.createColors(color ?? pico.isColorSupported);
  return visible
    .map(({ text, style }, i) => {
      const shown = i === end ? text.trimEnd() : text;
      return (style ?? []).reduce((painted, name) => colors[name](painted), shown);
    })
    .join("");
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + widthOf(text), 0);
}

function cut(pieces: readonly Piece[], length: number): Piece[] {
  let left = length;
  return pieces.map((piece) => {
    const text = cutTo(piece.text, left);
    // Where one piece is cut, nothing of the next ones follows, even if it were narrower.
    left = text === piece.text ? left - widthOf(text) : 0;
    return { ...piece, text };
  });
}

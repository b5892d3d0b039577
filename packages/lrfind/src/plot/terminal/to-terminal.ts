import { boolean, type Checks, checkOptions, integer, terminalColumns } from "../../core/index.js";
import { checkDrawable } from "../checks.js";
import { type NamedResult, overlayOf } from "../overlay.js";
import { findingsOf, type Plottable, type Scene, sceneOf } from "../scene.js";
import { drawChart } from "./chart.js";
import { overlayText } from "./overlay-text.js";
import { markStyle, type Piece, packed, painted, RAW_STYLE, TRIM_STYLE } from "./text.js";

const SPARE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** How a terminal plot is laid out. */
export interface TerminalOptions {
  /**
   * Most columns per line, of which CJK characters and emoji take two; an integer from 20 to 1000.
   *
   * @default the variable COLUMNS, else the terminal's width, within 20 … 200; 80 where there is neither
   */
  readonly columns?: number;
  /**
   * Most lines of a picture, legend included; an integer from 12 to 1000. A finding per parameter group is a picture each.
   *
   * @default 24
   */
  readonly rows?: number;
  /**
   * Whether to colour. By default where standard output is a terminal or CI's log, and as NO_COLOR and FORCE_COLOR say.
   *
   * @default undefined
   */
  readonly color?: boolean;
  /**
   * Whether to show the raw mini-batch losses as faint dots.
   *
   * @default true
   */
  readonly raw?: boolean;
}

const OPTIONS: Checks<TerminalOptions> = {
  columns: integer({ min: 20, max: 1000 }),
  rows: integer({ min: 12, max: 1000 }),
  color: boolean,
  raw: boolean,
};

/**
 * Draws a result as text: the smoothed loss over the logarithm of the learning rate, raw losses as dots, the
 * trimmed ends as a light line, every suggestion as a letter on the curve, and under it a legend with the
 * rates. It never exceeds `columns` by `rows`. Several results are laid over one another: each curve is drawn by the digit that
 * stands before its name in the legend.
 *
 * @param result - The result to draw, or up to 8 of them with names; a curve of fewer than two points gives a message instead
 *   of a plot.
 * @param options - Size and colour.
 * @returns Lines joined by `\n`, without one at the end.
 * @throws {OptionError} when it is no result, or an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { toTerminal } from "lrfind/plot";
 *
 * console.log(toTerminal(result, { rows: 20 })); // as wide as the terminal
 * ```
 */
export function toTerminal(
  result: Plottable | readonly NamedResult[],
  options: TerminalOptions = {},
): string {
  checkDrawable("toTerminal", result);
  checkOptions("toTerminal", options, OPTIONS);
  const { columns = terminalColumns(), rows = 24, color, raw = true } = options;
  if (Array.isArray(result)) {
    const lines = overlayText(overlayOf(result as readonly NamedResult[]), { columns, rows });
    return lines.map((line) => painted(line, color)).join("\n");
  }
  return findingsOf(result as Plottable)
    .map((finding) => textOf(sceneOf(finding), { columns, rows, color, raw }))
    .join("\n\n");
}

interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean | undefined;
  readonly raw: boolean;
}

/** One picture as text. */
function textOf(scene: Scene, { columns, rows, color, raw }: Layout): string {
  const letters = lettersFor(scene.marks.map(({ name }) => name));
  const heading = packed(words(scene.notes), { columns, most: 2, gap: 1 });
  const legend = packed(legendItems(scene, letters, raw), { columns, most: Math.floor(rows / 3), gap: 3 });
  const drawn = scene.points.filter(({ smoothed }) => smoothed !== null).length;
  const room = { columns, rows: rows - heading.length - legend.length };
  const body =
    drawn < 2
      ? packed(words([tooFew(drawn)]), { columns, most: room.rows, gap: 1 })
      : drawChart(scene, letters, { ...room, raw });
  return [...heading, ...body, ...legend].map((line) => painted(line, color)).join("\n");
}

/** Sentences as items that may go onto another line. */
function words(sentences: readonly string[]): Piece[][] {
  return sentences.flatMap((sentence) => sentence.split(" ").map((text) => [{ text }]));
}

function tooFew(drawn: number): string {
  return drawn === 1 ? "No plot: one loss makes no curve." : "No plot: no loss is finite.";
}

/** What each symbol stands for, suggestions last: they are what one came for. */
function legendItems(scene: Scene, letters: readonly string[], raw: boolean): Piece[][] {
  return [
    [{ text: "━ smoothed loss" }],
    [{ text: "─ trimmed ends", style: TRIM_STYLE }],
    ...(raw ? [[{ text: `· ${scene.rawName}`, style: RAW_STYLE }]] : []),
    ...scene.marks.map(({ label }, i): Piece[] => [
      { text: letters[i]!, style: markStyle(i) },
      { text: ` ${label}` },
    ]),
  ];
}

/** One letter per suggester: the first of its name that is still free, then any that is. */
function lettersFor(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const wanted = [...name.toUpperCase()].filter((char) => /[A-Z]/.test(char));
    const letter = [...wanted, ...SPARE_LETTERS].find((char) => !taken.has(char)) ?? "*";
    taken.add(letter);
    return letter;
  });
}

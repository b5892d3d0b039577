import {
  arrayOf,
  checkArgument,
  checkOptions,
  formatRate,
  integer,
  plainText,
  terminalColumns,
} from "../core/index.js";
import { paddedTo, widthOf, wrapped } from "../draw/index.js";
import type { Suggester, Suggestion } from "../finder/index.js";
import { suggestions as suggestionsCheck } from "../finder/internal.js";

/** How a table of suggestions is laid out. */
export interface SuggestionTableOptions {
  /**
   * Most columns per line, of which CJK characters and emoji take two; an integer of at least 20.
   *
   * @default the variable COLUMNS, else the terminal's width, within 20 … 200; 80 where there is neither
   */
  readonly columns?: number;
}

type Row = readonly [name: string, lr: string, meaning: string];

/** Borders, and a space on either side of each cell. */
const FRAME = 10;

const SUGGESTERS = arrayOf({
  expected: "a suggester",
  accepts: (value) => ["name", "summary"].every((field) => typeof Object(value)[field] === "string"),
});

/**
 * A table of what each suggester found and what that means, no wider than the terminal.
 *
 * @param suggestions - By suggester name, as `lrFind` and `suggest` give them.
 * @param suggestFuncs - The suggesters that were asked, for what they look for; one without a suggestion is left out.
 * @param options - Its width.
 * @returns Lines joined by `\n`, without one at the end.
 * @throws {OptionError} when an argument is not what it should be, or the width is no integer from 20 to 1000.
 *
 * @example
 * ```ts
 * console.log(suggestionTable(result.suggestions, suggestFuncs));
 * ```
 */
export function suggestionTable(
  suggestions: Readonly<Record<string, Suggestion>>,
  suggestFuncs: readonly Suggester[],
  options: SuggestionTableOptions = {},
): string {
  checkArgument("suggestionTable", "suggestions", suggestions, suggestionsCheck);
  checkArgument("suggestionTable", "suggestFuncs", suggestFuncs, SUGGESTERS);
  checkOptions<SuggestionTableOptions>("suggestionTable", options, {
    columns: integer({ min: 20, max: 1000 }),
  });
  const rows: Row[] = [["suggester", "lr", "what it is"]];
  for (const { name, summary } of suggestFuncs) {
    const suggestion = suggestions[name];
    if (!suggestion) continue;
    const meaning = suggestion.lr === null ? String(suggestion.reason) : summary;
    rows.push([plainText(name), formatRate(suggestion.lr), plainText(meaning)]);
  }
  const widths = columnWidths(rows, (options.columns ?? terminalColumns()) - FRAME);
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const between = `\n${rule("├", "┼", "┤")}\n`;
  return [
    rule("┌", "┬", "┐"),
    rows.map((row) => linesOf(row, widths).join("\n")).join(between),
    rule("└", "┴", "┘"),
  ].join("\n");
}

/** What each column needs, or, where there is less room, what is left to it: rates first, then names. */
function columnWidths(rows: readonly Row[], room: number): readonly [number, number, number] {
  const needed = ([0, 1, 2] as const).map((at) => Math.max(...rows.map((row) => widthOf(row[at]))));
  const rate = Math.min(needed[1]!, Math.max(Math.floor(room / 3), room - 8));
  const name = Math.min(needed[0]!, Math.floor((room - rate) / 2));
  return [name, rate, Math.min(needed[2]!, room - rate - name)];
}

function linesOf(row: Row, widths: readonly number[]): string[] {
  const cells = row.map((text, at) => wrapped(text, widths[at]!));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((lines, at) => paddedTo(lines[line] ?? "", widths[at]!));
    return `│ ${parts.join(" │ ")} │`;
  });
}

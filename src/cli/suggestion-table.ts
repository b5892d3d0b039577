import Table from "cli-table3";
import type { Suggester, Suggestion } from "../finder/index.js";

const WIDTH = 80;

/**
 * A table of what each suggester found and what that means, 80 columns wide.
 *
 * @param suggestions - By suggester name, as `lrFind` and `suggest` give them.
 * @param suggestFuncs - The suggesters that were asked, for what they look for.
 *
 * @example
 * ```ts
 * console.log(suggestionTable(result.suggestions, suggestFuncs));
 * ```
 */
export function suggestionTable(
  suggestions: Readonly<Record<string, Suggestion>>,
  suggestFuncs: readonly Suggester[],
): string {
  const table = new Table({
    head: ["suggester", "lr", "what it is"],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [11, 10, WIDTH - 25],
  });
  for (const { name, summary } of suggestFuncs) {
    const suggestion = suggestions[name];
    if (!suggestion) continue;
    const none = suggestion.lr === null;
    table.push([name, none ? "none" : suggestion.lr.toPrecision(2), none ? suggestion.reason : summary]);
  }
  return table.toString();
}

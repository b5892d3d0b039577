import { cellOf, TableMaker } from "../log-table.js";
import { isLossName } from "../names.js";
import type { TextFormat } from "./format.js";

/**
 * A name, of two words where the second says what it is ("train loss"), and its number: `s:0`, `loss=2.3`, `loss 2.3`.
 * Every repetition has a limit, so that a line takes time in proportion to its length.
 */
const PAIR =
  /([A-Za-z_][\w./-]{0,60}(?:[ ](?:loss|lr|rate))?)[ ]{0,4}[:= ][ ]{0,4}([+-]?(?:\d{1,30}(?:\.\d{0,40})?|\.\d{1,40})(?:e[+-]?\d{1,4})?|nan|[+-]?inf(?:inity)?|tensor\([^()]{1,40}\))(?![\w.])/gi;

/** Longer lines are no prints of a training. */
const MAX_LINE = 10_000;

/** What a training printed, a step a line: llm.c's log, nanoGPT's output, a progress bar's. */
export const textLines: TextFormat = {
  title: "printed lines",
  read(text, name) {
    const maker = new TableMaker(name);
    for (const line of text.split(/[\r\n]+/)) {
      if (line.length > MAX_LINE) continue;
      const cells = Array.from(line.matchAll(PAIR), ([, key, value]) => [key!, cellOf(value)] as const);
      if (cells.some(([key]) => isLossName(key))) maker.addRow(cells);
    }
    return maker.rows === 0 ? undefined : { tables: [maker.finish({ format: "printed lines" })] };
  },
};

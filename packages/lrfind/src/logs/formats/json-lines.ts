import { describe } from "../../core/index.js";
import { parseEvent } from "../../finder/index.js";
import { LogError } from "../errors.js";
import { TableMaker } from "../log-table.js";
import type { TextFormat } from "./format.js";
import { parsedJson } from "./json.js";
import { flatCells, isRecord } from "./rows.js";

/** One JSON object a line: detectron2's and MMDetection's metrics, lrfind's events, people's own logs. */
export const jsonLines: TextFormat = {
  title: "JSON lines",
  read(text, name) {
    if (!/^\s*\{/.test(text.slice(0, 4096))) return undefined;
    const lines = text.split(/[\r\n]+/);
    const maker = new TableMaker(name);
    let isOurs = false;
    for (const [i, line] of lines.entries()) {
      if (line.trim() === "") continue;
      const row = parsedJson(line);
      if (!isRecord(row)) {
        // What was being written when the process died.
        if (i >= lines.length - 2 && maker.rows > 0) break;
        throw new LogError("unreadable", {
          where: `${name}, line ${i + 1}`,
          expected: "a JSON object",
          got: describe(line.slice(0, 40)),
          hint: "one JSON object a line, or one JSON value in the whole file",
        });
      }
      if (row["kind"] === "point") {
        isOurs = true;
        const { lr, loss, step } = parseEvent(row) as { lr: number; loss: number; step: number };
        maker.addRow(Object.entries({ step, lr, loss }));
        continue;
      }
      if (isOurs || row["kind"] === "started") continue;
      maker.addRow(flatCells(row));
    }
    return { tables: [maker.finish({ format: isOurs ? "lrfind's events" : "JSON lines" })] };
  },
};

import { baseName } from "../log-file.js";
import { cellOf, TableMaker } from "../log-table.js";
import type { TextFormat } from "./format.js";

const LINE = /^(\d{9,17}) (\S{1,60}) (\d{1,15})$/;

/** MLflow's `metrics/<key>`: the time in milliseconds, the value, the step. */
export const mlflow: TextFormat = {
  title: "MLflow's metrics",
  read(text, name) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (lines.length === 0 || !LINE.test(lines[0]!)) return undefined;
    const maker = new TableMaker(name);
    for (const line of lines) {
      const [, , value, step] = LINE.exec(line) ?? [];
      if (step === undefined) continue;
      maker.addRow([
        ["step", Number(step)],
        [baseName(name), cellOf(value)],
      ]);
    }
    return { tables: [maker.finish({ format: "MLflow's metrics" })] };
  },
};

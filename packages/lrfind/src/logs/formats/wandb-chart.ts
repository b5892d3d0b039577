import type { Cell, LogTable } from "../log-table.js";

/**
 * The runs of a chart that Weights & Biases exported: `"Step","run - key","run - key__MIN","run - key__MAX"`, one metric
 * of many runs; undefined for another table.
 */
export function weightsAndBiasesChart(table: LogTable): readonly LogTable[] | undefined {
  const { columns } = table;
  const step = columns.get("Step");
  const others = [...columns.keys()].filter((name) => name !== "Step");
  if (step === undefined || others.length === 0 || !others.every((name) => name.includes(" - ")))
    return undefined;
  const runs = new Map<string, Map<string, readonly Cell[]>>();
  for (const name of others) {
    // The extremes of steps that the chart drew as one.
    if (/__(?:MIN|MAX)$/.test(name)) continue;
    const cut = name.lastIndexOf(" - ");
    const run = name.slice(0, cut);
    const of = runs.get(run) ?? new Map<string, readonly Cell[]>([["step", step]]);
    of.set(name.slice(cut + 3), columns.get(name)!);
    runs.set(run, of);
  }
  const notes = table.notes ?? [];
  return Array.from(runs, ([run, of]) => ({ format: "Weights & Biases' chart", run, columns: of, notes }));
}

import Papa from "papaparse";
import { LogError } from "../errors.js";
import { baseName } from "../log-file.js";
import { type Cell, cellOf, type LogTable } from "../log-table.js";
import { isLossName, isRateName } from "../names.js";
import type { TextFormat } from "./format.js";
import { weightsAndBiasesChart } from "./wandb-chart.js";

/** A table with one line of names: by commas, semicolons, tabs or bars. */
export const csv: TextFormat = {
  title: "CSV",
  read(text, name) {
    if (hasLongLine(text)) return undefined;
    const { data } = Papa.parse<string[]>(text, {
      skipEmptyLines: "greedy",
      delimitersToGuess: [",", "\t", ";", "|"],
    });
    const rows = data.map((row) => row.map((cell) => cell.trim()));
    if (!isTable(rows)) return undefined;
    const commas = hasDecimalCommas(rows);
    const number = commas ? (cell: string) => cellOf(cell.replace(",", ".")) : cellOf;
    const hasHeader = rows[0]!.some((cell) => cell !== "" && number(cell) === undefined);
    const header = hasHeader ? rows[0]! : rows[0]!.map((_, i) => headless(i, rows[0]!.length));
    refuseRunsTable(header, name);
    const body = wholeRows(hasHeader ? rows.slice(1) : rows, header.length, text);
    const columns = columnsOf(header, body.rows, number);
    const table = { format: formatOf(header), columns, notes: body.notes };
    const runs = weightsAndBiasesChart(table);
    if (runs !== undefined) return { tables: runs };
    return { tables: [named(table, name)] };
  },
};

/** A row of a log is no longer: to split what is takes minutes and gigabytes. */
const MAX_LINE = 2 ** 20;

function hasLongLine(text: string): boolean {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const to = end < 0 ? text.length : end;
    if (to - from > MAX_LINE) return true;
    from = to + 1;
  }
  return false;
}

/** Whether lines have the same cells, numbers among them: prints of a training have commas too, but not these. */
function isTable(rows: readonly (readonly string[])[]): boolean {
  const [first, ...others] = rows;
  if (first === undefined || first.length < 2 || others.length === 0) return false;
  const sample = others.slice(0, 100);
  const whole = sample.filter(({ length }) => length === first.length);
  const numeric = whole.some((row) => row.some((cell) => cellOf(cell.replace(",", ".")) !== undefined));
  return numeric && whole.length >= 0.7 * sample.length;
}

/** Whether numbers are written as 0,5: some have one comma and digits around it, and none a point. */
function hasDecimalCommas(rows: readonly (readonly string[])[]): boolean {
  const cells = rows.slice(1, 200).flat();
  return (
    cells.some((cell) => /^-?\d+,\d+(?:e-?\d+)?$/i.test(cell)) &&
    !cells.some((cell) => /^-?\d+\.\d/.test(cell))
  );
}

function headless(i: number, count: number): string {
  return count === 2 ? ["lr", "loss"][i]! : `column ${i + 1}`;
}

/** Rows of the header's length; a last one that was being written is left out. */
function wholeRows(
  rows: readonly (readonly string[])[],
  width: number,
  text: string,
): { readonly rows: readonly (readonly string[])[]; readonly notes: readonly string[] } {
  const last = rows.at(-1);
  const isCut = last !== undefined && last.length < width && !/[\r\n]$/.test(text);
  const kept = isCut ? rows.slice(0, -1) : rows;
  const odd = kept.filter(({ length }) => length !== width).length;
  const rest = kept.filter(({ length }) => length === width);
  return {
    rows: rest,
    notes: [
      ...(isCut ? ["The last row was cut off, and is left out."] : []),
      ...(odd > 0
        ? [
            `${odd} ${odd === 1 ? "row" : "rows"} of another length than the header's ${width} cells left out.`,
          ]
        : []),
    ],
  };
}

function columnsOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  number: (cell: string) => Cell,
): Map<string, readonly Cell[]> {
  const columns = new Map<string, readonly Cell[]>();
  for (const [i, name] of header.entries()) {
    // An unnamed first column is pandas' index.
    if (name === "" || columns.has(name)) continue;
    const cells = rows.map((row) => number(row[i]!));
    if (cells.some((cell) => cell !== undefined)) columns.set(name, cells);
  }
  return columns;
}

/** A table of runs, a line each: what they were set to, and what came out. */
function refuseRunsTable(header: readonly string[], name: string): void {
  if (!(header.includes("Name") && header.includes("State"))) return;
  throw new LogError("noRangeTest", {
    where: name,
    expected: "the history of a run",
    got: "Weights & Biases' table of runs, which has one line for each run and no step",
    hint: "a chart's CSV export, or run.history().to_csv(…)",
  });
}

function formatOf(header: readonly string[]): string {
  const has = (...names: readonly string[]) => names.every((name) => header.includes(name));
  if (has("Wall time", "Step", "Value")) return "TensorBoard's CSV";
  if (has("_step")) return "Weights & Biases' history";
  if (header.some((name) => /^(?:x|lr)\/(?:lr|pg)0$/.test(name))) return "YOLO's results.csv";
  if (
    header[0] === "epoch" &&
    !has("step") &&
    header.some((name) => name === "lr" || name === "learning_rate")
  ) {
    return "Keras's CSVLogger";
  }
  if (has("epoch", "step")) return "Lightning's metrics.csv";
  return "CSV";
}

/** TensorBoard calls every metric "Value": the file's name says which it is. */
function named(table: LogTable, file: string): LogTable {
  const { columns, format } = table;
  if (format !== "TensorBoard's CSV") return table;
  const base = baseName(file);
  const value = columns.get("Value") ?? [];
  const step = columns.get("Step") ?? [];
  const metric = isLossName(base) || isRateName(base) ? base : "Value";
  return {
    ...table,
    columns: new Map([
      ["step", step],
      [metric, value],
    ]),
  };
}

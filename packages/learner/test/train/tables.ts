import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LrfindError } from "lrfind/core";
import { expect } from "vitest";
import { planData, type TablePlan, type TrainDataOptions } from "../../src/train/index.js";

/** Where files of tests are written. */
export const folder = mkdtempSync(join(tmpdir(), "tables-"));
let count = 0;

/** A file of its own. */
export function file(contents: string | Uint8Array, ending = "csv"): string {
  const path = join(folder, `${count++}.${ending}`);
  writeFileSync(path, contents);
  return path;
}

/** The plan of a table whose target is y. */
export async function plan(
  contents: string | Uint8Array,
  options: TrainDataOptions = {},
): Promise<TablePlan> {
  return (await planData(file(contents), { target: "y", ...options })) as TablePlan;
}

/** What its columns are taken for. */
export async function specs(contents: string | Uint8Array, options?: TrainDataOptions) {
  return (await plan(contents, options)).recipe.columns;
}

/** The words in which it is refused. */
export async function refusal(
  contents: string | Uint8Array,
  options: TrainDataOptions = {},
): Promise<string> {
  const error = await plan(contents, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LrfindError);
  return (error as Error).message;
}

/** Columns of some cells each, beside a target of two classes. */
export function table(columns: Readonly<Record<string, readonly string[]>>, delimiter = ","): string {
  const names = Object.keys(columns);
  const rows = Object.values(columns)[0]!.map((_, i) =>
    [...names.map((name) => columns[name]![i]!), "ab"[i % 2]].join(delimiter),
  );
  return `${[[...names, "y"].join(delimiter), ...rows].join("\n")}\n`;
}

/** A column x alone. */
export function column(cells: readonly string[], delimiter = ","): string {
  return table({ x: cells }, delimiter);
}

/** Cells that come back, up to n of them. */
export function many(cells: readonly string[], n = 40): string[] {
  return Array.from({ length: n }, (_, i) => cells[i % cells.length]!);
}

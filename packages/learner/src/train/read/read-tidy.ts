import { type Checks, checkArgument, checkOptions, required, string } from "lrfind/core";
import type { Table } from "../../data/index.js";
import { DataError } from "../../data/internal.js";
import { RECIPE_CHECK } from "../checks.js";
import type { Recipe } from "../columns/column-spec.js";
import { tidyTable } from "../columns/tidy.js";
import { type ReadRawOptions, readRaw } from "./read-raw.js";

/** How a file is read and made tidy. */
export interface ReadTidyOptions extends ReadRawOptions {
  readonly recipe: Recipe;
  /** Rows without this column's value are left out. @default none is */
  readonly target?: string;
}

const OPTIONS: Checks<ReadTidyOptions> = {
  recipe: required(RECIPE_CHECK),
  target: string,
  delimiter: string,
  encoding: string,
};

/**
 * Reads a file and makes it tidy by a recipe: what `trainData` trains on, and the first line of the code that it writes.
 *
 * @param path - Of a CSV file, Parquet file or file of JSON lines.
 * @throws {DataError} for a file that cannot be read, or a cell that is not what its column is.
 *
 * @example
 * ```ts
 * const recipe = { columns: { species: { kind: "category" }, body_mass_g: { kind: "number" } }, missing: ["", "NA"] } as const;
 * const table = await readTidyTable("penguins.csv", { recipe, target: "species" });
 * ```
 */
export async function readTidyTable(path: string, options: ReadTidyOptions): Promise<Table> {
  checkArgument("readTidyTable", "path", path, string);
  checkOptions("readTidyTable", options, OPTIONS);
  const { recipe, target, ...reading } = options;
  const { table } = await readRaw(path, reading);
  return withTarget(tidyTable(table, recipe), target);
}

/** The rows that have a target. */
export function withTarget(table: Table, target: string | undefined): Table {
  const targets = target === undefined ? undefined : table.values.get(target);
  if (targets === undefined || targets.every((value) => value !== null)) return table;
  const rows = targets.flatMap((value, row) => (value === null ? [] : row));
  if (rows.length === 0)
    throw new DataError({ where: table.name, expected: "a row with a target", got: "none" });
  const values = new Map(
    Array.from(table.values, ([name, column]) => [name, rows.map((row) => column[row])]),
  );
  return { ...table, length: rows.length, values };
}

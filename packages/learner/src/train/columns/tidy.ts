import { checkArgument } from "lrfind/core";
import type { Table, TableRow } from "../../data/index.js";
import { DataError, TABLE } from "../../data/internal.js";
import { RECIPE_CHECK } from "../checks.js";
import type { ColumnSpec, Recipe } from "./column-spec.js";
import { MISSING } from "./column-spec.js";
import { type CalendarDate, DATE_PARTS, dateOf, datePartsOf } from "./date-form.js";
import { numberOf } from "./number-form.js";
import { isAbsent } from "./understand.js";

/** The columns that a column becomes. */
export function tidyNames(name: string, spec: ColumnSpec): readonly string[] {
  if (spec.kind === "ignore") return [];
  return spec.kind === "date" ? DATE_PARTS.map((part) => `${name}: ${part}`) : [name];
}

/**
 * A table with numbers as numbers, dates as their parts, missing values as null, and without what is left out.
 *
 * @param table - As `readTable` gives it.
 * @param recipe - As `planData` finds it, or `recipe` of a plan.
 * @throws {DataError} for a cell that is not what its column is; it names row and column.
 *
 * @example
 * ```ts
 * const table = tidyTable(await readTable("penguins.csv"), {
 *   columns: { species: { kind: "category" }, body_mass_g: { kind: "number" } },
 *   missing: ["NA"],
 * });
 * ```
 */
export function tidyTable(table: Table, recipe: Recipe): Table {
  checkArgument("tidyTable", "table", table, TABLE);
  checkArgument("tidyTable", "recipe", recipe, RECIPE_CHECK);
  const missing = new Set(recipe.missing);
  const values = new Map<string, readonly unknown[]>();
  for (const [name, spec] of Object.entries(recipe.columns)) {
    if (spec.kind === "ignore") continue;
    const column = table.values.get(name);
    if (column === undefined) {
      const known = table.columns.map((other) => JSON.stringify(other)).join(", ");
      throw new DataError({ where: table.name, expected: `a column ${JSON.stringify(name)}`, got: known });
    }
    const read = column.map((value, row) =>
      tidyValue(value, spec, {
        missing,
        where: () => `${table.name}, row ${row + 1}, column ${JSON.stringify(name)}`,
      }),
    );
    if (spec.kind !== "date") values.set(name, read);
    else
      for (const part of DATE_PARTS)
        values.set(
          `${name}: ${part}`,
          read.map((date) => date && datePartsOf(date as CalendarDate)[part]),
        );
  }
  return { name: table.name, length: table.length, columns: [...values.keys()], values };
}

/** A raw row with what the model needs, as `tidyTable` makes it. */
export function tidyRow(row: TableRow, recipe: Recipe): TableRow {
  const columns = Object.keys(recipe.columns).filter((name) => Object.hasOwn(row, name));
  const values = new Map(columns.map((name) => [name, [row[name]]]));
  const needed = Object.fromEntries(columns.map((name) => [name, recipe.columns[name]!]));
  const table = tidyTable({ name: "row", length: 1, columns, values }, { ...recipe, columns: needed });
  return Object.fromEntries(Array.from(table.values, ([name, [value]]) => [name, value]));
}

function tidyValue(
  value: unknown,
  spec: ColumnSpec,
  { missing, where }: { readonly missing: ReadonlySet<string>; where(): string },
): unknown {
  if (isAbsent(value, missing)) return null;
  if (spec.kind === "number") {
    if (typeof value === "number" || typeof value === "bigint") return value;
    const number = numberOf(String(value), spec);
    if (number !== undefined) return number;
    throw new DataError({
      where: where(),
      expected: "a number",
      got: JSON.stringify(String(value).slice(0, 40)),
    });
  }
  if (spec.kind !== "date") return typeof value === "string" ? value.trim() : value;
  const date =
    value instanceof Date ? dateOf(value.toISOString(), { order: "ymd" }) : dateOf(String(value), spec);
  if (date !== undefined) return date;
  throw new DataError({
    where: where(),
    expected: "a date",
    got: JSON.stringify(String(value).slice(0, 40)),
  });
}

/** The texts that count as missing where nobody says. */
export const DEFAULT_MISSING: readonly string[] = MISSING;

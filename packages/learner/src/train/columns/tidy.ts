import { checkArgument } from "lrfind/core";
import type { Table } from "../../data/index.js";
import { DataError, TABLE } from "../../data/internal.js";
import { RECIPE_CHECK } from "../checks.js";
import type { ColumnSpec, Recipe } from "./column-spec.js";
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
    const read = column.map((value) => tidyValue(value, spec, missing));
    const wrong = read.indexOf(WRONG);
    if (wrong >= 0) {
      throw new DataError({
        where: `${table.name}, row ${wrong + 1}, column ${JSON.stringify(name)}`,
        expected: spec.kind === "date" ? "a date" : "a number",
        got: JSON.stringify(String(column[wrong]).slice(0, 40)),
      });
    }
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

/** What is not what its column is: no cell can be it. */
const WRONG = Symbol("wrong");

function tidyValue(value: unknown, spec: ColumnSpec, missing: ReadonlySet<string>): unknown {
  if (isAbsent(value, missing)) return null;
  if (spec.kind === "number") {
    if (typeof value === "number" || typeof value === "bigint") return value;
    return numberOf(typeof value === "string" ? value : String(value), spec) ?? WRONG;
  }
  if (spec.kind !== "date") return typeof value === "string" ? value.trim() : value;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return dateOf(text, value instanceof Date ? { order: "ymd" } : spec) ?? WRONG;
}

import { checkArgument } from "lrfind/core";
import type { Table } from "../../data/index.js";
import { DataError, TABLE } from "../../data/internal.js";
import { RECIPE_CHECK } from "../checks.js";
import type { ColumnSpec, Recipe } from "./column-spec.js";
import { type CalendarDate, DATE_PARTS, dateOf, datePartsOf } from "./date-form.js";
import { numberOf } from "./number-form.js";
import { isAbsent } from "./present.js";

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
 *   missing: ["", "NA"],
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
    const read = column.map(remembered((value) => tidyValue(value, spec, missing)));
    const wrong = read.indexOf(WRONG);
    if (wrong >= 0) {
      throw new DataError({
        where: `${table.name}, row ${wrong + 1}, column ${JSON.stringify(name)}`,
        expected: wordsOf(spec),
        got: JSON.stringify(String(column[wrong]).slice(0, 40)),
      });
    }
    if (spec.kind !== "date") values.set(name, read);
    else setParts(values, { table, name, dates: read as readonly (CalendarDate | null)[] });
  }
  return { name: table.name, length: table.length, columns: [...values.keys()], values };
}

function setParts(
  values: Map<string, readonly unknown[]>,
  {
    table,
    name,
    dates,
  }: { readonly table: Table; readonly name: string; readonly dates: readonly (CalendarDate | null)[] },
): void {
  const parts = dates.map((date) => date && datePartsOf(date));
  for (const part of DATE_PARTS) {
    const column = `${name}: ${part}`;
    if (table.values.has(column)) {
      const expected = `no column ${JSON.stringify(column)}, as a part of ${JSON.stringify(name)} is called so`;
      throw new DataError({ where: table.name, expected, got: "one", hint: "another name for it" });
    }
    values.set(
      column,
      parts.map((date) => (date === null ? null : date[part])),
    );
  }
}

const MOST_REMEMBERED = 1000;

/** Texts come back: dates and names are read once. */
function remembered(read: (value: unknown) => unknown): (value: unknown) => unknown {
  const known = new Map<string, unknown>();
  return (value) => {
    if (typeof value !== "string") return read(value);
    const before = known.get(value);
    if (before !== undefined) return before;
    const result = read(value);
    if (known.size < MOST_REMEMBERED) known.set(value, result);
    return result;
  };
}

/** What a column's cells must be. */
function wordsOf(spec: ColumnSpec): string {
  if (spec.kind === "date") return `a date, as ${DATES[spec.order]}`;
  if (spec.kind !== "number") return "a text";
  const how = [
    spec.decimal === "," ? "with decimal commas" : "",
    spec.percent ? "with a percent sign" : "",
    spec.unit === undefined ? "" : `in ${spec.unit}`,
  ].filter((part) => part !== "");
  return ["a number", ...how].join(" ");
}

const DATES = {
  ymd: "2024-12-31",
  dmy: "31.12.2024",
  mdy: "12/31/2024",
  named: "31 Dec 2024",
} as const;

/** What is not what its column is: no cell can be it. */
const WRONG = Symbol("wrong");

function tidyValue(value: unknown, spec: ColumnSpec, missing: ReadonlySet<string>): unknown {
  // No text is a text too, of no words.
  if (isAbsent(value, missing)) return spec.kind === "text" ? "" : null;
  if (spec.kind === "text") return String(value).trim();
  if (spec.kind === "number") {
    if (typeof value === "number" || typeof value === "bigint") return value;
    return numberOf(typeof value === "string" ? value : String(value), spec) ?? WRONG;
  }
  if (spec.kind !== "date") return typeof value === "string" ? value.trim() : value;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return dateOf(text, value instanceof Date ? { order: "ymd" } : spec) ?? WRONG;
}

import type { DateForm } from "./date-form.js";
import type { NumberForm } from "./number-form.js";

/**
 * What a column of a raw table is taken for: plain data, so that it can be written down and saved with a model.
 *
 * - `number`: measured or counted, and how its numbers are written.
 * - `category`: one of some names (yes and no among them).
 * - `date`: how its dates are written; becomes year, month, day of the week, day of the year and days since 1970.
 * - `text`: sentences.
 * - `ignore`: left out, and why.
 */
export type ColumnSpec =
  | ({ readonly kind: "number" } & NumberForm)
  | { readonly kind: "category" }
  | ({ readonly kind: "date" } & DateForm)
  | { readonly kind: "text" }
  | { readonly kind: "ignore"; readonly why: string };

/** The kinds that a user may give a column. */
export const COLUMN_KINDS = ["number", "category", "date", "text", "ignore"] as const;

/** One of them. */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** Texts that spreadsheets and programs write where a value is missing. */
export const MISSING = [
  ...["", "NA", "N/A", "n/a", "na", "NaN", "nan", "null", "NULL", "-", "--", "–", "?"],
  ...["#N/A", "#NA", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!"],
];

/** How a raw table becomes a tidy one: plain data, which goes into the model's file. */
export interface Recipe {
  /** What each column is, by name. */
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  /** Texts that stand for a missing value. */
  readonly missing: readonly string[];
}

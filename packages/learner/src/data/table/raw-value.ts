import { DataError, describe } from "../errors.js";

/** The name of the category of missing and unknown values; its index is 0 in every vocabulary. */
export const NA = "#na#";

/** The texts that count as missing unless told otherwise. */
export const MISSING_TEXTS: readonly string[] = ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL"];

/**
 * The texts that stand for a missing value, as `isMissing` takes them.
 *
 * @param missing - What the user lists, or the default. White space around texts does not count, as in values.
 */
export function missingTexts(missing: readonly string[]): ReadonlySet<string> {
  return new Set(missing.map((text) => text.trim()));
}

/** Whether a raw value is missing: null, undefined, NaN, or one of the texts that stand for that. */
export function isMissing(value: unknown, texts: ReadonlySet<string>): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return texts.has(value.trim());
  return typeof value === "number" && Number.isNaN(value);
}

/**
 * The category a raw value names, the same whether it came from CSV (`"3"`), Parquet (`3n`) or a row (`3`).
 *
 * @param where - Names the cell.
 * @throws DataError if the value is not a text, number, boolean or date.
 */
export function toCategory(value: unknown, where: string): string {
  switch (typeof value) {
    case "string":
      return value.trim();
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
      throw new DataError({ where, expected: "a text, number, boolean or date", got: describe(value) });
  }
}

/** The number a raw value stands for, or undefined if it stands for none. Booleans are 0 and 1. */
export function toNumber(value: unknown): number | undefined {
  // Number("") is 0, and Number("0x10") is 16, which nobody means in a table.
  const isNumeric =
    typeof value === "string"
      ? /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)
      : typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  const number = isNumeric ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** Sorts distinct categories: by value if all are numbers, else by code unit, the same in every locale. */
export function sortCategories(categories: Iterable<string>): string[] {
  const distinct = [...new Set(categories)];
  const numbers = distinct.map(toNumber);
  if (numbers.includes(undefined)) return distinct.sort();
  return distinct.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
}

import { shown } from "./context.js";

/** What is there of a column, and what is not. */
export interface Present {
  /** The values that are there; texts without white space around them. */
  readonly values: readonly unknown[];
  /** How many are missing, and by which texts, empty ones left out. */
  readonly missing: number;
  readonly missingTexts: ReadonlySet<string>;
}

/** Tells what is there from what is missing. */
export function presentOf(column: readonly unknown[], missing: ReadonlySet<string>): Present {
  const values: unknown[] = [];
  const missingTexts = new Set<string>();
  for (const value of column) {
    if (typeof value !== "string") {
      if (!isAbsent(value, missing)) values.push(value);
      continue;
    }
    const trimmed = value.trim();
    if (!missing.has(trimmed)) values.push(trimmed);
    else if (trimmed !== "") missingTexts.add(trimmed);
  }
  return { values, missing: column.length - values.length, missingTexts };
}

/** Whether a value is missing. */
export function isAbsent(value: unknown, missing: ReadonlySet<string>): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "number") return Number.isNaN(value);
  if (typeof value !== "string") return false;
  const trimmed = value.trim();
  return missing.has(trimmed) || (trimmed !== value && missing.has(value));
}

/** How many are missing, and what was taken for that: a country may be called NA. */
export function missingWords({ missing, missingTexts }: Present): string {
  if (missing === 0) return "";
  const texts = [...missingTexts].slice(0, 4).map(shown).join(", ");
  return `, ${missing} missing${texts === "" ? "" : ` (${texts})`}`;
}

import type { TableRow } from "../../data/index.js";
import { DataError } from "../../data/internal.js";

/** How a file of rows as JSON begins. */
const LIST = /^(?:\uFEFF|ï»¿)?\s*\[\s*(?:["{[\]}\d-]|true|false|null)/;
const LINES = /^(?:\uFEFF|ï»¿)?\s*\{\s*["}]/;

/**
 * Whether a file is a list of rows as JSON, or an object a line.
 *
 * @param start - Its first bytes as Latin-1.
 */
export function jsonFormOf(start: string): "JSON" | "JSON lines" | undefined {
  if (LIST.test(start)) return "JSON";
  return LINES.test(start) ? "JSON lines" : undefined;
}

/** The rows of a file that is one list. */
export function jsonRows(text: string, name: string): TableRow[] {
  const isRow = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  let got: string;
  try {
    const rows: unknown = JSON.parse(text);
    if (Array.isArray(rows) && rows.every(isRow)) return rows as TableRow[];
    got = "one with other things in it";
  } catch (error) {
    got = JSON.stringify((error as Error).message.slice(0, 80));
  }
  throw new DataError({ where: name, expected: "a JSON list of objects", got, hint: "one object a row" });
}

/** The rows of a file with an object a line. */
export function jsonLines(text: string, name: string): TableRow[] {
  return text.split(/\r?\n/).flatMap((line, i): TableRow[] => {
    if (line.trim() === "") return [];
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      row = undefined;
    }
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return [row as TableRow];
    const got = JSON.stringify(line.slice(0, 40));
    throw new DataError({
      where: `${name}, line ${i + 1}`,
      expected: "a JSON object",
      got,
      hint: "one row a line",
    });
  });
}

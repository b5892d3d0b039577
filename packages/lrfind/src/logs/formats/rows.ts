import { type Cell, cellOf } from "../log-table.js";

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How deep rows nest: `{ "train": { "loss": 2.3 } }` is the column `train/loss`. */
const MAX_DEPTH = 4;

/** The numbers of a row by their names, those of nested objects behind a slash. */
export function* flatCells(
  row: Record<string, unknown>,
  before = "",
  depth = 0,
): Generator<readonly [string, Cell]> {
  for (const [name, value] of Object.entries(row)) {
    if (isRecord(value)) {
      if (depth < MAX_DEPTH) yield* flatCells(value, `${before}${name}/`, depth + 1);
      continue;
    }
    yield [before + name, cellOf(value)];
  }
}

import { DataError, describe } from "../errors.js";
import { mergedByFloat32 } from "./number-resolution.js";
import { isMissing, toNumber } from "./raw-value.js";
import { cellName, columnOf, type Table } from "./table.js";
import type { TabularSpec } from "./tabular-spec.js";

/** Whole numbers of no more values than this may well be the numbers of classes. */
const MOST_CLASSES = 20;

/**
 * What a table's target is, where nobody says: numbers if every value is one, else a class.
 *
 * @throws DataError for a date, which may be meant as either.
 */
export function inferBlock(
  table: Table,
  yNames: readonly string[],
  missing: ReadonlySet<string>,
): TabularSpec["yBlock"] {
  for (const name of yNames) {
    const values = columnOf(table, name);
    const row = values.findIndex((value) => value instanceof Date);
    if (row < 0) continue;
    throw new DataError({
      where: cellName(table, row, name),
      expected: "a number or a class",
      got: "a date",
      hint: `yBlock: "category", or a column of numbers, such as days since the first date`,
    });
  }
  return yNames.every((name) => columnOf(table, name).every((value) => isNumeric(value, missing)))
    ? "regression"
    : "category";
}

/**
 * What to say about a table's target: which kind was chosen, where the other may be meant, and what is odd about it.
 *
 * @param asked - What the user asked for.
 */
export function targetWarnings(
  table: Table,
  spec: TabularSpec,
  {
    asked,
    missing,
  }: { readonly asked: TabularSpec["yBlock"] | undefined; readonly missing: ReadonlySet<string> },
): string[] {
  return spec.yNames.flatMap((name) => {
    const where = `${table.name}, column ${JSON.stringify(name)}`;
    const values = columnOf(table, name).filter((value) => !isMissing(value, missing));
    const about =
      spec.yBlock === "regression"
        ? aboutNumbers(
            values.map((value) => toNumber(value)!),
            asked,
            spec.yNames.length,
          )
        : aboutClasses(values, spec.vocab ?? [], asked);
    return about.map((text) => `${where}: ${text}`);
  });
}

function aboutNumbers(
  numbers: readonly number[],
  asked: TabularSpec["yBlock"] | undefined,
  targets: number,
): string[] {
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const warnings: string[] = [];
  const isCoded = distinct.every(Number.isInteger) && distinct.length <= MOST_CLASSES;
  if (asked === undefined && isCoded && 2 * distinct.length <= numbers.length) {
    const shown = distinct.length <= 4 ? distinct.join(", ") : `${distinct[0]} … ${distinct.at(-1)}`;
    const other =
      targets === 1
        ? `yBlock: "category" for classes`
        : "lossFunc: bceWithLogits() where each is a label that holds or not";
    warnings.push(
      `the target was taken for numbers (yBlock "regression"), though it has ${distinct.length} values only, ${shown}; try ${other}, or yBlock: "regression" if numbers are meant`,
    );
  }
  const merged = mergedByFloat32(numbers);
  if (merged) {
    warnings.push(
      `float32, which targets are stored in, makes ${merged[1]} of ${merged[0]} distinct whole numbers; try a smaller unit, or the difference from the smallest`,
    );
  }
  return warnings;
}

function aboutClasses(
  values: readonly unknown[],
  vocab: readonly string[],
  asked: TabularSpec["yBlock"] | undefined,
): string[] {
  if (vocab.length === 1) return [];
  if (asked !== undefined) return [];
  const odd = values.find((value) => typeof value !== "boolean" && toNumber(value) === undefined);
  const numeric = values.filter((value) => typeof value !== "boolean" && toNumber(value) !== undefined);
  if (2 * numeric.length > values.length) {
    return [
      `the target was taken for ${vocab.length} classes (yBlock "category"), as not all of its values are numbers: ${describe(odd)}; try it among missing, or yBlock: "category" if classes are meant`,
    ];
  }
  if (2 * vocab.length > values.length) {
    return [
      `the target was taken for classes (yBlock "category"): ${vocab.length} in ${values.length} rows; try yBlock: "category" if they are meant`,
    ];
  }
  return [];
}

function isNumeric(value: unknown, missing: ReadonlySet<string>): boolean {
  return isMissing(value, missing) || (typeof value !== "boolean" && toNumber(value) !== undefined);
}

import { arrayOf, type Checks, checkDataOptions, either, names, oneOf, required, string } from "../checks.js";
import { DataError, describe } from "../errors.js";
import { categoriesOf } from "./categories.js";
import { checkResolution } from "./number-resolution.js";
import { isMissing, MISSING_TEXTS, missingTexts, NA, toCategory, toNumber } from "./raw-value.js";
import { cellName, columnOf, type Table } from "./table.js";
import { categorify, fillMissing, normalize, type TabularProc, type TabularSpec } from "./tabular-spec.js";
import { inferBlock } from "./tabular-target.js";

/** Which columns are what, and what is done to them. */
export interface TabularFitOptions {
  /**
   * Columns whose values are categories. They are matched by value: in a column of numbers `2`, `"2"` and `"2.0"` are one
   * category, in a column of booleans `true` and `"True"`; in a column of texts they must be the same text, but for
   * white space around it.
   *
   * @default []
   */
  readonly catNames?: readonly string[];
  /**
   * Columns whose values are numbers.
   *
   * @default []
   */
  readonly contNames?: readonly string[];
  /** The column to predict, or several of numbers. */
  readonly yNames: string | readonly string[];
  /**
   * What is predicted: a class or numbers.
   *
   * @default "regression" if every value of `yNames` is a number, else "category"; the loaders' `warnings` say it where
   * the other may be meant. Dates must be told.
   */
  readonly yBlock?: "category" | "regression";
  /**
   * The steps of the processing; their order does not matter, as filling always comes before normalising.
   *
   * @default [categorify, fillMissing, normalize]
   */
  readonly procs?: readonly TabularProc[];
  /**
   * Texts that count as missing, besides null, undefined and NaN.
   *
   * @default ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL"]
   */
  readonly missing?: readonly string[];
}

/** The checks of how a table's columns are prepared. */
export const TABULAR_FIT: Checks<TabularFitOptions> = {
  catNames: names,
  contNames: names,
  yNames: required(either(string, names)),
  yBlock: oneOf("category", "regression"),
  procs: arrayOf({
    expected: "a step of preparation (categorify, fillMissing, normalize)",
    accepts: (value) => typeof Object(value).kind === "string",
  }),
  missing: names,
};

/**
 * Learns from the training rows of a table what its processing needs: categories, medians, means, deviations.
 *
 * @param table - All rows; only those of `train` are looked at, except to tell a class target from numbers, and which
 *   columns lack values.
 * @param train - The training rows.
 * @param options - See `TabularFitOptions`.
 * @throws DataError if a column is not there or used twice, or a training value does not fit its column.
 */
export function fitTabular(table: Table, train: ArrayLike<number>, options: TabularFitOptions): TabularSpec {
  checkDataOptions("TabularProcessor.fit", options, TABULAR_FIT);
  const { catNames = [], contNames = [], procs = [categorify, fillMissing, normalize] } = options;
  const yNames = typeof options.yNames === "string" ? [options.yNames] : options.yNames;
  const missing = options.missing ?? MISSING_TEXTS;
  const missingSet = missingTexts(missing);
  checkColumns(table, { catNames, contNames, yNames });
  const has = (proc: TabularProc) => procs.some(({ kind }) => kind === proc.kind);
  if (catNames.length > 0 && !has(categorify)) {
    throw new DataError({
      where: "procs",
      expected: "categorify, as there are catNames",
      got: describe(procs),
    });
  }
  const yBlock = options.yBlock ?? inferBlock(table, yNames, missingSet);
  if (yBlock === "category" && yNames.length !== 1) {
    const expected = "one column, as the target is a class";
    throw new DataError({ where: "yNames", expected, got: yNames.join(", ") });
  }
  const categories: Record<string, readonly string[]> = {};
  for (const name of catNames) categories[name] = [NA, ...distinct(name)];
  const flagged: string[] = [];
  const medians: Record<string, number> = {};
  const means: Record<string, number> = {};
  const stds: Record<string, number> = {};
  for (const name of yBlock === "regression" ? yNames : []) {
    checkNumbers(name, "float32", "a smaller unit, or the difference from the smallest");
  }
  for (const name of contNames) {
    if (has(normalize))
      checkNumbers(name, "float64", "it among catNames, or the difference from the smallest");
    else checkNumbers(name, "float32", "procs: [categorify, fillMissing, normalize], or it among catNames");
    const { present, absent } = numbers(name);
    // Other rows than the training ones may lack a number as well.
    const isFilled = has(fillMissing) && columnOf(table, name).some((value) => isMissing(value, missingSet));
    if (isFilled) medians[name] = median(present);
    if (absent > 0) {
      if (!has(fillMissing)) {
        const where = `${table.name}, column ${JSON.stringify(name)}`;
        const got = `${absent} missing in the training part`;
        throw new DataError({
          where,
          expected: "a number in every row",
          got,
          hint: "procs: [fillMissing, …]",
        });
      }
      const flag = `${name}_na`;
      if (table.columns.includes(flag) && [...catNames, ...contNames, ...yNames].includes(flag)) {
        const expected = `no column ${JSON.stringify(flag)}, which fillMissing adds`;
        throw new DataError({ where: table.name, expected, got: "one", hint: "another name for it" });
      }
      flagged.push(name);
      categories[flag] = [NA, "false", "true"];
      for (let i = 0; i < absent; i++) present.push(medians[name]!);
    }
    if (has(normalize)) {
      const mean = present.reduce((sum, x) => sum + x, 0) / present.length;
      const variance = present.reduce((sum, x) => sum + (x - mean) ** 2, 0) / present.length;
      means[name] = mean;
      // Rounding leaves a constant column a deviation of a few units in the last place of its mean.
      stds[name] = Math.sqrt(variance) > 1e-14 * Math.abs(mean) ? Math.sqrt(variance) : 1;
    }
  }
  return {
    kind: "tabular",
    version: 1,
    catNames: [...catNames, ...flagged.map((name) => `${name}_na`)],
    contNames: [...contNames],
    yNames: [...yNames],
    yBlock,
    procs: [...procs],
    missing: [...missing],
    categories,
    flagged,
    medians,
    means,
    stds,
    ...(yBlock === "category" ? { vocab: distinct(yNames[0]!) } : {}),
  };

  /** The categories of a column in the training rows, sorted. */
  function distinct(name: string): string[] {
    const values = columnOf(table, name);
    const found: string[] = [];
    for (let i = 0; i < train.length; i++) {
      const row = train[i]!;
      if (!isMissing(values[row], missingSet))
        found.push(toCategory(values[row], cellName(table, row, name)));
    }
    return categoriesOf(found);
  }

  /** Checks that the numbers of a column in the training rows stay apart in what they are stored as. */
  function checkNumbers(name: string, as: "float32" | "float64", hint: string): void {
    const values = columnOf(table, name);
    const raw = Array.from(train, (row) => values[row]).filter((value) => toNumber(value) !== undefined);
    const where = `${table.name}, column ${JSON.stringify(name)}`;
    checkResolution(
      where,
      raw,
      raw.map((value) => toNumber(value)!),
      { as, hint },
    );
  }

  /** The numbers of a column in the training rows, and how many are missing. */
  function numbers(name: string): { present: number[]; absent: number } {
    const values = columnOf(table, name);
    const present: number[] = [];
    for (let i = 0; i < train.length; i++) {
      const row = train[i]!;
      if (isMissing(values[row], missingSet)) continue;
      const number = toNumber(values[row]);
      if (number === undefined) throw notANumber(table, row, name, values[row]);
      present.push(number);
    }
    if (present.length === 0) {
      const where = `${table.name}, column ${JSON.stringify(name)}`;
      const got = "none in the training part";
      throw new DataError({ where, expected: "a number in some row", got, hint: "leaving the column out" });
    }
    return { present, absent: train.length - present.length };
  }
}

/** The error for a value of a continuous column that is no number. */
export function notANumber(table: Pick<Table, "name">, row: number, name: string, value: unknown): DataError {
  return new DataError({
    where: cellName(table, row, name),
    expected: "a finite number",
    got: describe(value),
    hint: "it among catNames, or the text among missing",
  });
}

function checkColumns(table: Table, names: Readonly<Record<string, readonly string[]>>): void {
  const roles = new Map<string, string>();
  for (const [role, columns] of Object.entries(names)) {
    for (const column of columns) {
      columnOf(table, column);
      const other = roles.get(column);
      if (other !== undefined) {
        const got = `in ${other === role ? `${role} twice` : `${other} and ${role}`}`;
        throw new DataError({ where: `column ${JSON.stringify(column)}`, expected: "one use", got });
      }
      roles.set(column, role);
    }
  }
  if (names["catNames"]!.length + names["contNames"]!.length === 0) {
    throw new DataError({ where: "catNames, contNames", expected: "at least one column", got: "none" });
  }
  if (names["yNames"]!.length === 0) {
    throw new DataError({ where: "yNames", expected: "at least one column", got: "none" });
  }
}

/** The middle value, or the mean of the two middle ones. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

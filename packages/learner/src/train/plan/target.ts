import { didYouMean } from "lrfind/core";
import type { Table } from "../../data/index.js";
import { DataError } from "../../data/internal.js";
import type { ColumnSpec } from "../columns/column-spec.js";
import { isAbsent } from "../columns/present.js";
import { understand } from "../columns/understand.js";
import type { TrainDataOptions } from "../options.js";
import { listed } from "./listed.js";

/** Names that mean the target and nothing else. */
const TARGET_NAMES = /^(?:target|targets|label|labels|class|classes|y|outcome|response|species)$/i;
/** Whole numbers of no more values than this are taken for classes. */
const MOST_CLASSES = 10;

/**
 * The column to predict: the one asked for, else the one whose name means it.
 *
 * @throws DataError where none or several do; the hint lists the columns.
 */
export function targetOf(table: Table, asked: string | undefined): string {
  if (asked !== undefined) {
    if (table.columns.includes(asked)) return asked;
    throw new DataError({
      where: "target",
      expected: `the name of a column: ${listed(table.columns)}`,
      got: JSON.stringify(asked),
      hint: didYouMean(asked, table.columns),
    });
  }
  const meant = table.columns.filter((name) => TARGET_NAMES.test(name.trim()));
  if (meant.length === 1) return meant[0]!;
  throw new DataError({
    where: table.name,
    expected: "to be told which column to predict",
    got: meant.length > 1 ? listed(meant) : `none that is called target, label, class, y or species`,
    hint: `--target with one of ${listed(table.columns)}`,
  });
}

/** A target is a number where its values are, else a class; never left out. */
export function targetKind(
  table: Table,
  name: string,
  { missing, task }: { readonly missing: ReadonlySet<string>; readonly task: TrainDataOptions["task"] },
): "number" | "category" {
  if (task !== undefined) return task === "regression" ? "number" : "category";
  const present = table.values.get(name)!.filter((value) => !isAbsent(value, missing));
  const where = `${table.name}, column ${JSON.stringify(name)}`;
  const { spec } = understand(present, { where, name, missing, decimal: ".", dates: "dmy" });
  const isNumber =
    spec.kind === "number" ||
    (spec.kind === "ignore" && present.every((value) => Number.isFinite(Number(value))));
  return isNumber ? "number" : "category";
}

/**
 * What is predicted: a class or a number, in words.
 *
 * @throws DataError for a target of one value, or of classes that do not come back.
 */
export function taskOf(
  table: Table,
  {
    target,
    spec,
    missing,
    asked,
  }: {
    readonly target: string;
    readonly spec: ColumnSpec;
    readonly missing: ReadonlySet<string>;
    readonly asked: TrainDataOptions["task"];
  },
): { readonly task: "classification" | "regression"; readonly words: string } {
  const counts = new Map<string, number>();
  for (const value of table.values.get(target)!) {
    if (isAbsent(value, missing)) continue;
    const text = String(value).trim();
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const present = [...counts.values()].reduce((a, b) => a + b, 0);
  const where = `${table.name}, column ${JSON.stringify(target)}`;
  if (counts.size < 2) {
    const got = counts.size === 0 ? "none" : `always ${JSON.stringify([...counts.keys()][0])}`;
    throw new DataError({ where, expected: "a target of two values or more", got });
  }
  const isCoded =
    counts.size <= MOST_CLASSES && [...counts.keys()].every((value) => /^-?\d+(?:\.0+)?$/.test(value));
  const task = asked ?? (spec.kind === "number" && !isCoded ? "regression" : "classification");
  if (task === "regression") return { task, words: "a number (regression)" };
  if (counts.size > present / 2) {
    const got = `${counts.size} of them in ${present} rows`;
    throw new DataError({ where, expected: "classes that come back", got, hint: "another --target" });
  }
  return { task, words: `one of ${counts.size} classes (classification)${rareWords(counts)}` };
}

function rareWords(counts: ReadonlyMap<string, number>): string {
  const [name, rows] = [...counts].sort(([, a], [, b]) => a - b)[0]!;
  if (rows >= 10) return "";
  return `; the rarest, ${JSON.stringify(name)}, has ${rows} ${rows === 1 ? "row" : "rows"}`;
}

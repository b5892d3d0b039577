import { statSync } from "node:fs";
import { checkArgument, checkOptions, didYouMean, string } from "lrfind/core";
import type { Table } from "../data/index.js";
import { DataError } from "../data/internal.js";
import type { Recipe } from "./columns/column-spec.js";
import { type ColumnSpec, MISSING } from "./columns/column-spec.js";
import { tidyNames } from "./columns/tidy.js";
import { isAbsent, type Understood, understand } from "./columns/understand.js";
import { imageNames } from "./image-names.js";
import { TRAIN_DATA, type TrainDataOptions } from "./options.js";
import { type RawTable, readRaw } from "./read-raw.js";

/** What stands in a plan whatever the data are. */
interface CommonPlan {
  /** The path of the data. */
  readonly data: string;
  /** What was understood, a line each, for people. */
  readonly lines: readonly string[];
  readonly task: "classification" | "regression";
  readonly seed: number;
  readonly validPct: number;
  /** Rows with a target, or images. */
  readonly items: number;
}

/** A table, and what its columns are taken for. */
export interface TablePlan extends CommonPlan {
  readonly kind: "table" | "text";
  readonly target: string;
  readonly recipe: Recipe;
  readonly delimiter?: string;
  readonly encoding?: string;
  /** Columns of categories, and of numbers, of the tidy table; for a text its column alone. */
  readonly catNames: readonly string[];
  readonly contNames: readonly string[];
  readonly textCol?: string;
}

/** A folder of images, a folder a class. */
export interface ImagePlan extends CommonPlan {
  readonly kind: "images";
  readonly imageSize: number;
}

/** What would be trained on what. */
export type TrainPlan = TablePlan | ImagePlan;

/** Names that mean the target and nothing else. */
const TARGET_NAMES = /^(?:target|targets|label|labels|class|y|outcome|response)$/i;
/** Whole numbers of no more values than this are taken for classes. */
const MOST_CLASSES = 10;

/**
 * Looks at data and says what `trainData` would do with them: what each column is taken for, the target, the task. Trains
 * and writes nothing.
 *
 * @param data - The path of a CSV file, Parquet file, file of JSON lines, or folder of images with a folder for each class.
 * @param options - As for `trainData`.
 * @throws {DataError} for data that cannot be understood without a guess, in one line that says which option decides.
 * @throws {OptionError} for an option that does not exist or is of another kind.
 *
 * @example
 * ```ts
 * const { lines } = await planData("penguins.csv", { target: "species" });
 * console.log(lines.join("\n"));
 * ```
 */
export async function planData(data: string, options: TrainDataOptions = {}): Promise<TrainPlan> {
  return (await planAndTable(data, options)).plan;
}

/** The plan, and the raw table that was read for it. */
export async function planAndTable(
  data: string,
  options: TrainDataOptions,
): Promise<{ readonly plan: TrainPlan; readonly raw?: RawTable }> {
  checkArgument("planData", "data", data, string);
  checkOptions("planData", options, TRAIN_DATA);
  if (isFolder(data)) return { plan: imagePlan(data, options) };
  const { delimiter, encoding } = options;
  const raw = await readRaw(data, { ...(delimiter && { delimiter }), ...(encoding && { encoding }) });
  return { plan: tablePlan(data, raw, options), raw };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new DataError({ where: path, expected: "a file or a folder", got }, { cause });
  }
}

function imagePlan(data: string, { imageSize = 64, seed = 42, validPct = 0.2 }: TrainDataOptions): ImagePlan {
  const items = imageNames(data).length;
  const lines = [
    `${data}: ${items} images, the folder's name is the class`,
    `every image is brought to ${imageSize} x ${imageSize} pixels (--image-size)`,
  ];
  return { kind: "images", data, lines, task: "classification", imageSize, seed, validPct, items };
}

function tablePlan(data: string, raw: RawTable, options: TrainDataOptions): TablePlan {
  const { table } = raw;
  const target = targetOf(table, options.target);
  checkColumns(table, options);
  const missing = [...MISSING, ...(options.missing ?? [])];
  const absent = new Set(missing);
  const look = (name: string, hasCommas: boolean): Understood => {
    const asked = options.ignore?.includes(name) ? ("ignore" as const) : options.types?.[name];
    const context = {
      where: `${table.name}, column ${JSON.stringify(name)}`,
      name,
      missing: absent,
      // A target may be constant, or another for each row: that is said of it as a target.
      asked: name === target && asked === undefined ? targetKind(table, name, absent, options) : asked,
      decimal: options.decimal,
      dates: options.dates,
    };
    return understand(table.values.get(name)!, { ...context, hasCommas });
  };
  const first = new Map(table.columns.map((name) => [name, look(name, false)]));
  const hasCommas = [...first.values()].some(({ spec }) => spec.kind === "number" && spec.decimal === ",");
  // Where one column has decimal commas, points of another stand between thousands.
  const known = hasCommas ? new Map(table.columns.map((name) => [name, look(name, true)])) : first;
  const columns = Object.fromEntries(Array.from(known, ([name, { spec }]) => [name, spec]));
  const { task, words } = taskOf(table, { target, spec: columns[target]!, absent, asked: options.task });
  if (task === "classification") (columns as Record<string, ColumnSpec>)[target] = { kind: "category" };
  const inputs = [...known].filter(([name, { spec }]) => name !== target && spec.kind !== "ignore");
  const texts = inputs.filter(([, { spec }]) => spec.kind === "text").map(([name]) => name);
  const isText =
    texts.length > 0 && inputs.every(([, { spec }]) => spec.kind === "text") && task === "classification";
  const used = (name: string) => (isText ? name === texts[0] : columns[name]!.kind !== "text");
  const named = (kinds: readonly string[]) =>
    inputs
      .filter(([name, { spec }]) => used(name) && kinds.includes(spec.kind))
      .flatMap(([name, { spec }]) => tidyNames(name, spec));
  const catNames = named(["category"]);
  const contNames = named(["number", "date"]);
  const left = inputs.filter(([name]) => !used(name)).map(([name]) => name);
  for (const name of left) (columns as Record<string, ColumnSpec>)[name] = { kind: "ignore", why: "text" };
  if (!isText && catNames.length + contNames.length === 0) {
    const why = [...known]
      .filter(([name]) => name !== target)
      .map(([name, { words }]) => `${name}: ${words}`);
    throw new DataError({
      where: table.name,
      expected: "a column to predict from",
      got: why.join("; ") || "none",
      hint: "--types",
    });
  }
  const without = table.values.get(target)!.filter((value) => isAbsent(value, absent)).length;
  const width = Math.max(...table.columns.map((name) => name.length));
  return {
    kind: isText ? "text" : "table",
    data,
    task,
    target,
    seed: options.seed ?? 42,
    validPct: options.validPct ?? 0.2,
    recipe: { columns, missing },
    catNames,
    contNames,
    ...(isText ? { textCol: texts[0]! } : {}),
    ...(raw.delimiter === undefined ? {} : { delimiter: raw.delimiter }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    items: table.length - without,
    lines: [
      `${data}: ${raw.form}, ${table.length} rows, ${table.columns.length} columns`,
      ...[...known].map(([name, { words: taken }]) => {
        const note = left.includes(name) ? "text: left out, as other columns are no texts" : taken;
        return `  ${name.padEnd(width)}  ${name === target ? `the target: ${words}` : note}`;
      }),
      ...(without > 0
        ? [
            `${without} ${without === 1 ? "row has" : "rows have"} no target, and ${without === 1 ? "is" : "are"} left out`,
          ]
        : []),
      "(--target, --task, --types 'column=kind' and --ignore say otherwise)",
    ],
  };
}

function targetOf(table: Table, asked: string | undefined): string {
  if (asked !== undefined) {
    if (table.columns.includes(asked)) return asked;
    const expected = `the name of a column: ${table.columns.join(", ")}`;
    throw new DataError({
      where: "target",
      expected,
      got: JSON.stringify(asked),
      hint: didYouMean(asked, table.columns),
    });
  }
  const meant = table.columns.filter((name) => TARGET_NAMES.test(name.trim()));
  if (meant.length === 1) return meant[0]!;
  throw new DataError({
    where: table.name,
    expected: "to be told which column to predict",
    got: meant.length > 1 ? `${meant.join(" and ")}` : `none that is called target, label, class or y`,
    hint: `--target with one of ${table.columns.map((name) => JSON.stringify(name)).join(", ")}`,
  });
}

function checkColumns(table: Table, { types = {}, ignore = [] }: TrainDataOptions): void {
  for (const [option, names] of Object.entries({ types: Object.keys(types), ignore })) {
    const unknown = names.find((name) => !table.columns.includes(name));
    if (unknown === undefined) continue;
    const expected = `the name of a column: ${table.columns.join(", ")}`;
    throw new DataError({
      where: option,
      expected,
      got: JSON.stringify(unknown),
      hint: didYouMean(unknown, table.columns),
    });
  }
}

/** A target is a number where its values are, else a class; never left out. */
function targetKind(
  table: Table,
  name: string,
  missing: ReadonlySet<string>,
  { task }: TrainDataOptions,
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

function taskOf(
  table: Table,
  {
    target,
    spec,
    absent,
    asked,
  }: {
    readonly target: string;
    readonly spec: ColumnSpec;
    readonly absent: ReadonlySet<string>;
    readonly asked: TrainDataOptions["task"];
  },
): { readonly task: TrainPlan["task"]; readonly words: string } {
  const present = table.values.get(target)!.filter((value) => !isAbsent(value, absent));
  const distinct = new Set(present.map((value) => String(value).trim()));
  const where = `${table.name}, column ${JSON.stringify(target)}`;
  if (distinct.size < 2) {
    throw new DataError({
      where,
      expected: "a target of two values or more",
      got: distinct.size === 0 ? "none" : `always ${JSON.stringify([...distinct][0])}`,
    });
  }
  const isCoded =
    distinct.size <= MOST_CLASSES && [...distinct].every((value) => /^-?\d+(?:\.0+)?$/.test(value));
  const task = asked ?? (spec.kind === "number" && !isCoded ? "regression" : "classification");
  if (task === "regression") return { task, words: "a number (regression)" };
  if (distinct.size > present.length / 2) {
    const got = `${distinct.size} of them in ${present.length} rows`;
    throw new DataError({ where, expected: "classes that come back", got, hint: "another --target" });
  }
  const counts = new Map<string, number>();
  for (const value of present) counts.set(String(value).trim(), (counts.get(String(value).trim()) ?? 0) + 1);
  const rarest = [...counts].sort(([, a], [, b]) => a - b)[0]!;
  const rare =
    rarest[1] < 10
      ? `; the rarest, ${JSON.stringify(rarest[0])}, has ${rarest[1]} ${rarest[1] === 1 ? "row" : "rows"}`
      : "";
  return { task, words: `one of ${distinct.size} classes (classification)${rare}` };
}

import { didYouMean, plainText } from "lrfind/core";
import type { Table } from "../../data/index.js";
import { DataError } from "../../data/internal.js";
import { type ColumnSpec, MISSING } from "../columns/column-spec.js";
import type { Understood } from "../columns/context.js";
import { isAbsent } from "../columns/present.js";
import { tidyNames } from "../columns/tidy.js";
import type { TrainDataOptions } from "../options.js";
import type { RawTable } from "../read/read-raw.js";
import { listed } from "./listed.js";
import { LAYERS, setupLines, setupOf, trainedOf } from "./setup.js";
import { understandColumns } from "./table-columns.js";
import { targetOf, taskOf } from "./target.js";
import type { TablePlan } from "./train-plan.js";

/** Fewer rows than this teach nothing that the held-out ones could confirm. */
const FEWEST_ROWS = 10;

/** What would be trained on a table. */
export function tablePlan(data: string, raw: RawTable, options: TrainDataOptions): TablePlan {
  const { table } = raw;
  const target = targetOf(table, options.target);
  checkColumns(table, target, options);
  const missing = [...MISSING, ...(options.missing ?? [])];
  const absent = new Set(missing);
  const known = understandColumns(table, target, {
    options,
    missing: absent,
    delimiter: raw.delimiter,
  });
  const { task, words } = taskOf(table, {
    target,
    spec: known.get(target)!.spec,
    missing: absent,
    asked: options.task,
  });
  const inputs = inputsOf(known, target, task);
  if (inputs.textCol === undefined && inputs.catNames.length + inputs.contNames.length === 0)
    throw nothingToPredictFrom(table, known, target);
  const without = table.values.get(target)!.filter((value) => isAbsent(value, absent)).length;
  const items = table.length - without;
  if (items < FEWEST_ROWS) {
    const got = `${items} ${without === 0 ? "of them" : "with a target"}`;
    throw new DataError({ where: table.name, expected: `at least ${FEWEST_ROWS} rows to learn from`, got });
  }
  const kind = inputs.textCol === undefined ? "table" : "text";
  const { seed = 42, validPct = 0.2, encoding, layers = LAYERS } = options;
  const setup = setupOf({ kind, task }, { ...options, trained: trainedOf(items, validPct) });
  const { catNames, contNames, textCol, specs, notes } = inputs;
  if (task === "classification") specs[target] = { kind: "category" };
  return {
    kind,
    data,
    task,
    target,
    seed,
    validPct,
    ...setup,
    layers,
    recipe: { columns: specs, missing },
    catNames,
    contNames,
    ...(textCol === undefined ? {} : { textCol }),
    ...(raw.delimiter === undefined ? {} : { delimiter: raw.delimiter }),
    ...(encoding === undefined ? {} : { encoding }),
    items,
    lines: [
      `${data}: ${raw.form}, ${table.length} rows, ${table.columns.length} columns`,
      ...(table.warnings ?? []),
      ...columnLines(known, notes.set(target, `the target: ${words}${howWritten(known.get(target)!)}`)),
      ...withoutTarget(without),
      "(--target, --task, --types 'column=kind' and --ignore say otherwise)",
      ...setupLines(setup, options),
    ],
  };
}

/** What the model is given, and what of the known columns it is not given after all. */
interface Inputs {
  readonly catNames: readonly string[];
  readonly contNames: readonly string[];
  readonly textCol?: string;
  readonly specs: Record<string, ColumnSpec>;
  readonly notes: Map<string, string>;
}

/** Texts are read where there is nothing else: one model of ours takes words, another numbers and names. */
function inputsOf(known: ReadonlyMap<string, Understood>, target: string, task: TablePlan["task"]): Inputs {
  const specs = Object.fromEntries(Array.from(known, ([name, { spec }]) => [name, spec]));
  const notes = new Map<string, string>();
  const inputs = [...known].filter(([name, { spec }]) => name !== target && spec.kind !== "ignore");
  const texts = inputs.filter(([, { spec }]) => spec.kind === "text").map(([name]) => name);
  const others = inputs.filter(([, { spec }]) => spec.kind !== "text").map(([name]) => name);
  const isText = texts.length > 0 && others.length === 0 && task === "classification";
  for (const name of isText ? texts.slice(1) : texts) {
    specs[name] = { kind: "ignore", why: "text" };
    notes.set(name, `text: left out, ${whyLeft(isText, task, { texts, others })}`);
  }
  const named = (kinds: readonly string[]) =>
    others
      .filter((name) => kinds.includes(specs[name]!.kind))
      .flatMap((name) => tidyNames(name, specs[name]!));
  const [catNames, contNames] = [named(["category"]), named(["number", "date"])];
  return { catNames, contNames, specs, notes, ...(isText ? { textCol: texts[0]! } : {}) };
}

function whyLeft(
  isText: boolean,
  task: TablePlan["task"],
  { texts, others }: { readonly texts: readonly string[]; readonly others: readonly string[] },
): string {
  if (isText) return `as one text is read, that of ${JSON.stringify(texts[0])}`;
  if (task === "regression") return "as texts predict classes only";
  return `as other columns are no texts (to read it: --ignore ${others.map((name) => JSON.stringify(name)).join(" ")})`;
}

/** What stands behind the kind: how numbers are written, what is missing. */
function howWritten({ words }: Understood): string {
  return words.replace(/^(?:number|category of \d+(?: \(".*?"\))?(?=, \d+ missing|$))/, "");
}

function columnLines(known: ReadonlyMap<string, Understood>, notes: ReadonlyMap<string, string>): string[] {
  // A name may hold a line break, or what a terminal obeys.
  const lines = Array.from(
    known,
    ([name, { words }]) => [plainText(name), notes.get(name) ?? words] as const,
  );
  const width = Math.min(40, Math.max(...lines.map(([name]) => name.length)));
  return lines.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`);
}

function withoutTarget(count: number): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? "row has no target, and is" : "rows have no target, and are"} left out`];
}

function nothingToPredictFrom(
  table: Table,
  known: ReadonlyMap<string, Understood>,
  target: string,
): DataError {
  const why = [...known]
    .filter(([name]) => name !== target)
    .slice(0, 5)
    .map(([name, { words }]) => `${JSON.stringify(name)}: ${words}`);
  return new DataError({
    where: table.name,
    expected: "a column to predict from",
    got: why.join("; ") || "none",
    hint: "--types",
  });
}

/** Names in options are the table's, and no column takes the name of a part of another's dates. */
function checkColumns(table: Table, target: string, { types = {}, ignore = [] }: TrainDataOptions): void {
  for (const [option, names] of Object.entries({ types: Object.keys(types), ignore })) {
    const unknown = names.find((name) => !table.columns.includes(name));
    if (unknown === undefined) continue;
    throw new DataError({
      where: option,
      expected: `the name of a column: ${listed(table.columns)}`,
      got: JSON.stringify(unknown),
      hint: didYouMean(unknown, table.columns),
    });
  }
  if (!ignore.includes(target)) return;
  const got = JSON.stringify(target);
  throw new DataError({ where: "ignore", expected: "columns other than the target", got });
}

import { parseCurve, parseResult } from "../../finder/index.js";
import { LogError } from "../errors.js";
import { baseName } from "../log-file.js";
import { type Cell, cellOf, type LogTable, TableMaker } from "../log-table.js";
import { isLossName, isRateName } from "../names.js";
import type { LogContent, TextFormat } from "./format.js";
import { flatCells, isRecord } from "./rows.js";

/** One JSON value: a finder's lists, Hugging Face's trainer_state.json, a list of rows, lrfind's own files. */
export const json: TextFormat = {
  title: "JSON",
  read(text, name) {
    if (!/^\s*[{[]/.test(text.slice(0, 4096))) return undefined;
    const value = parsedJson(text);
    // Several lines of JSON, or none at all.
    if (value === undefined) return undefined;
    return contentOf(value, name);
  },
};

/** JSON's value, Python's bare NaN and Infinity included; undefined where the text is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  const strict = text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g, (part) =>
    part.startsWith('"') ? part : `"${part}"`,
  );
  try {
    return JSON.parse(strict);
  } catch {
    return undefined;
  }
}

function contentOf(value: unknown, name: string): LogContent {
  if (Array.isArray(value)) return { tables: [tableOfList(value, name)] };
  const fields = value as Record<string, unknown>;
  if (fields["format"] === "lrfind-result") return storedResult(fields);
  if ("numIt" in fields && "lr" in fields) {
    return { curves: [{ format: "lrfind's curve.json", curve: parseCurve(fields) }] };
  }
  const { log_history: history } = fields;
  if (Array.isArray(history)) return { tables: [trainerState(history, name)] };
  const lists = listsIn(fields);
  if (lists !== undefined) return { tables: [tableOfLists(lists, name)] };
  throw new LogError("noRangeTest", {
    where: name,
    expected: "recorded losses",
    got: `JSON without a list of them (${namesIn(fields)})`,
    hint: "the file that holds the rate and the loss of each step",
  });
}

function storedResult(fields: Record<string, unknown>): LogContent {
  const format = "lrfind's result.json";
  const result = parseResult(fields);
  if (!("groups" in result)) return { curves: [{ format, curve: result.curve }] };
  return { curves: result.groups.map(({ group, curve }) => ({ format, group, curve })) };
}

function trainerState(history: readonly unknown[], name: string): LogTable {
  const rows = history.filter(isRecord);
  // A row at the end sums the whole training up.
  const steps = rows.filter((row) => !("train_runtime" in row));
  const maker = new TableMaker(name);
  for (const row of steps) maker.addRow(flatCells(row));
  return maker.finish({ format: "Hugging Face's trainer_state.json" });
}

/** Rows, or TensorBoard's [wall time, step, value], or [rate, loss]. */
function tableOfList(list: readonly unknown[], name: string): LogTable {
  const maker = new TableMaker(name);
  const triples = list.length > 0 && list.every((row) => Array.isArray(row) && row.length === 3);
  const pairs = list.length > 0 && list.every((row) => Array.isArray(row) && row.length === 2);
  if (triples) {
    for (const [, step, value] of list as unknown[][]) {
      maker.addRow([
        ["step", cellOf(step)],
        [baseName(name), cellOf(value)],
      ]);
    }
    return maker.finish({ format: "TensorBoard's JSON" });
  }
  if (pairs) {
    for (const [lr, loss] of list as unknown[][]) {
      maker.addRow([
        ["lr", cellOf(lr)],
        ["loss", cellOf(loss)],
      ]);
    }
    return maker.finish({ format: "JSON pairs of a rate and a loss", isFinders: true });
  }
  for (const row of list) if (isRecord(row)) maker.addRow(flatCells(row));
  if (maker.rows > 0) return maker.finish({ format: "a JSON list of rows" });
  throw new LogError("unreadable", {
    where: name,
    expected: "a list of rows, each an object with a rate and a loss",
    got: list.length === 0 ? "an empty list" : "a list of something else",
    hint: '[{ "step": 0, "lr": 1e-7, "loss": 2.3 }, …], or { "lr": […], "loss": […] }',
  });
}

/** The object that holds lists with losses: the value itself, or one in it (`{ "history": { "loss": […] } }`). */
function listsIn(fields: Record<string, unknown>, depth = 0): Record<string, readonly unknown[]> | undefined {
  const lists = Object.entries(fields).filter((entry): entry is [string, readonly unknown[]] =>
    isListOfNumbers(entry[1]),
  );
  if (lists.some(([name]) => isLossName(name))) return Object.fromEntries(lists);
  if (depth === 3) return undefined;
  for (const part of Object.values(fields)) {
    const inner = isRecord(part) ? listsIn(part, depth + 1) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isListOfNumbers(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((part) => part === null || cellOf(part) !== undefined)
  );
}

function tableOfLists(lists: Record<string, readonly unknown[]>, name: string): LogTable {
  const lengths = new Map<number, string[]>();
  for (const [column, { length }] of Object.entries(lists)) {
    lengths.set(length, [...(lengths.get(length) ?? []), column]);
  }
  const length = Math.max(
    ...Object.entries(lists).flatMap(([key, list]) => (isLossName(key) ? list.length : [])),
  );
  const columns = new Map<string, readonly Cell[]>();
  for (const column of lengths.get(length) ?? []) columns.set(column, lists[column]!.map(cellOf));
  const others = [...lengths].filter(([other]) => other !== length).flatMap(([, names]) => names);
  const odd = others.find(isRateName);
  if (odd !== undefined) {
    throw new LogError("unreadable", {
      where: name,
      expected: `a rate for each of the ${length} losses`,
      got: `${lists[odd]!.length} in "${odd}"`,
      hint: "lists of one length: a step that was recorded in one of them only belongs in neither",
    });
  }
  // fastai's recorder, Lightning's lr_finder.results and torch-lr-finder's history hold little but these two.
  const isFinders = [...columns.keys()].some(isRateName) && columns.size <= 4;
  return { format: "JSON lists", columns, isFinders };
}

function namesIn(fields: Record<string, unknown>): string {
  const names = Object.keys(fields);
  return names.length > 6 ? `${names.slice(0, 6).join(", ")}, …` : names.join(", ");
}

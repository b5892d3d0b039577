import {
  arrayOf,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  either,
  func,
  oneOf,
  string,
} from "../core/index.js";
import { type Curve, divergenceWatch, smooth } from "../finder/index.js";
import { type ColumnNames, checkNames, type Roles, rolesOf } from "./columns.js";
import { LogError } from "./errors.js";
import type { StoredCurve } from "./formats/format.js";
import { readContent } from "./formats/index.js";
import { type Joined, joined } from "./join.js";
import type { LogFile } from "./log-file.js";
import type { LogTable } from "./log-table.js";
import { type LoggedRates, loggedRates, rateColumn } from "./rates.js";
import { looksSmoothed, recogniseSmoothing } from "./recognise-smoothing.js";
import { risingStretch } from "./stretch.js";
import { SMOOTHING_NAMES, SMOOTHINGS, type Smoothing, unsmooth } from "./unsmooth.js";

/** How recorded logs are read. */
export interface ReadLogsOptions {
  /** The column with the learning rate. @default by its name: `lr`, `learning_rate`, `lr-AdamW`, `x/lr0`, … */
  readonly lr?: string;
  /** The column with the loss, or a sum of several: `"box_loss + cls_loss"`. @default by its name */
  readonly loss?: string;
  /** The column that numbers the steps. @default by its name: `step`, `_step`, `iteration`, …, `epoch`; else the rows */
  readonly step?: string;
  /**
   * The rates, where none were logged: a function of the recorded step, or the two ends of a sweep from the first to the
   * last recorded step.
   *
   * @default none
   */
  readonly rates?: LoggedRates;
  /**
   * Whose smoothing the losses bear, to be taken back: a finder's log holds smoothed losses, and a rate read off them
   * smoothed twice is far off.
   *
   * @default "auto": a finder's log is recognised by its form and its first losses; others are taken for raw
   */
  readonly smoothing?: "auto" | "none" | Smoothing;
}

/** A curve that somebody recorded elsewhere. */
export interface RecordedLog {
  /** The file's name, and behind it the run's or the group's where a file holds several. */
  readonly name: string;
  /** What wrote it: `"Keras's CSVLogger"`. */
  readonly format: string;
  readonly curve: Curve;
  /** Whole sentences: what was joined, chosen, taken back, left out. */
  readonly notes: readonly string[];
}

const OPTIONS: Checks<ReadLogsOptions> = {
  lr: string,
  loss: string,
  step: string,
  rates: either(func, loggedRates),
  smoothing: oneOf("auto", "none", ...SMOOTHINGS),
};

const file: Check = {
  expected: "{ name, contents }, its contents text or bytes",
  accepts(value) {
    if (typeof value !== "object" || value === null) return false;
    const { name, contents } = value as Partial<Record<keyof LogFile, unknown>>;
    return typeof name === "string" && (typeof contents === "string" || contents instanceof Uint8Array);
  },
};
const FILES = arrayOf(file, { minLength: 1 });

/** A part of a log: a file, or one of the runs in it. */
interface Part {
  readonly name: string;
  readonly run: string | undefined;
  readonly table: LogTable;
  readonly roles: Roles;
}

/**
 * Reads recorded logs of range tests, whoever wrote them: the curve of each, ready for `suggest`, `diagnose` and a
 * picture. Formats are told by their content. Files of which one holds the rate and another the loss are joined by their
 * steps.
 *
 * @param files - The files, at least one.
 * @param options - Columns, rates and smoothing, where they cannot be told.
 * @returns A curve for every run, in the files' order.
 * @throws {LogError} for a file that is broken or of no known format, holds no range test, or leaves open which column
 *   is meant.
 * @throws {OptionError} for something other than files, or an option that does not exist.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { suggest } from "lrfind";
 * import { readLogs } from "lrfind/logs";
 *
 * const [log] = readLogs([{ name: "lr_find.csv", contents: await readFile("lr_find.csv") }]);
 * console.log(log?.notes, suggest(log!.curve).valley.lr);
 * ```
 */
export function readLogs(files: readonly LogFile[], options: ReadLogsOptions = {}): RecordedLog[] {
  checkArgument("readLogs", "files", files, FILES);
  checkOptions("readLogs", options, OPTIONS);
  const { lr, loss, step, rates } = options;
  const contents = files.map((file) => ({ file, content: readContent(file) }));
  const names: ColumnNames = { lr, loss, step };
  const tables = contents.flatMap(({ content }) => ("tables" in content ? content.tables : []));
  if (tables.length > 0) checkNames(names, tables);
  const parts = contents.flatMap(({ file, content }): Part[] =>
    "tables" in content
      ? content.tables.map((table) => {
          const name = table.run === undefined ? file.name : `${file.name}: ${table.run}`;
          const roles = rolesOf(table, names, name);
          return {
            name,
            run: table.run,
            table,
            roles: rates ? { ...roles, lr: rateColumn(roles, rates) } : roles,
          };
        })
      : [],
  );
  const stored = contents.flatMap(({ file, content }) =>
    "curves" in content ? content.curves.map((curve) => storedLog(file.name, curve)) : [],
  );
  return [...stored, ...pairs(parts).map(([of, lr]) => logOf(of, lr, options.smoothing ?? "auto"))];
}

function storedLog(file: string, { format, group, curve }: StoredCurve): RecordedLog {
  return { name: group === undefined ? file : `${file}: ${group}`, format, curve, notes: [] };
}

/** Each part that holds losses, with the part that holds its rates: itself, or another of the same run. */
function pairs(parts: readonly Part[]): (readonly [loss: Part, lr: Part])[] {
  const withLoss = parts.filter(({ roles }) => roles.loss !== undefined);
  const onlyRates = parts.filter(({ roles }) => roles.loss === undefined && roles.lr !== undefined);
  const neither = parts.find(({ roles }) => roles.loss === undefined && roles.lr === undefined);
  if (neither !== undefined || (parts.length > 0 && withLoss.length === 0))
    throw noLoss(neither ?? parts[0]!);
  return withLoss.map((part) => {
    if (part.roles.lr !== undefined) return [part, part] as const;
    const own = onlyRates.filter(({ run }) => run === part.run);
    const candidates = own.length > 0 ? own : onlyRates;
    if (candidates.length === 1) return [part, candidates[0]!] as const;
    throw noRate(part, candidates);
  });
}

function columnsOf({ table }: Part): string {
  const names = [...table.columns.keys()];
  return names.length > 12 ? `${names.slice(0, 12).join(", ")}, …` : names.join(", ");
}

function noLoss(part: Part): LogError {
  const steps = Math.max(0, ...Array.from(part.table.columns.values(), ({ length }) => length));
  return new LogError(steps < 8 ? "noRangeTest" : "noLoss", {
    where: part.name,
    expected: "a column with the loss of each step",
    got: `${part.table.format}, ${steps} ${steps === 1 ? "row" : "rows"} of ${columnsOf(part) || "no numbers"}`,
    hint: "loss, the name of the column",
  });
}

function noRate({ name, ...part }: Part, candidates: readonly Part[]): LogError {
  const rows = part.roles.loss!.cells.filter((cell) => cell !== undefined).length;
  return new LogError(rows < 8 ? "noRangeTest" : "noRate", {
    where: name,
    expected: "the learning rate of each step",
    got:
      candidates.length > 1
        ? `${candidates.length} files with rates: ${candidates.map((other) => other.name).join(", ")}`
        : `${part.table.format}, ${rows} ${rows === 1 ? "loss" : "losses"} and no rate (${columnsOf({ name, ...part })})`,
    hint: "the file with the rates beside it; lr, the name of a column; or rates, the two ends of the sweep",
  });
}

function logOf(loss: Part, lr: Part, smoothing: "auto" | "none" | Smoothing): RecordedLog {
  const raw = rawLosses(loss, smoothing);
  const { rows, notes }: Joined = joined({ ...loss.roles, loss: raw }, lr === loss ? undefined : lr.roles);
  const stretch = risingStretch(rows, loss.name);
  const of = lr === loss ? [loss.table] : [loss.table, lr.table];
  return {
    name: loss.name,
    format: loss.table.format,
    curve: curveOf(stretch.rows),
    notes: [
      ...of.flatMap(({ notes = [] }) => notes),
      ...(lr === loss ? [] : [`The rates are those of ${lr.name}, joined by the step.`]),
      ...[loss.roles.loss?.note, lr.roles.lr?.note].flatMap((note) => note ?? []),
      ...raw.notes,
      ...notes,
      ...stretch.notes,
    ],
  };
}

type Raw = NonNullable<Roles["loss"]> & { readonly notes: readonly string[] };

/** The loss's column without a finder's smoothing. */
function rawLosses({ roles, table }: Part, smoothing: "auto" | "none" | Smoothing): Raw {
  const column = roles.loss!;
  const rows = column.cells.flatMap((cell, i) => (cell === undefined ? [] : i));
  const losses = rows.map((row) => column.cells[row]!);
  const by = smoothing === "auto" && table.isFinders ? recogniseSmoothing(losses, column.name) : smoothing;
  if (by === null || by === "none" || by === "auto") {
    const doubt = by === "auto" && looksSmoothed(losses);
    const note =
      "The losses look smoothed: if a finder did it, say whose smoothing it is (smoothing), or the rates are far off.";
    return { ...column, notes: doubt ? [note] : [] };
  }
  const cells = [...column.cells];
  for (const [i, loss] of unsmooth(losses, by).entries()) cells[rows[i]!] = loss;
  const override = smoothing === "auto" ? ' (smoothing "none" leaves the losses as they are).' : ".";
  return { ...column, cells, notes: [`${SMOOTHING_NAMES[by]} was taken back${override}`] };
}

/** The curve as the finder records it: it ends with the first loss that is not finite. */
function curveOf(rows: readonly { readonly lr: number; readonly loss: number }[]): Curve {
  const bad = rows.findIndex(({ loss }) => !Number.isFinite(loss));
  const kept = bad < 0 ? rows : rows.slice(0, bad + 1);
  const loss = kept.map((row) => row.loss);
  const smoothed = smooth(loss);
  const hasDiverged = divergenceWatch();
  const diverged = smoothed.map((value) => hasDiverged(value)).at(-1) === true;
  const stop = bad >= 0 ? "nonFinite" : diverged ? "diverged" : "completed";
  return { numIt: rows.length, stop, lr: kept.map(({ lr }) => lr), loss, smoothed };
}

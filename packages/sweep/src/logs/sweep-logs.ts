import { join } from "node:path";
import {
  type Checks,
  checkArgument,
  checkOptions,
  csvCell,
  oneOf,
  string,
  writeAtomically,
} from "lrfind/core";
import { type LoggedStep, stepsOf, toCsvLog, toTfevents } from "lrfind/logs";
import type { Config, JobResult, JobSpec } from "../job/index.js";
import { refuse } from "../job/internal.js";
import { Journal } from "../journal/internal.js";

/** How the logs of a sweep are written. */
export interface SweepLogsOptions {
  /** Event files that TensorBoard opens, a run for each job; or a CSV file for each job. @default "tensorboard" */
  readonly format?: "tensorboard" | "csv";
}

const OPTIONS: Checks<SweepLogsOptions> = { format: oneOf("tensorboard", "csv") };

/**
 * Writes what a sweep measured as logs for other tools: for each range test rate, loss and smoothed loss by the step, for each training
 * its losses and metrics by the epoch. Each job has a folder, named by what it tried.
 *
 * @param folder - The sweep's folder.
 * @param to - Where the logs are written.
 * @param options - See `SweepLogsOptions`.
 * @returns How many jobs were written.
 * @throws {SweepError} when an argument cannot be used.
 * @throws {FileError} when a file cannot be written.
 *
 * @example
 * ```ts
 * await saveSweepLogs("sweep", "runs"); // tensorboard --logdir runs
 * ```
 */
export async function saveSweepLogs(
  folder: string,
  to: string,
  options: SweepLogsOptions = {},
): Promise<number> {
  checkArgument("saveSweepLogs", "folder", folder, string, refuse);
  checkArgument("saveSweepLogs", "to", to, string, refuse);
  checkOptions("saveSweepLogs", options, OPTIONS, refuse);
  const { format = "tensorboard" } = options;
  let count = 0;
  for (const { hash, spec, result, at } of trainedIn(folder)) {
    const steps = stepsFrom(result, Date.parse(at) / 1000);
    if (steps.length === 0) continue;
    const run = join(to, nameOf(hash, spec));
    if (format === "csv")
      await writeAtomically(join(run, "log.csv"), [new TextEncoder().encode(toCsvLog(steps))]);
    else await writeAtomically(join(run, `events.out.tfevents.0.${hash}`), [toTfevents(steps)]);
    count++;
  }
  return count;
}

/**
 * All jobs of a sweep as one CSV table: a row for each, with its configuration, task, rate, epochs, score and failure.
 *
 * @param folder - The sweep's folder.
 * @throws {SweepError} when it is no text.
 *
 * @example
 * ```ts
 * await writeFile("sweep.csv", sweepToCsv("sweep"));
 * ```
 */
export function sweepToCsv(folder: string): string {
  checkArgument("sweepToCsv", "folder", folder, string, refuse);
  const jobs = [...trainedIn(folder)];
  const axes = [...new Set(jobs.flatMap(({ spec }) => Object.keys(spec.config)))];
  const measured = ["lr", "epochs", "score", "last", "steps", "seconds", "failure"];
  const rows = jobs.map(({ hash, spec, result }) => {
    const { value, failure, durationMs } = result;
    const own: Record<string, string | number | undefined> = {
      lr: spec.task.kind === "fit" ? spec.task.lr : value?.kind === "search" ? (value.lr ?? "") : "",
      epochs: spec.task.kind === "fit" ? spec.task.epochs : "",
      ...(value?.kind === "fit" ? { score: value.best, last: value.last } : {}),
      ...(value === undefined || value.kind === "check" ? {} : { steps: value.steps }),
      seconds: durationMs / 1000,
      failure: failure?.message,
    };
    return [
      hash,
      spec.task.kind,
      ...axes.map((axis) => String(spec.config[axis] ?? "")),
      ...measured.map((name) => String(own[name] ?? "")),
    ];
  });
  return `${[["job", "task", ...axes, ...measured], ...rows].map((row) => row.map(csvCell).join(",")).join("\n")}\n`;
}

interface Trained {
  readonly hash: string;
  readonly spec: JobSpec;
  readonly result: JobResult;
  readonly at: string;
}

/** The jobs that ended, each once, in the order in which they did; a journal that is a sweep's has their specs before. */
function* trainedIn(folder: string): Generator<Trained> {
  const specs = new Map<string, JobSpec>();
  const seen = new Set<string>();
  for (const entry of new Journal(join(folder, "journal.jsonl")).entries()) {
    if (entry.kind === "queued") specs.set(entry.hash, entry.spec);
    if (entry.kind !== "ended" || seen.has(entry.hash)) continue;
    const spec = specs.get(entry.hash);
    if (spec === undefined || spec.task.kind === "check") continue;
    seen.add(entry.hash);
    specs.delete(entry.hash);
    yield { hash: entry.hash, spec, result: entry.result, at: entry.at };
  }
}

/** What a job measured, as it came: of range tests by the step, of trainings by the epoch. */
function stepsFrom({ value }: JobResult, wallTime: number): LoggedStep[] {
  if (value?.kind === "search") return stepsOf(value.curve).map((step) => ({ ...step, wallTime }));
  if (value?.kind !== "fit") return [];
  return value.records.map(({ trainLoss, validLoss, metrics }, epoch) => ({
    step: epoch + 1,
    wallTime,
    scalars: {
      trainLoss,
      ...(validLoss === undefined ? {} : { validLoss }),
      ...metrics,
    },
  }));
}

/** A folder's name that any file system takes: what the job tried, and its own name, so that no two are alike. */
function nameOf(hash: string, { config, task }: JobSpec): string {
  const words = wordsOf(config);
  const what = task.kind === "fit" ? `fit-lr=${task.lr.toPrecision(3)}-epochs=${task.epochs}` : task.kind;
  const name = [what, ...words].join("-").replaceAll(/[^\w=.+-]/g, "_");
  return `${name.slice(0, 120)}-${hash.slice(0, 8)}`;
}

function wordsOf(config: Config): string[] {
  return Object.entries(config).map(([name, value]) => `${name}=${String(value)}`);
}

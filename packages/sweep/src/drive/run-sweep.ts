import {
  abortSignal,
  boolean,
  type Check,
  type Checks,
  checkOptions,
  func,
  number,
  required,
  string,
} from "lrfind/core";
import type { JobResult } from "../job/index.js";
import { refuse } from "../job/internal.js";
import type { Launcher } from "../launch/index.js";
import type { Row, SweepSpec } from "../plan/index.js";
import { fullSpec } from "../plan/internal.js";
import { Sweep } from "./sweep.js";

/** Where a sweep is kept, and what runs its jobs. */
export interface RunSweepOptions {
  /** The folder of the sweep: its journal, the jobs' files and their results. What is there already is not done again. */
  readonly folder: string;
  readonly launcher: Launcher;
  /** The folder from which the spec's `model` is looked for. @default the current one */
  readonly from?: string;
  /** Most seconds; what runs then is ended. @default no limit */
  readonly maxTime?: number;
  /** Whether jobs that failed before are done again. @default false */
  readonly retryFailed?: boolean;
  /** Told of everything as it happens. */
  onEvent?(event: SweepEvent): void;
  /** Ends the sweep: what has ended is kept, and the same call goes on. */
  readonly signal?: AbortSignal;
}

/** What happens in a sweep; `waiting`: nothing goes on until somebody does something, or a server is back. */
export type SweepEvent =
  | { readonly kind: "started"; readonly hash: string; progress(): SweepProgress }
  | { readonly kind: "retried"; readonly hash: string; readonly why: string; progress(): SweepProgress }
  | { readonly kind: "waiting"; readonly why: string; progress(): SweepProgress }
  | {
      readonly kind: "ended";
      readonly hash: string;
      readonly result: JobResult;
      progress(): SweepProgress;
    };

/** How far a sweep is. */
export interface SweepProgress {
  /** Jobs that have ended, failed ones among them. */
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** All jobs, as far as they are known: halving's later ones are estimated. */
  readonly total: number;
  /** Training steps that were made. */
  readonly steps: number;
  /** All points, the best first. */
  readonly rows: readonly Row[];
}

/** What a sweep came to. */
export interface SweepResult {
  /** All points, the best first. */
  readonly rows: readonly Row[];
  /** The best point that was trained to the end; undefined where none was. */
  readonly best: Row | undefined;
  /** "completed", or why it ended before. */
  readonly stop: "completed" | "aborted" | "maxTime" | "maxSteps";
  readonly done: number;
  readonly failed: number;
  readonly steps: number;
  readonly durationMs: number;
}

const LAUNCHER: Check = {
  expected: "a launcher",
  accepts: (value) =>
    ["submit", "events", "cancel"].every(
      (name) => typeof (Object(value) as Record<string, unknown>)[name] === "function",
    ),
  hint: () => "localLauncher()",
};

const OPTIONS: Checks<RunSweepOptions> = {
  folder: required(string),
  launcher: required(LAUNCHER),
  from: string,
  maxTime: number({ above: 0 }),
  retryFailed: boolean,
  onEvent: func,
  signal: abortSignal,
};

/**
 * Runs a sweep: a range test for each combination of axes, then trainings at rates around its answer, on whatever the launcher has.
 * Everything that ends is in the folder's journal at once: a sweep that is ended in any way goes on where it stood, by the same
 * call.
 *
 * @param spec - What to try; see `SweepSpec`.
 * @param options - See `RunSweepOptions`. The launcher is disposed of at the end.
 * @throws {SweepError} when the spec, the module, an axis or the measure cannot be used, before anything is trained.
 * @throws {FileError} when the folder cannot be written; what had ended is kept.
 *
 * @example
 * ```ts
 * const { best } = await runSweep(
 *   { model: "./learner.js", axes: { batchSize: [16, 64] }, epochs: 5 },
 *   { folder: "sweep", launcher: localLauncher() },
 * );
 * console.log(best?.point.config, best?.lr, best?.score);
 * ```
 */
export async function runSweep(spec: SweepSpec, options: RunSweepOptions): Promise<SweepResult> {
  const full = fullSpec(spec, "runSweep");
  checkOptions("runSweep", options, OPTIONS, refuse);
  const { launcher, signal } = options;
  await using _ = launcher;
  signal?.throwIfAborted();
  const sweep = new Sweep(full, spec, options);
  return await sweep.run();
}

import type { JobResult } from "../job/index.js";
import type { Launcher } from "../launch/index.js";
import type { Row } from "../plan/index.js";

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

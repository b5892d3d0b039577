import { packageDoor } from "../../modules/index.js";

/** A combination, and how it stands. */
export interface SweepRow {
  readonly point: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly rate: { readonly lr?: number; readonly factor?: number };
  };
  readonly lr?: number;
  readonly epochs: number;
  readonly score?: number;
  readonly scores: readonly number[];
  readonly failure?: string;
}

/** How far a sweep is. */
export interface SweepState {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly total: number;
  readonly rows: readonly SweepRow[];
}

/** What a lock pins, as far as the command tells it. */
export interface SweepLock {
  readonly best: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly lr: number;
    readonly epochs: number;
    readonly monitor: string;
    readonly score: number;
  };
}

/** What a sweep came to, as far as the command tells it. */
export interface SweepOutcome {
  readonly rows: readonly SweepRow[];
  readonly best: SweepRow | undefined;
  readonly stop: "completed" | "aborted" | "maxTime" | "maxSteps";
  readonly done: number;
  readonly failed: number;
  readonly steps: number;
}

/** What a sweep would try, as far as the command tells it. */
export interface SweepPlan {
  readonly spec: { readonly search: string; readonly threads: number; readonly monitor: string };
  readonly rows: readonly SweepRow[];
  readonly rungs: readonly { readonly count: number; readonly epochs: number }[];
}

/** What the command asks of the sweep's package, which is not installed with this one: it brings the engine. */
export interface SweepDoor {
  planSweep(spec: unknown): SweepPlan;
  localLauncher(options: object): object;
  redisLauncher(options: object): Promise<object>;
  slurmLauncher(options: object): Promise<object>;
  rayLauncher(options: object): Promise<object>;
  redisWorker(options: object): Promise<{
    readonly closed: Promise<void>;
    close(options: { readonly force: boolean }): Promise<void>;
  }>;
  lockOf(spec: unknown, rows: readonly SweepRow[], from: string): SweepLock;
  saveLock(path: string, lock: SweepLock): Promise<void>;
  readLock(path: string): SweepLock;
  checkLock(lock: SweepLock, spec: unknown, from: string): void;
  runSweep(spec: unknown, options: object): Promise<SweepOutcome>;
  sweepToHtml(spec: unknown, folder: string, options: object): Promise<string>;
  saveSweepLogs(folder: string, to: string): Promise<number>;
  sweepToCsv(folder: string): string;
  runJob(
    path: string,
    out: string,
  ): Promise<{ readonly failure?: { readonly message: string; readonly tail: string } }>;
}

/**
 * The sweep's package.
 *
 * @throws {LrfindError} where it is not installed, with the line that installs it.
 */
export async function sweepDoor(cwd: string): Promise<SweepDoor> {
  const wanted = {
    name: "@lrfind/sweep",
    entry: "dist/index.js",
    purpose: "which sweeps",
    install: "@lrfind/sweep @lrfind/learner onnxruntime-node",
  };
  return (await packageDoor(wanted, cwd)) as SweepDoor;
}

import { existsSync, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
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
  writeAtomically,
} from "lrfind/core";
import { type JobResult, type JobSpec, SweepError } from "../job/index.js";
import { hashOfJob, hashOfModule, refuse } from "../job/internal.js";
import { Journal } from "../journal/internal.js";
import type { Launcher, QueuedJob } from "../launch/index.js";
import { resultIn } from "../launch/internal.js";
import type { FullSpec, Row, SweepSpec } from "../plan/index.js";
import { fullSpec, type NamedJob, nextJobs, pointsOf, type Step, seedsOf } from "../plan/internal.js";

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

/** What happens in a sweep. */
export type SweepEvent =
  | { readonly kind: "started"; readonly hash: string; progress(): SweepProgress }
  | { readonly kind: "retried"; readonly hash: string; readonly why: string; progress(): SweepProgress }
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

class Sweep {
  readonly #spec: FullSpec;
  readonly #given: SweepSpec;
  readonly #options: RunSweepOptions;
  readonly #journal: Journal;
  readonly #folder: string;
  readonly #base: Pick<JobSpec, "module" | "moduleHash">;
  readonly #results = new Map<string, JobResult>();
  readonly #submitted = new Set<string>();
  /** The jobs that this sweep has wanted so far. */
  readonly #wanted = new Set<string>();
  #isChecking = false;
  readonly #begin = performance.now();
  /** Training steps of all results. */
  #steps = 0;

  constructor(spec: FullSpec, given: SweepSpec, options: RunSweepOptions) {
    this.#spec = spec;
    this.#given = given;
    this.#options = options;
    this.#folder = resolve(options.folder);
    this.#journal = new Journal(join(this.#folder, "journal.jsonl"));
    const module = resolve(options.from ?? ".", spec.model);
    this.#base = { module: relative(join(this.#folder, "jobs"), module), moduleHash: hashOfModule(module) };
  }

  async run(): Promise<SweepResult> {
    const { launcher, signal, maxTime } = this.#options;
    mkdirSync(join(this.#folder, "jobs"), { recursive: true });
    mkdirSync(join(this.#folder, "results"), { recursive: true });
    this.#recall();
    this.#journal.append({ kind: "begun", spec: this.#given, launcher: launcher.name });
    let why: SweepResult["stop"] | undefined;
    const stop = (reason: "aborted" | "maxTime") => {
      why ??= reason;
      void launcher.cancel();
    };
    const abort = () => stop("aborted");
    signal?.addEventListener("abort", abort);
    const timer = maxTime === undefined ? undefined : setTimeout(() => stop("maxTime"), 1000 * maxTime);
    try {
      await this.#check();
      if (why === undefined) await this.#drain((step) => (this.#isSpent() ? [] : step.jobs));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
    const step = this.#step();
    const stopped = why ?? (step.isDone ? "completed" : "maxSteps");
    if (stopped !== "completed") this.#journal.append({ kind: "stopped", why: stopped });
    const finished = step.rows.filter(
      ({ epochs, score }) => epochs === this.#spec.epochs && score !== undefined,
    );
    const { done, failed, steps } = this.#progress(step);
    const durationMs = performance.now() - this.#begin;
    return { rows: step.rows, best: finished[0], stop: stopped, done, failed, steps, durationMs };
  }

  /** What has ended before: by the journal, and by results that it had no time to note. */
  #recall(): void {
    for (const entry of this.#journal.read()) {
      if (entry.kind !== "ended") continue;
      if (entry.result.failure === undefined || !this.#options.retryFailed) {
        if (!this.#results.has(entry.hash)) this.#keep(entry.hash, entry.result);
      }
    }
  }

  /** Makes the learner once, in a process of its own, before anything is trained. */
  async #check(): Promise<void> {
    const [point] = pointsOf(this.#spec);
    const [seed] = seedsOf(this.#spec);
    const config = seed === undefined ? point!.config : { ...point!.config, seed };
    const { threads, monitor } = this.#spec;
    const task = { kind: "check", monitor } as const;
    const spec: JobSpec = { format: "lrfind-job", version: 1, ...this.#base, threads, config, task };
    const job = { hash: hashOfJob(spec), spec };
    // A module that was repaired, a package that was installed: what failed once is looked at again.
    if (this.#results.get(job.hash)?.failure !== undefined) this.#results.delete(job.hash);
    this.#isChecking = true;
    await this.#drain(() => (this.#results.has(job.hash) ? [] : [job]));
    this.#isChecking = false;
    const failure = this.#results.get(job.hash)?.failure;
    this.#results.delete(job.hash);
    this.#submitted.delete(job.hash);
    if (failure === undefined) return;
    throw new SweepError({
      where: this.#spec.model,
      expected: "a module that makes a Learner for this sweep",
      got: failure.message.replace(/^SweepError: /, ""),
    });
  }

  /** Submits what is to do and notes what ends, until nothing is to do. */
  async #drain(wanted: (step: Step) => readonly NamedJob[]): Promise<void> {
    const { launcher } = this.#options;
    const events = launcher.events()[Symbol.asyncIterator]();
    let pending = await this.#submit(wanted(this.#step()));
    while (pending > 0) {
      const next = await events.next();
      if (next.done) return;
      const event = next.value;
      this.#journal.append(event);
      if (event.kind !== "ended") {
        this.#tell(event);
        continue;
      }
      // A job that was run twice counts once.
      if (this.#results.has(event.hash)) continue;
      this.#keep(event.hash, event.result);
      pending--;
      this.#tell(event);
      // Only these lead to further jobs: a rate that is known now, or the end of a rung.
      const leadsOn = event.result.value?.kind === "search" || pending === 0;
      if (leadsOn) pending += await this.#submit(wanted(this.#step()));
    }
  }

  /** Hands on the jobs that are not under way; gives their number. Those whose result is there already are noted. */
  async #submit(jobs: readonly NamedJob[]): Promise<number> {
    const queued: QueuedJob[] = [];
    let known = 0;
    for (const { hash, spec } of jobs) {
      if (this.#submitted.has(hash)) continue;
      this.#submitted.add(hash);
      const path = join(this.#folder, "jobs", `${hash}.json`);
      const job = { hash, path, out: join(this.#folder, "results", `${hash}.json`) };
      const result = resultIn(job);
      if (result !== undefined && result.failure === undefined) {
        this.#journal.append({ kind: "ended", hash, result });
        this.#keep(hash, result);
        known++;
        continue;
      }
      if (!existsSync(path))
        await writeAtomically(path, [new TextEncoder().encode(`${JSON.stringify(spec)}\n`)]);
      this.#journal.append({ kind: "queued", hash, spec });
      queued.push(job);
    }
    if (queued.length > 0) await this.#options.launcher.submit(queued);
    // What was there already may lead to further jobs.
    return queued.length + (known > 0 ? await this.#submit(this.#isSpent() ? [] : this.#step().jobs) : 0);
  }

  #step(): Step {
    return nextJobs(this.#spec, this.#base, this.#results);
  }

  #isSpent(): boolean {
    return this.#steps >= this.#spec.maxSteps;
  }

  #keep(hash: string, result: JobResult): void {
    this.#results.set(hash, result);
    const { value } = result;
    if (value !== undefined && value.kind !== "check") this.#steps += value.steps;
  }

  #tell(event: { readonly kind: SweepEvent["kind"]; readonly hash: string }): void {
    if (this.#isChecking) return;
    this.#options.onEvent?.({ ...event, progress: () => this.#progress(this.#step()) } as SweepEvent);
  }

  #progress(step: Step): SweepProgress {
    const seeds = seedsOf(this.#spec).length;
    for (const { jobs } of step.rows) for (const hash of jobs) this.#wanted.add(hash);
    for (const { hash } of step.jobs) this.#wanted.add(hash);
    const known = this.#wanted;
    const results = [...known].flatMap((hash) => this.#results.get(hash) ?? []);
    // Points without a rate yet have their trainings before them.
    const trainings = step.rungs.reduce((sum, { count }) => sum + count * seeds, 0);
    const searches = new Set([...known].filter((hash) => this.#results.get(hash)?.value?.kind === "search"))
      .size;
    const total = Math.max(known.size, trainings + searches);
    return {
      done: results.length,
      failed: results.filter(({ failure }) => failure !== undefined).length,
      running: [...this.#submitted].filter((hash) => !this.#results.has(hash)).length,
      total,
      steps: this.#steps,
      rows: step.rows,
    };
  }
}

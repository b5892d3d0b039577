import { existsSync, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeAtomically } from "lrfind/core";
import { type JobResult, type JobSpec, SweepError } from "../job/index.js";
import { hashOfJob, hashOfModule, VERSION } from "../job/internal.js";
import { Journal, type JournalEvent } from "../journal/internal.js";
import type { LaunchEvent, QueuedJob } from "../launch/index.js";
import { resultIn, within } from "../launch/internal.js";
import type { FullSpec, SweepSpec } from "../plan/index.js";
import {
  type JobBase,
  type NamedJob,
  nextJobs,
  type Outcome,
  PlanMemo,
  pointsOf,
  type Step,
  seedsOf,
} from "../plan/internal.js";
import type { RunSweepOptions, SweepEvent, SweepProgress, SweepResult } from "./told.js";

/** Jobs that are handed to a launcher at a time: neither their files nor a queue grow with the sweep. */
const WINDOW = 1000;

/** Files that are written at a time. */
const AT_ONCE = 32;

/** A sweep that is running: plans, hands jobs on, and notes what ends. */
export class Sweep {
  readonly #spec: FullSpec;
  readonly #given: SweepSpec;
  readonly #options: RunSweepOptions;
  readonly #journal: Journal;
  readonly #folder: string;
  readonly #base: JobBase;
  readonly #memo = new PlanMemo();
  /** What planning needs of each result; the rest is in the journal. */
  readonly #outcomes = new Map<string, Outcome>();
  /** Jobs that were handed on and have not ended. */
  readonly #pending = new Set<string>();
  /** Those of them that have begun. */
  readonly #running = new Set<string>();
  /** The jobs that this sweep has wanted so far. */
  readonly #wanted = new Set<string>();
  #isChecking = false;
  readonly #begin = performance.now();
  /** Training steps of all results. */
  #steps = 0;
  /** The last plan, when it was made, and how long that took. */
  #planned: { readonly step: Step; readonly at: number; readonly tookMs: number } | undefined;

  constructor(spec: FullSpec, given: SweepSpec, options: RunSweepOptions) {
    this.#spec = spec;
    this.#given = given;
    this.#options = options;
    this.#folder = resolve(options.folder);
    this.#journal = new Journal(join(this.#folder, "journal.jsonl"));
    const path = resolve(options.from ?? ".", spec.model);
    const module = relative(join(this.#folder, "jobs"), path);
    this.#base = { lrfind: VERSION, module, moduleHash: hashOfModule(path) };
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
      if (why === undefined) await this.#drain(() => (this.#isSpent() ? [] : this.#plan().jobs));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
    const step = this.#plan();
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
    for (const entry of this.#journal.entries()) {
      if (entry.kind !== "ended") continue;
      if (entry.result.failure === undefined || !this.#options.retryFailed) {
        if (!this.#outcomes.has(entry.hash)) this.#keep(entry.hash, entry.result);
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
    if (this.#outcomes.get(job.hash)?.failure !== undefined) this.#outcomes.delete(job.hash);
    this.#isChecking = true;
    await this.#drain(() => (this.#outcomes.has(job.hash) ? [] : [job]));
    this.#isChecking = false;
    const failure = this.#outcomes.get(job.hash)?.failure;
    this.#outcomes.delete(job.hash);
    if (failure === undefined) return;
    throw new SweepError({
      where: this.#spec.model,
      expected: "a module that makes a Learner for this sweep",
      got: failure.message.replace(/^SweepError: /, ""),
    });
  }

  /** Submits what is to do and notes what ends, until nothing is to do. */
  async #drain(wanted: () => readonly NamedJob[]): Promise<void> {
    const events = this.#options.launcher.events()[Symbol.asyncIterator]();
    let next: Promise<IteratorResult<LaunchEvent>> | undefined;
    let hasMore = await this.#submit(wanted());
    let isDue = false;
    while (this.#pending.size > 0) {
      next ??= events.next();
      const item: IteratorResult<LaunchEvent> | undefined = await within(
        next,
        isDue ? this.#planDue() : Number.POSITIVE_INFINITY,
      );
      if (item !== undefined) {
        next = undefined;
        if (item.done) return;
        isDue = this.#note(item.value) || isDue;
        if (hasMore && this.#pending.size <= WINDOW / 2) isDue = true;
      }
      if (this.#pending.size === 0 || (isDue && this.#planDue() <= 0)) {
        hasMore = await this.#submit(wanted());
        isDue = false;
      }
    }
  }

  /** Notes what happened; gives whether it may lead to further jobs: a rate that is known now. */
  #note(event: LaunchEvent): boolean {
    if (event.kind === "ended" && this.#outcomes.has(event.hash)) return false; // Run twice: it counts once.
    this.#journal.append(event);
    if (event.kind === "started") this.#running.add(event.hash);
    else if (event.kind !== "waiting") this.#running.delete(event.hash);
    if (event.kind === "ended") {
      this.#pending.delete(event.hash);
      this.#keep(event.hash, event.result);
    }
    this.#tell(event);
    return event.kind === "ended" && event.result.value?.kind === "search";
  }

  /** Planning takes at most a tenth of the time: milliseconds until it may be done again. */
  #planDue(): number {
    if (this.#planned === undefined) return 0;
    return this.#planned.at + 10 * this.#planned.tookMs - performance.now();
  }

  /** Hands on the jobs that are not under way, as many as the window has room for; gives whether there are more. */
  async #submit(jobs: readonly NamedJob[]): Promise<boolean> {
    let left = jobs.filter(({ hash }) => !this.#pending.has(hash));
    for (;;) {
      const room = left.slice(0, Math.max(0, WINDOW - this.#pending.size));
      const { queued, events } = await this.#filesOf(room);
      this.#journal.append(...events);
      if (queued.length > 0) await this.#options.launcher.submit(queued);
      // Results that were there already may lead to further jobs.
      if (queued.length === room.length) return left.length > room.length;
      left = this.#isSpent() ? [] : this.#plan().jobs.filter(({ hash }) => !this.#pending.has(hash));
    }
  }

  /** Writes the files of jobs. Those whose result is there already are noted instead. */
  async #filesOf(jobs: readonly NamedJob[]): Promise<{ queued: QueuedJob[]; events: JournalEvent[] }> {
    const queued: QueuedJob[] = [];
    const events: JournalEvent[] = [];
    const write = async ({ hash, spec }: NamedJob) => {
      const path = join(this.#folder, "jobs", `${hash}.json`);
      const job = { hash, path, out: join(this.#folder, "results", `${hash}.json`) };
      const result = resultIn(job);
      if (result !== undefined && result.failure === undefined) {
        events.push({ kind: "ended", hash, result });
        this.#keep(hash, result);
        return;
      }
      if (!existsSync(path))
        await writeAtomically(path, [new TextEncoder().encode(`${JSON.stringify(spec)}\n`)]);
      events.push({ kind: "queued", hash, spec });
      queued.push(job);
      this.#pending.add(hash);
    };
    for (let i = 0; i < jobs.length; i += AT_ONCE) await Promise.all(jobs.slice(i, i + AT_ONCE).map(write));
    return { queued, events };
  }

  #plan(): Step {
    const at = performance.now();
    const step = nextJobs(this.#spec, this.#base, this.#outcomes, this.#memo);
    this.#planned = { step, at, tookMs: performance.now() - at };
    return step;
  }

  #isSpent(): boolean {
    return this.#steps >= this.#spec.maxSteps;
  }

  #keep(hash: string, { value, failure }: JobResult): void {
    if (failure !== undefined) this.#outcomes.set(hash, { failure: { message: failure.message } });
    else if (value!.kind === "check") this.#outcomes.set(hash, { value: { kind: "check" } });
    else if (value!.kind === "search") {
      const { kind, lr, reason } = value!;
      this.#outcomes.set(hash, { value: { kind, lr, ...(reason === undefined ? {} : { reason }) } });
    } else {
      const { kind, best, better } = value!;
      this.#outcomes.set(hash, { value: { kind, best, better } });
    }
    if (value !== undefined && value.kind !== "check") this.#steps += value.steps;
  }

  #tell(event: LaunchEvent): void {
    if (this.#isChecking && event.kind !== "waiting") return;
    const progress = () => this.#progress(this.#planDue() > 0 ? this.#planned!.step : this.#plan());
    this.#options.onEvent?.({ ...event, progress } as SweepEvent);
  }

  #progress(step: Step): SweepProgress {
    const seeds = seedsOf(this.#spec).length;
    for (const { jobs } of step.rows) for (const hash of jobs) this.#wanted.add(hash);
    for (const { hash } of step.jobs) this.#wanted.add(hash);
    // Points without a rate yet have their trainings before them.
    const trainings = step.rungs.reduce((sum, { count }) => sum + count * seeds, 0);
    let [done, failed, searches] = [0, 0, 0];
    for (const hash of this.#wanted) {
      const outcome = this.#outcomes.get(hash);
      if (outcome === undefined) continue;
      done++;
      if (outcome.failure !== undefined) failed++;
      if (outcome.value?.kind === "search") searches++;
    }
    return {
      done,
      failed,
      running: this.#running.size,
      total: Math.max(this.#wanted.size, trainings + searches),
      steps: this.#steps,
      rows: step.rows,
    };
  }
}

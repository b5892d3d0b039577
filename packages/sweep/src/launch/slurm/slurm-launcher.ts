import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { arrayOf, type Checks, checkOptions, string, writeAtomically } from "lrfind/core";
import { SweepError } from "../../job/index.js";
import { hashOf, refuse, UNWRITTEN } from "../../job/internal.js";
import { CLUSTER_CHECKS, type ClusterOptions, LATE_MS } from "../cluster.js";
import { failed, jobCommand, resultIn, unwritten, withoutResult, withTail } from "../job-process.js";
import { LaunchEvents } from "../launch-events.js";
import type { LaunchEvent, Launcher, QueuedJob } from "../launcher.js";
import { quoted } from "../quoted.js";
import { accountOf, maxArraySize, SlurmFailure, slurm, type Task, tasksOf } from "./commands.js";

/** How jobs are handed to Slurm. */
export interface SlurmOptions extends ClusterOptions {
  /** What else `sbatch` is told: `["--partition=cpu", "--time=1:00:00"]`. @default none */
  readonly args?: readonly string[];
  /** Most jobs at a time. @default as many as Slurm begins */
  readonly workers?: number;
  /** How often Slurm is asked, in milliseconds. @default 5000 */
  readonly pollMs?: number;
}

const OPTIONS: Checks<SlurmOptions> = {
  args: arrayOf(string),
  ...CLUSTER_CHECKS,
};

/** When it is said that nothing has begun. */
const PATIENCE_MS = 30_000;

/** States in which a task will go on. */
const ALIVE = new Set(
  "PENDING RUNNING COMPLETING CONFIGURING SUSPENDED STOPPED REQUEUED REQUEUE_FED REQUEUE_HOLD RESIZING SIGNALING STAGE_OUT RESV_DEL_HOLD SPECIAL_EXIT".split(
    " ",
  ),
);

/**
 * Runs jobs on a cluster by Slurm, as job arrays; the sweep's folder, which all nodes have to see, is the only channel. What the cluster
 * was told is kept there too: a driver that is begun again finds the jobs that still wait or run.
 *
 * @param options - See `SlurmOptions`.
 * @throws {SweepError} when an option cannot be used, or Slurm's commands are not there or do not answer.
 *
 * @example
 * ```ts
 * const launcher = await slurmLauncher({ args: ["--partition=cpu", "--time=30"] });
 * const result = await runSweep({ model: "./learner.js" }, { folder: "sweep", launcher });
 * ```
 *
 * Source: Slurm's manual pages of sbatch, squeue, sacct and scancel.
 */
export async function slurmLauncher(options: SlurmOptions = {}): Promise<Launcher> {
  checkOptions("slurmLauncher", options, OPTIONS, refuse);
  try {
    return new SlurmLauncher(options, await maxArraySize());
  } catch (cause) {
    if (!(cause instanceof SlurmFailure)) throw cause;
    const problem = { where: "slurm", expected: "a controller that answers", got: cause.message };
    throw new SweepError(problem, { cause });
  }
}

interface Submitted {
  readonly job: QueuedJob;
  /** `ARRAY_INDEX`. */
  readonly task: string;
  isRunning: boolean;
  /** When it was seen to be over and had no result. */
  overSince?: number;
}

class SlurmLauncher implements Launcher {
  readonly name = "Slurm";
  readonly #options: SlurmOptions;
  readonly #maxArraySize: number;
  readonly #events = new LaunchEvents();
  readonly #waiting: QueuedJob[] = [];
  readonly #submitted = new Map<string, Submitted>();
  readonly #losses = new Map<string, number>();
  readonly #controller = new AbortController();
  #folder: string | undefined;
  #jobName = "";
  #lastBegun = performance.now();
  #sending: Promise<void> = Promise.resolve();

  constructor(options: SlurmOptions, size: number) {
    this.#options = options;
    this.#maxArraySize = size;
  }

  async submit(jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    if (this.#folder === undefined) await this.#open(jobs[0]!);
    const known = await this.#adopt(jobs);
    this.#waiting.push(...jobs.filter(({ hash }) => !known.has(hash)));
    await this.#send();
  }

  events(): AsyncIterable<LaunchEvent> {
    return this.#events;
  }

  async cancel(): Promise<void> {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort();
    this.#events.mute();
    this.#waiting.length = 0;
    const tasks = Array.from(this.#submitted.values(), ({ task }) => task);
    // Whatever it answers: there is nothing more to be done.
    for (let i = 0; i < tasks.length; i += 500)
      await slurm("scancel", tasks.slice(i, i + 500)).catch(() => "");
    this.#events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #open({ path }: QueuedJob): Promise<void> {
    this.#folder = join(dirname(dirname(path)), "slurm");
    mkdirSync(this.#folder, { recursive: true });
    this.#jobName = `lrfind-${hashOf(this.#folder)}`;
    void this.#watch();
  }

  /** Finds jobs that another driver, which is over, has submitted and that still wait or run. */
  async #adopt(jobs: readonly QueuedJob[]): Promise<ReadonlySet<string>> {
    const lists = readdirSync(this.#folder!).filter((name) => name.endsWith(".json"));
    const wanted = new Map(jobs.map((job) => [job.hash, job]));
    const known = new Set<string>();
    if (lists.length === 0) return known;
    const tasks = await this.#ask(() => tasksOf(this.#jobName));
    for (const name of lists) {
      const hashes = JSON.parse(readFileSync(join(this.#folder!, name), "utf8")) as string[];
      for (const [index, hash] of hashes.entries()) {
        const task = `${name.replace(/\.json$/, "")}_${index}`;
        const job = wanted.get(hash);
        if (job === undefined || !ALIVE.has(tasks?.get(task)?.state ?? "")) continue;
        known.add(hash);
        this.#submitted.set(hash, { job, task, isRunning: false });
      }
    }
    return known;
  }

  /** Submits what waits; one call after the other. */
  #send(): Promise<void> {
    const sent = this.#sending.then(() => this.#sendNow());
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** An array after the other. */
  async #sendNow(): Promise<void> {
    let size = Math.min(this.#maxArraySize, 1000);
    while (this.#waiting.length > 0 && !this.#controller.signal.aborted) {
      const jobs = this.#waiting.slice(0, size);
      try {
        await this.#sendArray(jobs);
        this.#waiting.splice(0, jobs.length);
      } catch (error) {
        if (!(error instanceof SlurmFailure)) throw error;
        // A limit on queued jobs may have room for fewer.
        if (error.isTemporary && size > 1) size = Math.ceil(size / 4);
        else if (error.isTemporary && this.#submitted.size > 0) {
          this.#events.wait(error.message);
          return;
        } else {
          const hint = "--slurm-arg for what sbatch has to be told";
          const expected = "sbatch to take a job array";
          throw new SweepError({ where: "slurm", expected, got: error.message, hint }, { cause: error });
        }
      }
    }
  }

  async #sendArray(jobs: readonly QueuedJob[]): Promise<void> {
    const { args = [], workers, threads = 1, command = jobCommand() } = this.#options;
    const name = join(this.#folder!, `${Date.now()}-${jobs[0]!.hash}`);
    const list = jobs.map(({ path, out }) => `${path}\n${out}\n`).join("");
    await writeAtomically(`${name}.txt`, [new TextEncoder().encode(list)]);
    const line = (n: number) => `"$(sed -n "$((2 * SLURM_ARRAY_TASK_ID + ${n}))p" ${quoted(`${name}.txt`)})"`;
    const script = `#!/bin/sh\nexec ${command.map(quoted).join(" ")} ${line(1)} ${line(2)}\n`;
    await writeAtomically(`${name}.sh`, [new TextEncoder().encode(script)]);
    const limit = workers === undefined ? "" : `%${workers}`;
    const printed = await slurm("sbatch", [
      ...["--parsable", `--array=0-${jobs.length - 1}${limit}`, `--job-name=${this.#jobName}`],
      ...["--requeue", "--open-mode=append", `--output=${this.#folder}/%A_%a.out`],
      ...["--ntasks=1", `--cpus-per-task=${threads}`, ...args, `${name}.sh`],
    ]);
    const array = printed.trim().split(";")[0]!;
    const hashes = JSON.stringify(jobs.map(({ hash }) => hash));
    for (const [index, job] of jobs.entries()) {
      this.#submitted.set(job.hash, { job, task: `${array}_${index}`, isRunning: false });
    }
    await writeAtomically(join(this.#folder!, `${array}.json`), [new TextEncoder().encode(hashes)]);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#controller;
    const { pollMs = 5000 } = this.#options;
    while (!signal.aborted) {
      await sleep(pollMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const tasks = await this.#ask(() => tasksOf(this.#jobName));
        if (tasks !== undefined) await this.#look(tasks);
        await this.#send();
      } catch (error) {
        this.#events.fail(error as Error);
        return;
      }
    }
  }

  /** What Slurm answers; undefined, and it is said, while its controller is busy or away. */
  async #ask<Value>(question: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof SlurmFailure)) throw error;
      this.#events.wait(error.message);
      return undefined;
    }
  }

  async #look(tasks: ReadonlyMap<string, Task>): Promise<void> {
    for (const [hash, one] of [...this.#submitted]) {
      const result = resultIn(one.job);
      const task = tasks.get(one.task);
      if (result !== undefined) this.#end(hash, withTail(result, this.#printedBy(one)));
      else if (task !== undefined && ALIVE.has(task.state)) this.#follow(hash, one, task);
      else await this.#ended(hash, one, task);
    }
    const reasons = new Set(
      Array.from(this.#submitted.values(), ({ task }) => tasks.get(task)?.reason ?? ""),
    );
    const isWaiting = [...this.#submitted.values()].every(({ isRunning }) => !isRunning);
    if (this.#submitted.size === 0 || !isWaiting) this.#lastBegun = performance.now();
    else if (performance.now() - this.#lastBegun > PATIENCE_MS)
      this.#events.wait(`Slurm runs no job yet: ${[...reasons].join(", ")}`);
  }

  #follow(hash: string, one: Submitted, { state }: Task): void {
    if (state === "RUNNING" && !one.isRunning) {
      one.isRunning = true;
      this.#events.push({ kind: "started", hash, worker: one.task });
    } else if ((state === "PENDING" || state === "REQUEUED") && one.isRunning) {
      one.isRunning = false;
      this.#events.push({ kind: "retried", hash, why: "Slurm put it back into its queue" });
    }
  }

  /** A task that is over and has no result. */
  async #ended(hash: string, one: Submitted, seen: Task | undefined): Promise<void> {
    one.overSince ??= performance.now();
    const isPlain = seen === undefined || seen.state === "COMPLETED";
    if (isPlain && performance.now() - one.overSince < LATE_MS) return;
    const task = seen ?? (await accountOf(one.task));
    const { state, code, signal } = task ?? { state: "unknown to Slurm", code: 0, signal: 0 };
    if (code === UNWRITTEN) throw unwritten(one.job, this.#printedBy(one).trim());
    const isOwnFault =
      ["TIMEOUT", "DEADLINE", "OUT_OF_MEMORY"].includes(state) || (state === "FAILED" && signal === 0);
    const losses = (this.#losses.get(hash) ?? 0) + 1;
    this.#losses.set(hash, losses);
    const why = signal === 0 ? state : `${state} by signal ${signal}`;
    if (!isOwnFault && losses <= (this.#options.retries ?? 3)) {
      this.#submitted.delete(hash);
      this.#waiting.push(one.job);
      this.#events.push({ kind: "retried", hash, why: `Slurm: ${why}` });
      return;
    }
    const message = isOwnFault
      ? state === "FAILED"
        ? withoutResult(code, this.#printedBy(one))
        : `Slurm ended it: ${state}; --slurm-arg=--time=… or --slurm-arg=--mem=… asks for more`
      : `Slurm: ${why}, ${losses} times`;
    this.#end(hash, failed(hash, { message, tail: this.#printedBy(one), durationMs: 0 }));
  }

  #end(hash: string, result: Extract<LaunchEvent, { kind: "ended" }>["result"]): void {
    this.#submitted.delete(hash);
    this.#events.push({ kind: "ended", hash, result });
  }

  #printedBy({ task }: Submitted): string {
    try {
      return readFileSync(join(this.#folder!, `${task}.out`), "utf8");
    } catch {
      return "";
    }
  }
}

import { availableParallelism } from "node:os";
import { arrayOf, type Checks, checkOptions, integer, string } from "lrfind/core";
import { refuse } from "../../job/internal.js";
import { EventQueue } from "../event-queue.js";
import { failed, type JobEnd, type JobProcess, jobCommand, startJob, unwritten } from "../job-process.js";
import type { LaunchEvent, Launcher, QueuedJob } from "../launcher.js";

/** How jobs are run on this machine. */
export interface LocalOptions {
  /**
   * How many jobs run at a time: with jobs of one thread each, as many as there are cores.
   *
   * @default the machine's cores over `threads`, at least 1
   */
  readonly workers?: number;
  /** Threads of each job, for the default of `workers`. @default 1 */
  readonly threads?: number;
  /**
   * The program that does a job, and its first arguments; the job's file and the result's follow.
   *
   * @default this Node, and the package's `lrfind-job`
   */
  readonly command?: readonly string[];
  /** How often a job whose process was killed is begun again. @default 3 */
  readonly retries?: number;
}

const OPTIONS: Checks<LocalOptions> = {
  workers: integer({ min: 1, max: 1024 }),
  threads: integer({ min: 1, max: 1024 }),
  command: arrayOf(string),
  retries: integer({ min: 0 }),
};

/**
 * Runs jobs on this machine, each in a process of its own.
 *
 * @param options - See `LocalOptions`.
 * @throws {SweepError} when an option cannot be used.
 *
 * @example
 * ```ts
 * const launcher = localLauncher({ workers: 2 });
 * const result = await runSweep({ model: "./learner.js" }, { folder: "sweep", launcher });
 * ```
 */
export function localLauncher(options: LocalOptions = {}): Launcher {
  checkOptions("localLauncher", options, OPTIONS, refuse);
  const { threads = 1, retries = 3 } = options;
  const workers = options.workers ?? Math.max(1, Math.floor(availableParallelism() / threads));
  return new LocalLauncher(workers, retries, options.command ?? jobCommand());
}

class LocalLauncher implements Launcher {
  readonly name: string;
  readonly #workers: number;
  readonly #retries: number;
  readonly #command: readonly string[];
  readonly #waiting: QueuedJob[] = [];
  readonly #running = new Map<string, JobProcess>();
  readonly #deaths = new Map<string, number>();
  readonly #events = new EventQueue<LaunchEvent>();
  #isOver = false;

  constructor(workers: number, retries: number, command: readonly string[]) {
    this.name = `${workers} ${workers === 1 ? "worker" : "workers"} on this machine`;
    this.#workers = workers;
    this.#retries = retries;
    this.#command = command;
  }

  async submit(jobs: readonly QueuedJob[]): Promise<void> {
    this.#waiting.push(...jobs);
    this.#fill();
  }

  events(): AsyncIterable<LaunchEvent> {
    return this.#events;
  }

  async cancel(): Promise<void> {
    this.#isOver = true;
    this.#waiting.length = 0;
    const running = [...this.#running.values()];
    for (const process of running) process.kill();
    await Promise.all(running.map(({ ended }) => ended));
    this.#events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  #fill(): void {
    while (!this.#isOver && this.#running.size < this.#workers) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#start(job);
    }
  }

  #start(job: QueuedJob): void {
    const process = startJob(this.#command, job);
    this.#running.set(job.hash, process);
    this.#events.push({ kind: "started", hash: job.hash, worker: String(process.pid ?? "none") });
    void process.ended.then((end) => {
      this.#running.delete(job.hash);
      if (this.#isOver) return;
      this.#ended(job, end);
      this.#fill();
    });
  }

  #ended(job: QueuedJob, end: JobEnd): void {
    const { hash } = job;
    if (end.kind === "unwritten") {
      this.#events.fail(unwritten(job, end.why));
      return;
    }
    if (end.kind === "killed") {
      const deaths = (this.#deaths.get(hash) ?? 0) + 1;
      this.#deaths.set(hash, deaths);
      if (deaths <= this.#retries) {
        // A process that somebody killed says nothing against the job.
        this.#waiting.unshift(job);
        this.#events.push({ kind: "retried", hash, why: `its process was ended by ${end.by}` });
        return;
      }
      const message = `the process was ended by ${end.by}, ${deaths} times`;
      this.#events.push({ kind: "ended", hash, result: failed(hash, { ...end, message }) });
      return;
    }
    this.#events.push({ kind: "ended", hash, result: end.result });
  }
}

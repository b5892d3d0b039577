import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";
import { arrayOf, type Checks, checkOptions, integer, plainText, string } from "lrfind/core";
import { type JobResult, SweepError } from "../job/index.js";
import { parseJobResult, refuse, VERSION } from "../job/internal.js";
import { EventQueue } from "./event-queue.js";
import type { LaunchEvent, Launcher, QueuedJob } from "./launcher.js";

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

/** How much of what a process printed is kept. */
const TAIL = 4000;

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

/** The command of a job, by the package's manifest: chunks of a bundle do not know where they are. */
function jobCommand(): readonly string[] {
  const manifest = createRequire(import.meta.url).resolve("@lrfind/sweep/package.json");
  const main = join(manifest, "../dist/job/main.js");
  if (!existsSync(main)) {
    throw new SweepError({ where: "localLauncher", expected: "the built package", got: `no ${main}` });
  }
  return [process.execPath, main];
}

class LocalLauncher implements Launcher {
  readonly name: string;
  readonly #workers: number;
  readonly #retries: number;
  readonly #command: readonly string[];
  readonly #waiting: QueuedJob[] = [];
  readonly #running = new Map<string, ChildProcess>();
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
    const ends = Array.from(
      this.#running.values(),
      (child) => new Promise((resolve) => child.once("close", resolve)),
    );
    for (const child of this.#running.values()) child.kill("SIGKILL");
    await Promise.all(ends);
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
    const begin = performance.now();
    const [program, ...args] = this.#command as [string, ...string[]];
    const child = spawn(program, [...args, job.path, job.out], { stdio: ["ignore", "pipe", "pipe"] });
    this.#running.set(job.hash, child);
    this.#events.push({ kind: "started", hash: job.hash, worker: String(child.pid ?? "none") });
    let tail = "";
    const keep = (part: Buffer) => {
      tail = (tail + part.toString()).slice(-TAIL);
    };
    child.stdout!.on("data", keep);
    child.stderr!.on("data", keep);
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = error;
    });
    child.once("close", (code, signal) => {
      this.#running.delete(job.hash);
      if (this.#isOver) return;
      this.#ended(job, { code, signal, tail, failure, durationMs: performance.now() - begin });
      this.#fill();
    });
  }

  #ended(job: QueuedJob, end: ProcessEnd): void {
    const { hash } = job;
    const written = resultIn(job);
    if (written !== undefined) {
      this.#events.push({ kind: "ended", hash, result: withTail(written, end.tail) });
      return;
    }
    const deaths = (this.#deaths.get(hash) ?? 0) + 1;
    this.#deaths.set(hash, deaths);
    if (end.signal !== null && deaths <= this.#retries) {
      // A process that somebody killed says nothing against the job.
      this.#waiting.unshift(job);
      this.#events.push({ kind: "retried", hash, why: `its process was ended by ${end.signal}` });
      return;
    }
    const message =
      end.failure !== undefined
        ? `the process could not be started: ${end.failure.message}`
        : end.signal !== null
          ? `the process was ended by ${end.signal}, ${deaths} times`
          : `the process ended with exit code ${end.code} and without a result`;
    const made = { lrfind: VERSION, node: process.version, host: hostname() };
    const failure = { message, tail: tailOf(end.tail) };
    const { durationMs } = end;
    const result = { format: "lrfind-job-result", version: 1, hash, failure, durationMs, made } as const;
    this.#events.push({ kind: "ended", hash, result });
  }
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tail: string;
  readonly failure: Error | undefined;
  readonly durationMs: number;
}

/** The result that a job wrote: its own, and whole. */
export function resultIn({ hash, out }: QueuedJob): JobResult | undefined {
  if (!existsSync(out)) return undefined;
  try {
    const result = parseJobResult(readFileSync(out, "utf8"), out);
    return result.hash === hash ? result : undefined;
  } catch {
    return undefined;
  }
}

/** What a failed job printed says more than where its error was thrown. */
function withTail(result: JobResult, tail: string): JobResult {
  if (result.failure === undefined) return result;
  const { message, tail: stack } = result.failure;
  return { ...result, failure: { message, tail: tailOf(`${tail}\n${stack}`) } };
}

function tailOf(text: string): string {
  return text.trim().slice(-TAIL).split("\n").map(plainText).join("\n");
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { arrayOf, type Checks, checkOptions, func, integer, plainText, required, string } from "lrfind/core";
import { type JobResult, type JobSpec, SweepError } from "../../job/index.js";
import { checkVersion, hashOfModule, parseJob, refuse, VERSION } from "../../job/internal.js";
import { failed, type JobProcess, jobCommand, startJob } from "../job-process.js";
import {
  bullmq,
  CANCELLED,
  cancelChannel,
  connectionTo,
  driverKey,
  hashOfId,
  type QueueData,
  shownUrl,
} from "./connection.js";

/** How a worker takes jobs from a queue. */
export interface RedisWorkerOptions {
  /** The server's address. */
  readonly url: string;
  /** The queue's name. @default "lrfind" */
  readonly queue?: string;
  /** The project's folder, where the sweep's module is found as in the driver's. @default the current one */
  readonly from?: string;
  /** How many jobs run at a time. @default the machine's cores over `threads`, at least 1 */
  readonly workers?: number;
  /** Threads of each job, for the default of `workers`. @default 1 */
  readonly threads?: number;
  /** How often a job whose process was killed, or whose worker was lost, is begun again. @default 3 */
  readonly retries?: number;
  /** How long a worker that says nothing is taken for a running one, in milliseconds. @default 30000 */
  readonly lockMs?: number;
  /** The program that does a job, and its first arguments. @default this Node, and the package's `lrfind-job` */
  readonly command?: readonly string[];
  /** Does a job in the place of a process: for tests, and for a program that has what jobs need in its memory. */
  run?(spec: JobSpec): Promise<JobResult>;
  /** Told of what happens. */
  onEvent?(event: RedisWorkerEvent): void;
}

/** What happens to a worker; `left`: it leaves the queue, and why. */
export type RedisWorkerEvent =
  | { readonly kind: "started" | "ended"; readonly hash: string }
  | { readonly kind: "waiting" | "left"; readonly why: string };

/** A worker at a queue. */
export interface RedisWorker extends AsyncDisposable {
  /** Settles when it has left the queue; with an error where it could not stay. */
  readonly closed: Promise<void>;
  /** Leaves the queue once the jobs that run are over; `force`: gives them back at once. */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

const OPTIONS: Checks<RedisWorkerOptions> = {
  url: required(string),
  queue: string,
  from: string,
  workers: integer({ min: 1, max: 1024 }),
  threads: integer({ min: 1, max: 1024 }),
  retries: integer({ min: 0 }),
  lockMs: integer({ min: 500 }),
  command: arrayOf(string),
  run: func,
  onEvent: func,
};

/**
 * Joins a queue on a Redis server and does the jobs of sweeps, each in a process of its own, until it is closed. Its lock on a job is
 * renewed while the job computes. A worker that ends in whatever way loses nothing: what it had begun, another begins again.
 *
 * @param options - See `RedisWorkerOptions`.
 * @throws {SweepError} when an option cannot be used, the packages bullmq and ioredis are not installed, no server answers, or the
 *   sweep that runs there is of another version.
 *
 * @example
 * ```ts
 * const worker = await redisWorker({ url: "redis://localhost:6379" });
 * process.once("SIGTERM", () => worker.close());
 * await worker.closed;
 * ```
 */
export async function redisWorker(options: RedisWorkerOptions): Promise<RedisWorker> {
  checkOptions("redisWorker", options, OPTIONS, refuse);
  const { url, queue = "lrfind", threads = 1, retries = 3, lockMs = 30_000 } = options;
  const { Worker } = await bullmq();
  const { connection, client } = await connectionTo(url);
  const jobs = new JobsOfWorker({ ...options, url: shownUrl(url) });
  const worker = new Worker<QueueData, JobResult>(queue, (job, token) => jobs.process(job, token ?? ""), {
    connection,
    name: `lrfind@${VERSION}/${hostname().replaceAll(/[^\w.-]/g, "-")}/${process.pid}`,
    autorun: false,
    concurrency: options.workers ?? Math.max(1, Math.floor(availableParallelism() / threads)),
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: retries,
  });
  worker.on("error", (error) => {
    options.onEvent?.({ kind: "waiting", why: plainText(`${shownUrl(url)}: ${error.message}`) });
  });
  return await jobs.join(worker, client, queue);
}

/** The jobs that a worker does. */
class JobsOfWorker implements RedisWorker {
  readonly #options: RedisWorkerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "lrfind-worker-"));
  readonly #running = new Map<string, JobProcess>();
  readonly #cancelled = new Set<string>();
  #worker: Worker<QueueData, JobResult> | undefined;
  #errors: typeof import("bullmq") | undefined;
  #isForced = false;
  #closing: Promise<void> | undefined;
  readonly closed: Promise<void>;
  #settle!: { resolve(): void; reject(error: Error): void };

  constructor(options: RedisWorkerOptions) {
    this.#options = options;
    this.closed = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not wait for it is told by onEvent.
    this.closed.catch(() => {});
  }

  async join(worker: Worker<QueueData, JobResult>, client: Redis, queue: string): Promise<RedisWorker> {
    this.#worker = worker;
    this.#errors = await bullmq();
    void this.closed.finally(() => client.disconnect()).catch(() => {});
    try {
      await worker.waitUntilReady();
      const driver = await client.get(driverKey(queue));
      if (driver !== null) checkVersion(driver, this.#options.url);
    } catch (error) {
      this.#settle.reject(error as Error);
      await this.#end();
      throw error;
    }
    client.on("message", (_, message) => this.#cancel(message));
    await client.subscribe(cancelChannel(queue));
    void worker.run().catch((error: Error) => this.#leave(error));
    return this;
  }

  async close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (force) {
      this.#isForced = true;
      for (const running of this.#running.values()) running.kill();
    }
    this.#closing ??= this.#end();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ force: true });
  }

  async process(job: Job<QueueData>, token: string): Promise<JobResult> {
    const hash = hashOfId(job.id!);
    try {
      const spec = this.#specOf(job);
      this.#options.onEvent?.({ kind: "started", hash });
      const result = await (this.#options.run?.(spec) ?? this.#run(hash, spec));
      this.#options.onEvent?.({ kind: "ended", hash });
      return result;
    } catch (error) {
      const { UnrecoverableError, WaitingError } = this.#errors!;
      if (this.#cancelled.delete(hash)) throw new UnrecoverableError(CANCELLED);
      if (!(error instanceof GivenBack)) throw error;
      // Another worker can do it, or this one at another time.
      if (error.reason !== undefined) this.#leave(error.reason);
      await job.moveToWait(token);
      throw new WaitingError();
    }
  }

  /** The job, if this worker can do it: of the same version, with the same module. */
  #specOf({ data }: Job<QueueData>): JobSpec {
    try {
      const spec = parseJob(JSON.stringify(data.spec), this.#options.url);
      checkVersion(spec.lrfind, this.#options.url);
      const module = resolve(this.#options.from ?? ".", data.module);
      // What a check finds wrong with the module is its result.
      if (spec.task.kind !== "check" && this.#options.run === undefined) this.#checkModule(module, spec);
      return { ...spec, module };
    } catch (error) {
      throw new GivenBack(error as Error);
    }
  }

  #checkModule(module: string, { moduleHash }: JobSpec): void {
    if (hashOfModule(module) === moduleHash) return;
    throw new SweepError({
      where: module,
      expected: "the module of the sweep",
      got: "another text of it",
      hint: "the same copy of the project, or --from another folder",
    });
  }

  async #run(hash: string, spec: JobSpec): Promise<JobResult> {
    const path = join(this.#folder, `${hash}.json`);
    const out = join(this.#folder, `${hash}.result.json`);
    const { retries = 3 } = this.#options;
    writeFileSync(path, JSON.stringify(spec));
    try {
      for (let deaths = 1; ; deaths++) {
        const running = startJob(this.#options.command ?? jobCommand(), { hash, path, out });
        this.#running.set(hash, running);
        const end = await running.ended;
        this.#running.delete(hash);
        if (end.kind === "result") return end.result;
        if (end.kind === "unwritten") {
          throw new GivenBack(new SweepError({ where: out, expected: "room for a result", got: end.why }));
        }
        if (this.#isForced || this.#cancelled.has(hash)) throw new GivenBack();
        if (deaths > retries) {
          const message = `the process was ended by ${end.by}, ${deaths} times`;
          return failed(hash, { ...end, message });
        }
      }
    } finally {
      this.#running.delete(hash);
      rmSync(path, { force: true });
      rmSync(out, { force: true });
    }
  }

  #cancel(message: string): void {
    for (const hash of JSON.parse(message) as string[]) {
      const running = this.#running.get(hash);
      if (running === undefined) continue;
      this.#cancelled.add(hash);
      running.kill();
    }
  }

  /** Leaves the queue, as this worker cannot do what is in it. */
  #leave(error: Error): void {
    this.#options.onEvent?.({ kind: "left", why: plainText(error.message) });
    this.#settle.reject(error);
    this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    try {
      await this.#worker!.close();
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
      this.#settle.resolve();
    }
  }
}

/** A job that goes back into the queue; with a reason, the worker leaves it. */
class GivenBack extends Error {
  readonly reason: Error | undefined;

  constructor(reason?: Error) {
    super(reason?.message ?? "given back");
    this.reason = reason;
  }
}

import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Checks, checkOptions, plainText, required, string } from "lrfind/core";
import { SweepError } from "../../job/index.js";
import { hashOf, refuse, UNWRITTEN } from "../../job/internal.js";
import { CLUSTER_CHECKS, type ClusterOptions, LATE_MS } from "../cluster.js";
import { failed, jobCommand, resultIn, unwritten, withoutResult, withTail } from "../job-process.js";
import { LaunchEvents } from "../launch-events.js";
import type { LaunchEvent, Launcher, QueuedJob } from "../launcher.js";
import { quoted } from "../quoted.js";
import { RayApi, type RayJob } from "./ray-api.js";

/** Which Ray cluster runs the jobs. */
export interface RayOptions extends ClusterOptions {
  /** The address of its dashboard: `http://127.0.0.1:8265`. */
  readonly url: string;
  /** Most jobs at a time. @default the cluster's cores over `threads` */
  readonly workers?: number;
  /** How often the cluster is asked, in milliseconds. @default 2000 */
  readonly pollMs?: number;
}

const OPTIONS: Checks<RayOptions> = {
  url: required(string),
  ...CLUSTER_CHECKS,
};

/**
 * Runs jobs on a Ray cluster by its jobs API; the sweep's folder, which all nodes have to see, is the only channel. A driver that is
 * begun again finds the jobs that still wait or run.
 *
 * @param options - See `RayOptions`.
 * @throws {SweepError} when an option cannot be used, or no cluster answers.
 *
 * @example
 * ```ts
 * const launcher = await rayLauncher({ url: "http://127.0.0.1:8265" });
 * const result = await runSweep({ model: "./learner.js" }, { folder: "sweep", launcher });
 * ```
 *
 * Source: Ray's documentation, Ray Jobs REST API.
 */
export async function rayLauncher(options: RayOptions): Promise<Launcher> {
  checkOptions("rayLauncher", options, OPTIONS, refuse);
  const { threads = 1 } = options;
  const api = new RayApi(options.url);
  await api.version();
  const workers = options.workers ?? Math.max(1, Math.floor((await api.cores()) / threads));
  return new RayLauncher(api, { ...options, workers });
}

interface Submitted {
  readonly job: QueuedJob;
  readonly id: string;
  isRunning: boolean;
  /** When it was seen to be over and had no result. */
  overSince?: number;
}

class RayLauncher implements Launcher {
  readonly name: string;
  readonly #api: RayApi;
  readonly #options: RayOptions & { readonly workers: number };
  readonly #events = new LaunchEvents();
  readonly #waiting: QueuedJob[] = [];
  readonly #submitted = new Map<string, Submitted>();
  readonly #losses = new Map<string, number>();
  readonly #controller = new AbortController();
  #prefix: string | undefined;
  #count = 0;
  #filling: Promise<void> = Promise.resolve();

  constructor(api: RayApi, options: RayOptions & { readonly workers: number }) {
    this.name = `Ray at ${api.where}`;
    this.#api = api;
    this.#options = options;
  }

  async submit(jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    if (this.#prefix === undefined) {
      this.#prefix = `lrfind-${hashOf(dirname(dirname(jobs[0]!.path)))}`;
      void this.#watch();
    }
    const known = await this.#adopt(jobs);
    this.#waiting.push(...jobs.filter(({ hash }) => !known.has(hash)));
    await this.#fill();
  }

  events(): AsyncIterable<LaunchEvent> {
    return this.#events;
  }

  async cancel(): Promise<void> {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort();
    this.#events.mute();
    this.#waiting.length = 0;
    // Whatever it answers: there is nothing more to be done.
    await Promise.all(Array.from(this.#submitted.values(), ({ id }) => this.#api.stop(id).catch(() => {})));
    this.#events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  /** Finds jobs that another driver, which is over, has submitted and that still wait or run. */
  async #adopt(jobs: readonly QueuedJob[]): Promise<ReadonlySet<string>> {
    const wanted = new Map(jobs.map((job) => [job.hash, job]));
    const known = new Set<string>();
    for (const { submission_id: id, status } of await this.#api.list()) {
      if (id === null || !id.startsWith(`${this.#prefix}-`)) continue;
      const job = wanted.get(id.split("-")[2]!);
      if (job === undefined || !["PENDING", "RUNNING"].includes(status)) continue;
      known.add(job.hash);
      this.#submitted.set(job.hash, { job, id, isRunning: false });
    }
    return known;
  }

  /** Submits as many as run at a time; one call after the other. */
  #fill(): Promise<void> {
    const filled = this.#filling.then(() => this.#fillNow());
    this.#filling = filled.catch(() => {});
    return filled;
  }

  async #fillNow(): Promise<void> {
    const { workers, threads = 1, command = jobCommand() } = this.#options;
    while (!this.#controller.signal.aborted && this.#submitted.size < workers) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const id = `${this.#prefix}-${job.hash}-${Date.now()}-${this.#count++}`;
      const entrypoint = `exec ${[...command, job.path, job.out].map(quoted).join(" ")}`;
      this.#submitted.set(job.hash, { job, id, isRunning: false });
      try {
        await this.#api.submit({ id, entrypoint, cores: threads });
      } catch (error) {
        this.#submitted.delete(job.hash);
        this.#waiting.unshift(job);
        throw error;
      }
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      await sleep(this.#options.pollMs ?? 2000, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        for (const one of [...this.#submitted.values()]) await this.#look(one);
        await this.#fill();
      } catch (error) {
        // A head node that is away, or busy: it is asked again.
        if (error instanceof SweepError && error.where !== this.#api.where) {
          this.#events.fail(error);
          return;
        }
        this.#events.wait((error as Error).message);
      }
    }
  }

  async #look(one: Submitted): Promise<void> {
    const { hash } = one.job;
    const result = resultIn(one.job);
    if (result !== undefined) {
      const tail = result.failure === undefined ? "" : await this.#api.logs(one.id);
      this.#end(hash, withTail(result, tail));
      return;
    }
    const job = await this.#api.job(one.id);
    if (job?.status === "RUNNING" && !one.isRunning) {
      one.isRunning = true;
      this.#events.push({ kind: "started", hash, worker: one.id });
    }
    if (job === undefined || ["FAILED", "STOPPED", "SUCCEEDED"].includes(job.status)) {
      await this.#ended(one, job);
    }
  }

  /** A job that is over and has no result. */
  async #ended(one: Submitted, job: RayJob | undefined): Promise<void> {
    const { hash } = one.job;
    one.overSince ??= performance.now();
    const isPlain = job?.status === "SUCCEEDED";
    if (isPlain && performance.now() - one.overSince < LATE_MS) return;
    const code = job?.driver_exit_code ?? undefined;
    const tail = job === undefined ? "" : await this.#api.logs(one.id);
    if (code === UNWRITTEN) throw unwritten(one.job, plainText(tail.trim()));
    const isOwnFault = code !== undefined && code > 0;
    const why = job === undefined ? "forgotten" : (job.message ?? job.status).split("\n")[0]!;
    const losses = (this.#losses.get(hash) ?? 0) + 1;
    this.#losses.set(hash, losses);
    if (!isOwnFault && losses <= (this.#options.retries ?? 3)) {
      this.#submitted.delete(hash);
      this.#waiting.push(one.job);
      this.#events.push({ kind: "retried", hash, why: `Ray: ${plainText(why)}` });
      return;
    }
    const message = isOwnFault ? withoutResult(code, tail) : `Ray: ${plainText(why)}, ${losses} times`;
    this.#end(hash, failed(hash, { message, tail, durationMs: 0 }));
  }

  #end(hash: string, result: Extract<LaunchEvent, { kind: "ended" }>["result"]): void {
    this.#submitted.delete(hash);
    this.#events.push({ kind: "ended", hash, result });
  }
}

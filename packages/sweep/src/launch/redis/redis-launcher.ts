import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { type Checks, checkOptions, plainText, required, string, writeAtomically } from "lrfind/core";
import { type JobResult, SweepError } from "../../job/index.js";
import { jobResultOf, parseJob, refuse, VERSION } from "../../job/internal.js";
import { failed, unwritten } from "../job-process.js";
import { LaunchEvents } from "../launch-events.js";
import type { LaunchEvent, Launcher, QueuedJob } from "../launcher.js";
import { within } from "../within.js";
import {
  bullmq,
  CANCELLED,
  cancelChannel,
  connectionTo,
  driverKey,
  hashOfId,
  idOf,
  type QueueData,
  shownUrl,
  WORKER_NAME,
} from "./connection.js";

/** Which Redis server holds the queue. */
export interface RedisOptions {
  /** Its address: `redis://localhost:6379`, `rediss://…` with TLS. */
  readonly url: string;
  /** The queue's name: workers take the jobs of one. @default "lrfind" */
  readonly queue?: string;
  /** The project's folder: workers find the module at the same place in theirs. @default the current one */
  readonly from?: string;
}

const OPTIONS: Checks<RedisOptions> = { url: required(string), queue: string, from: string };

/** Jobs in the queue at a time: a server's memory does not grow with the sweep. */
const WINDOW = 200;

/** How often what was heard is compared with what is there: events may be lost, and a server's memory too. */
const LOOK_MS = 5000;

/** How long a driver that ended without a word is taken for a running one. */
const DRIVER_MS = 30_000;

/** How long results stay for a driver that comes back, in seconds. */
const KEPT = { age: 7 * 24 * 3600 };

/**
 * Runs jobs by a queue on a Redis server, from which workers take them: `lrfind worker --redis URL` in a copy of the project, on any
 * machine. They join and leave at will; what a worker that is gone had begun, another begins again. Results come back by the queue:
 * no folder is shared. It needs the packages bullmq and ioredis.
 *
 * @param options - See `RedisOptions`.
 * @throws {SweepError} when an option cannot be used, the packages are not installed, no server answers, or a worker of another version
 *   waits at the queue.
 *
 * @example
 * ```ts
 * const launcher = await redisLauncher({ url: "redis://localhost:6379" });
 * const result = await runSweep({ model: "./learner.js" }, { folder: "sweep", launcher });
 * ```
 */
export async function redisLauncher(options: RedisOptions): Promise<Launcher> {
  checkOptions("redisLauncher", options, OPTIONS, refuse);
  const { url, queue: name = "lrfind", from = "." } = options;
  const { Queue, QueueEvents } = await bullmq();
  const { connection, client } = await connectionTo(url);
  const queue = new Queue<QueueData>(name, { connection });
  const heard = new QueueEvents(name, { connection });
  const launcher = new RedisLauncher({ queue, heard, client, where: shownUrl(url), from: resolve(from) });
  try {
    await launcher.open();
  } catch (error) {
    await launcher[Symbol.asyncDispose]();
    throw error;
  }
  return launcher;
}

interface Parts {
  readonly queue: Queue<QueueData>;
  readonly heard: QueueEvents;
  readonly client: Redis;
  readonly where: string;
  readonly from: string;
}

class RedisLauncher implements Launcher {
  readonly name: string;
  readonly #queue: Queue<QueueData>;
  readonly #heard: QueueEvents;
  readonly #client: Redis;
  readonly #where: string;
  readonly #from: string;
  readonly #events = new LaunchEvents();
  readonly #waiting: QueuedJob[] = [];
  readonly #outstanding = new Map<string, QueuedJob>();
  readonly #taken = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isOver = false;
  #isLooking = false;
  #filling: Promise<void> = Promise.resolve();

  constructor({ queue, heard, client, where, from }: Parts) {
    this.name = `the queue ${queue.name} at ${where}`;
    this.#queue = queue;
    this.#heard = heard;
    this.#client = client;
    this.#where = where;
    this.#from = from;
    // A server that is away: the clients try again by themselves.
    const away = (error: Error) => this.#events.wait(this.#whyOf(error));
    queue.on("error", away);
    heard.on("error", away);
  }

  async open(): Promise<void> {
    await Promise.all([this.#queue.waitUntilReady(), this.#heard.waitUntilReady()]);
    await this.#sayVersion();
    await this.#checkWorkers();
    this.#heard.on("active", ({ jobId }) => {
      const hash = hashOfId(jobId);
      if (this.#outstanding.has(hash)) this.#events.push({ kind: "started", hash, worker: this.#queue.name });
    });
    this.#heard.on("stalled", ({ jobId }) => {
      const hash = hashOfId(jobId);
      if (this.#outstanding.has(hash))
        this.#events.push({ kind: "retried", hash, why: "its worker is gone" });
    });
    this.#heard.on("completed", ({ jobId, returnvalue }) => void this.#take(hashOfId(jobId), returnvalue));
    this.#heard.on("failed", ({ jobId, failedReason }) => void this.#gaveUp(hashOfId(jobId), failedReason));
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  async submit(jobs: readonly QueuedJob[]): Promise<void> {
    this.#waiting.push(...jobs);
    await this.#fill();
  }

  events(): AsyncIterable<LaunchEvent> {
    return this.#events;
  }

  async cancel(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.mute();
    clearInterval(this.#timer);
    this.#waiting.length = 0;
    const hashes = [...this.#outstanding.keys()];
    await soon(
      (async () => {
        // What runs is locked, and stays; its worker is told to end it.
        await Promise.all(hashes.map((hash) => this.#queue.remove(idOf(hash)).catch(() => 0)));
        if (hashes.length > 0)
          await this.#client.publish(cancelChannel(this.#queue.name), JSON.stringify(hashes));
        await this.#client.del(driverKey(this.#queue.name));
      })(),
    );
    await soon(Promise.all([this.#heard.close(), this.#queue.close()]));
    // A server that does not answer must not keep the process.
    await Promise.all([this.#heard.disconnect(), this.#queue.disconnect()].map((end) => end.catch(() => {})));
    this.#client.disconnect();
    this.#events.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  #whyOf({ message }: Error): string {
    const what = /OOM|maxmemory/.test(message) ? "has no room" : "does not answer";
    return `${this.#where} ${what} (${plainText(message)})`;
  }

  async #sayVersion(): Promise<void> {
    await this.#client.set(driverKey(this.#queue.name), VERSION, "PX", DRIVER_MS);
  }

  async #checkWorkers(): Promise<void> {
    for (const { rawname = "" } of await this.#queue.getWorkers()) {
      const worker = WORKER_NAME.exec(rawname.split(":w:").at(-1) ?? "")?.groups;
      if (worker === undefined || worker["version"] === VERSION) continue;
      throw new SweepError({
        where: this.#where,
        expected: `workers of lrfind ${VERSION}, as this is`,
        got: `one of ${worker["version"]} on ${worker["host"]}`,
        hint: "ending it, or the same version there; or another --queue",
      });
    }
  }

  /** Puts jobs into the queue, as many as the window has room for; one call after the other. */
  #fill(): Promise<void> {
    const filled = this.#filling.then(() => this.#fillNow());
    this.#filling = filled.catch(() => {});
    return filled;
  }

  async #fillNow(): Promise<void> {
    const jobs = this.#waiting.splice(0, Math.max(0, WINDOW - this.#outstanding.size));
    if (jobs.length === 0 || this.#isOver) return;
    const isFirst = this.#outstanding.size === 0;
    try {
      for (const job of jobs) this.#outstanding.set(job.hash, job);
      await this.#queue.addBulk(jobs.map((job) => this.#entryOf(job)));
    } catch (cause) {
      for (const { hash } of jobs) this.#outstanding.delete(hash);
      this.#waiting.unshift(...jobs);
      const got = plainText((cause as Error).message);
      if (isFirst) {
        throw new SweepError(
          { where: this.#where, expected: "a Redis server that takes jobs", got, hint: hintOf(got) },
          { cause },
        );
      }
      this.#events.wait(this.#whyOf(cause as Error));
      return;
    }
    // Some may have been there, from a driver that was ended: their events are over.
    await this.#lookAt(jobs.map(({ hash }) => hash));
  }

  #entryOf({ hash, path }: QueuedJob) {
    const spec = parseJob(readFileSync(path, "utf8"), path);
    const module = relative(this.#from, resolve(dirname(path), spec.module));
    const opts = { jobId: idOf(hash), removeOnComplete: KEPT, removeOnFail: KEPT };
    return { name: spec.task.kind, data: { spec, module }, opts };
  }

  /** Compares what is known with what is there. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#isOver) return;
    this.#isLooking = true;
    try {
      await this.#sayVersion();
      if (this.#outstanding.size > 0 && (await this.#queue.getWorkersCount()) === 0) {
        this.#events.wait(`no worker: lrfind worker --redis ${this.#where}`);
      }
      await this.#lookAt([...this.#outstanding.keys()]);
      await this.#fill();
    } catch (error) {
      this.#events.wait(this.#whyOf(error as Error));
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAt(hashes: readonly string[]): Promise<void> {
    const found = await Promise.all(
      hashes.map(async (hash) => [hash, await this.#queue.getJob(idOf(hash))] as const),
    );
    const lost: QueuedJob[] = [];
    for (const [hash, job] of found) {
      const known = this.#outstanding.get(hash);
      if (known === undefined) continue;
      if (job === undefined) {
        // The server has forgotten it: it was begun anew, or it was full.
        this.#outstanding.delete(hash);
        lost.push(known);
      } else if (job.finishedOn !== undefined) await this.#lookAtEnd(hash, job);
    }
    if (lost.length === 0) return;
    for (const { hash } of lost) this.#events.push({ kind: "retried", hash, why: "the server lost it" });
    this.#waiting.unshift(...lost);
  }

  async #lookAtEnd(hash: string, job: Job<QueueData>): Promise<void> {
    if (job.failedReason === undefined) await this.#take(hash, job.returnvalue);
    else await this.#gaveUp(hash, job.failedReason);
  }

  /** Takes a result over: into its file, then out of the queue. */
  async #take(hash: string, value: unknown): Promise<void> {
    const job = this.#outstanding.get(hash);
    if (job === undefined || this.#taken.has(hash)) return;
    this.#taken.add(hash);
    try {
      const result = this.#resultOf(hash, value);
      try {
        await writeAtomically(job.out, [new TextEncoder().encode(`${JSON.stringify(result)}\n`)]);
      } catch (error) {
        this.#events.fail(unwritten(job, (error as Error).message));
        return;
      }
      this.#outstanding.delete(hash);
      this.#events.push({ kind: "ended", hash, result });
    } finally {
      this.#taken.delete(hash);
    }
    await this.#queue.remove(idOf(hash)).catch(() => 0);
    if (this.#outstanding.size <= WINDOW / 2) this.#refill();
  }

  #resultOf(hash: string, value: unknown): JobResult {
    try {
      const result = jobResultOf(value, this.#where);
      if (result.hash === hash) return result;
    } catch {
      // Said below.
    }
    return failed(hash, { message: "what came back is no result of it", tail: "", durationMs: 0 });
  }

  async #gaveUp(hash: string, why: string): Promise<void> {
    const job = this.#outstanding.get(hash);
    if (job === undefined || this.#taken.has(hash)) return;
    this.#outstanding.delete(hash);
    await this.#queue.remove(idOf(hash)).catch(() => 0);
    if (why === CANCELLED) this.#waiting.unshift(job);
    else {
      const message = /stalled/.test(why) ? "its workers were lost, again and again" : plainText(why);
      this.#events.push({ kind: "ended", hash, result: failed(hash, { message, tail: "", durationMs: 0 }) });
    }
    this.#refill();
  }

  #refill(): void {
    void this.#fill().catch((error: Error) => this.#events.fail(error));
  }
}

function hintOf(message: string): string {
  return /OOM|maxmemory/.test(message) ? "a larger maxmemory, or an empty server" : "another --redis URL";
}

/** Waits for something, but not for ever. */
async function soon(work: Promise<unknown>): Promise<void> {
  await within(
    work.catch(() => {}),
    3000,
  );
}

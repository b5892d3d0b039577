import type { ConnectionOptions } from "bullmq";
import type { Redis } from "ioredis";
import { plainText } from "lrfind/core";
import { SweepError } from "../../job/index.js";

/** What a job is in the queue: its spec, and where its module is from the project's folder. */
export interface QueueData {
  readonly spec: unknown;
  readonly module: string;
}

/** The package of the queue, which is not installed with this one. */
export async function bullmq(): Promise<typeof import("bullmq")> {
  try {
    await import("ioredis");
    return await import("bullmq");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new SweepError(
      {
        where: "redis",
        expected: "the packages bullmq and ioredis",
        got: "none",
        hint: "npm install bullmq ioredis",
      },
      { cause },
    );
  }
}

/** How to connect to a server that answers, and a client of ours beside the queue's. */
export interface Connected {
  readonly connection: ConnectionOptions;
  readonly client: Redis;
}

/** @throws {SweepError} where no server answers. */
export async function connectionTo(url: string): Promise<Connected> {
  const where = shownUrl(url);
  const { Redis } = await import("ioredis");
  const probe = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let why: Error | undefined;
  probe.on("error", (error) => {
    why = error;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (cause) {
    const got = plainText((why ?? (cause as Error)).message);
    throw new SweepError(
      { where, expected: "a Redis server that answers", got, hint: "redis-server, or another --redis URL" },
      { cause },
    );
  } finally {
    probe.disconnect();
  }
  // Commands wait for a server that is away for a while.
  const patient = { maxRetriesPerRequest: null };
  const client = new Redis(url, patient);
  // The queue's clients tell of it.
  client.on("error", () => {});
  return { connection: { url, ...patient }, client };
}

/** An address without its password. @throws {SweepError} where it is none. */
export function shownUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["redis:", "rediss:"].includes(parsed.protocol)) {
    throw new SweepError({
      where: "redis",
      expected: "an address such as redis://localhost:6379",
      got: plainText(url.replace(/\/\/[^@/]*@/, "//")),
    });
  }
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

/** What a worker is called in the list of the server's clients: its version stands first, for drivers. */
export const WORKER_NAME = /^lrfind@(?<version>[^/]+)\/(?<host>[^/]*)\/(?<pid>\d+)$/;

/** Where a driver says which version it is. */
export function driverKey(queue: string): string {
  return `lrfind:${queue}:driver`;
}

/** Where a driver says which jobs are to be ended. */
export function cancelChannel(queue: string): string {
  return `lrfind:${queue}:cancel`;
}

/** A job's name in the queue, where one of digits alone is not allowed. */
export function idOf(hash: string): string {
  return `job-${hash}`;
}

/** The hash behind a name in the queue. */
export function hashOfId(id: string): string {
  return id.replace(/^job-/, "");
}

/** Why a job that was cancelled failed. */
export const CANCELLED = "cancelled";

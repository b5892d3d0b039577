import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { join } from "node:path";
import { plainText } from "lrfind/core";
import { type JobResult, SweepError } from "../job/index.js";
import { parseJobResult, UNWRITTEN, VERSION } from "../job/internal.js";
import type { QueuedJob } from "./launcher.js";

/** How much of what a process printed is kept. */
const TAIL = 4000;

/** The command of a job, by the package's manifest: chunks of a bundle do not know where they are. */
export function jobCommand(): readonly string[] {
  const manifest = createRequire(import.meta.url).resolve("@lrfind/sweep/package.json");
  const main = join(manifest, "../dist/job/main.js");
  if (!existsSync(main)) {
    throw new SweepError({ where: "a job's process", expected: "the built package", got: `no ${main}` });
  }
  return [process.execPath, main];
}

/** A job in a process of its own. */
export interface JobProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  readonly ended: Promise<JobEnd>;
  kill(): void;
}

/** How a job's process ended: with a result, a failure's too; as somebody killed it; or without room for its result. */
export type JobEnd =
  | { readonly kind: "result"; readonly result: JobResult }
  | {
      readonly kind: "killed";
      readonly by: NodeJS.Signals;
      readonly tail: string;
      readonly durationMs: number;
    }
  | { readonly kind: "unwritten"; readonly why: string };

/** Begins a job. Where this process ends in whatever way, the job's does too: it holds on to the channel between them. */
export function startJob(command: readonly string[], job: QueuedJob): JobProcess {
  const begin = performance.now();
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, [...args, job.path, job.out], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
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
  const ended = new Promise<JobEnd>((resolve) => {
    child.once("close", (code, signal) => {
      const durationMs = performance.now() - begin;
      const written = resultIn(job);
      if (written !== undefined) resolve({ kind: "result", result: withTail(written, tail) });
      else if (signal !== null) resolve({ kind: "killed", by: signal, tail, durationMs });
      else if (code === UNWRITTEN) resolve({ kind: "unwritten", why: plainText(tail.trim()) });
      else {
        const message =
          failure === undefined
            ? withoutResult(code, tail)
            : `the process could not be started: ${failure.message}`;
        resolve({ kind: "result", result: failed(job.hash, { message, tail, durationMs }) });
      }
    });
  });
  return { pid: child.pid, ended, kill: () => void child.kill("SIGKILL") };
}

/** What is said of a process that ended by itself and left no result: with the error that it printed, where it did. */
export function withoutResult(code: number | null, tail: string): string {
  const error = tail.split("\n").find((line) => /^\S*error\b.*:/i.test(line.trim()));
  const why = error === undefined ? "" : `: ${plainText(error.trim()).slice(0, 300)}`;
  return `the process ended with exit code ${code} and without a result${why}`;
}

/** The result of a job that left none. */
export function failed(
  hash: string,
  {
    message,
    tail,
    durationMs,
  }: { readonly message: string; readonly tail: string; readonly durationMs: number },
): JobResult {
  const made = { lrfind: VERSION, node: process.version, host: hostname() };
  const failure = { message, tail: tailOf(tail) };
  return { format: "lrfind-job-result", version: 1, hash, failure, durationMs, made };
}

/** The result that a job wrote: its own, and whole. */
export function resultIn({ hash, out }: Pick<QueuedJob, "hash" | "out">): JobResult | undefined {
  if (!existsSync(out)) return undefined;
  try {
    const result = parseJobResult(readFileSync(out, "utf8"), out);
    return result.hash === hash ? result : undefined;
  } catch {
    return undefined;
  }
}

/** What a failed job printed says more than where its error was thrown. */
export function withTail(result: JobResult, tail: string): JobResult {
  if (result.failure === undefined) return result;
  const { message, tail: stack } = result.failure;
  return { ...result, failure: { message, tail: tailOf(`${tail}\n${stack}`) } };
}

function tailOf(text: string): string {
  return text.trim().slice(-TAIL).split("\n").map(plainText).join("\n");
}

/** That a result has no room is nothing that a job can help: the sweep ends, and goes on by the same call. */
export function unwritten({ out }: Pick<QueuedJob, "out">, why: string): SweepError {
  return new SweepError({
    where: out,
    expected: "room for a job's result",
    got: why,
    hint: "the same command again, once there is: nothing that ended is lost",
  });
}

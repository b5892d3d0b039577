import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import type { Learner } from "@lrfind/learner";
import { checkArgument, describe, string, writeAtomically } from "lrfind/core";
import { defaultOf, loadModule } from "lrfind/modules";
import { checkVersion } from "./check-version.js";
import { refuse, SweepError } from "./errors.js";
import type { FitValue, JobResult, SearchValue } from "./job-result.js";
import {
  type FitTask,
  hashOfJob,
  hashOfModule,
  type JobSpec,
  parseJob,
  type SearchTask,
} from "./job-spec.js";
import { SUGGESTERS } from "./suggesters.js";
import { VERSION } from "./version.js";

/**
 * Does a job: reads its file, makes the learner of the module, searches or trains from the initial weights, and writes the result,
 * whole or not at all. A job that fails has a result that says so.
 *
 * @param path - The job's file.
 * @param out - Where the result is written.
 * @returns What was written.
 * @throws {SweepError} where the file is no job; what goes wrong in the job itself is in the result.
 * @throws {FileError} when the result cannot be written.
 *
 * @example
 * ```ts
 * const { value, failure } = await runJob("sweep/jobs/3f2a9c1d5e6b7a80.json", "result.json");
 * ```
 */
export async function runJob(path: string, out: string): Promise<JobResult> {
  checkArgument("runJob", "path", path, string, refuse);
  checkArgument("runJob", "out", out, string, refuse);
  const spec = parseJob(textOf(path), path);
  const begin = performance.now();
  const outcome = await outcomeOf(spec, dirname(resolve(path)));
  const result: JobResult = {
    format: "lrfind-job-result",
    version: 1,
    hash: hashOfJob(spec),
    ...outcome,
    durationMs: performance.now() - begin,
    made: { lrfind: VERSION, node: process.version, host: hostname() },
  };
  await writeAtomically(out, [new TextEncoder().encode(`${JSON.stringify(result)}\n`)]);
  return result;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new SweepError({ where: path, expected: "a job's file", got }, { cause });
  }
}

async function outcomeOf(spec: JobSpec, folder: string): Promise<Pick<JobResult, "value" | "failure">> {
  try {
    checkVersion(spec.lrfind, "this lrfind");
    const module = resolve(folder, spec.module);
    const hash = hashOfModule(module);
    if (hash !== spec.moduleHash) {
      throw new SweepError({
        where: module,
        expected: "the module that the sweep began with",
        got: "another text of it",
        hint: "a new sweep, or the text as it was",
      });
    }
    // Not configureRuntime: a module may bring its own copy of the engine, as one in CommonJS does.
    process.env["LRFIND_THREADS"] = String(spec.threads);
    await using learner = await learnerOf(module, spec);
    return { value: await valueFrom(learner, spec.task) };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    return { failure: { message, tail: stack } };
  }
}

async function valueFrom(learner: Learner, task: JobSpec["task"]): Promise<NonNullable<JobResult["value"]>> {
  if (task.kind === "search") return await searched(learner, task);
  checkMonitor(learner, task.monitor);
  if (task.kind === "fit") return await fitted(learner, task);
  const parameters = learner.model.parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  return { kind: "check", parameters };
}

/** Throws where a fit would not measure what decides. */
function checkMonitor({ dls, metrics }: Learner, monitor: string): void {
  const held = dls.valid ? ["validLoss", ...metrics.map(({ name }) => name)] : [];
  const known = ["trainLoss", ...held];
  if (known.includes(monitor)) return;
  throw new SweepError({
    where: "monitor",
    expected: `one of ${known.join(", ")}`,
    got: monitor,
    hint: dls.valid ? "a metric of the Learner" : "a validation set, or trainLoss",
  });
}

async function learnerOf(module: string, { config }: JobSpec): Promise<Learner> {
  const make = defaultOf(await loadModule(module, "."));
  if (typeof make !== "function") {
    throw new SweepError({
      where: module,
      expected: "a default export that makes a Learner of a config",
      got: make === undefined ? "no default export" : describe(make),
      hint: "export default ({ batchSize, wd }) => new Learner({ … })",
    });
  }
  const read = new Set<string>();
  const watched = new Proxy(config, {
    get(target, name) {
      if (typeof name === "string") read.add(name);
      return Reflect.get(target, name) as unknown;
    },
    ownKeys(target) {
      for (const name of Object.keys(target)) read.add(name);
      return Reflect.ownKeys(target);
    },
  });
  const made: unknown = await (make as (config: unknown) => unknown)(watched);
  if (!isLearner(made)) {
    throw new SweepError({ where: module, expected: "a Learner", got: describe(made) });
  }
  const unread = Object.keys(config).filter((name) => !read.has(name));
  if (unread.length > 0) {
    await made[Symbol.asyncDispose]();
    throw new SweepError({
      where: module,
      expected: `a function that reads every axis (${Object.keys(config).join(", ")})`,
      got: `one that does not read ${unread.join(", ")}`,
      hint: "leaving that axis out of the sweep, as it changes nothing",
    });
  }
  return made;
}

/** By what it does, not by its class: the module may have another copy of the package. */
function isLearner(value: unknown): value is Learner {
  const methods = ["lrFind", "fit", "fitOneCycle"] as const;
  return methods.every((name) => typeof (Object(value) as Record<string, unknown>)[name] === "function");
}

async function searched(learner: Learner, { suggestFunc, numIt, runs }: SearchTask): Promise<SearchValue> {
  const suggester = SUGGESTERS[suggestFunc]!;
  const {
    lr,
    suggestions,
    curve,
    runs: each,
  } = await learner.lrFind({ suggestFuncs: [suggester], numIt, runs });
  const found = (suggestions as Readonly<Record<string, SearchValue["suggestions"][string]>>)[suggestFunc]!;
  const steps = each?.each.reduce((sum, run) => sum + run.curve.lr.length, 0) ?? curve.lr.length;
  return {
    kind: "search",
    lr,
    ...(found.lr === null ? { reason: found.reason } : {}),
    suggestions,
    curve,
    steps,
  };
}

async function fitted(learner: Learner, { schedule, lr, epochs, monitor }: FitTask): Promise<FitValue> {
  const timed =
    schedule === "oneCycle"
      ? await learner.fitOneCycle(epochs, { lrMax: lr })
      : await learner.fit(epochs, { lr });
  const records = timed.map(({ durationMs: _, ...record }) => record);
  const values = records.map(({ trainLoss, validLoss, metrics }) =>
    monitor === "trainLoss" ? trainLoss : monitor === "validLoss" ? validLoss : metrics[monitor],
  );
  // Checked before: each epoch measures it.
  const last = values.at(-1)!;
  const better = learner.metrics.find(({ name }) => name === monitor)?.better ?? "smaller";
  const known = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  const best =
    known.length === 0 ? Number.NaN : better === "smaller" ? Math.min(...known) : Math.max(...known);
  return { kind: "fit", records, best, last, better, steps: learner.recorder.losses.length };
}

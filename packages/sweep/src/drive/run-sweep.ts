import {
  abortSignal,
  boolean,
  type Check,
  type Checks,
  checkOptions,
  func,
  number,
  required,
  string,
} from "lrfind/core";
import { refuse } from "../job/internal.js";
import type { SweepSpec } from "../plan/index.js";
import { fullSpec } from "../plan/internal.js";
import { Sweep } from "./sweep.js";
import type { RunSweepOptions, SweepResult } from "./told.js";

const LAUNCHER: Check = {
  expected: "a launcher",
  accepts: (value) =>
    ["submit", "events", "cancel"].every(
      (name) => typeof (Object(value) as Record<string, unknown>)[name] === "function",
    ),
  hint: () => "localLauncher()",
};

const OPTIONS: Checks<RunSweepOptions> = {
  folder: required(string),
  launcher: required(LAUNCHER),
  from: string,
  maxTime: number({ above: 0 }),
  retryFailed: boolean,
  onEvent: func,
  signal: abortSignal,
};

/**
 * Runs a sweep: a range test for each combination of axes, then trainings at rates around its answer, on whatever the launcher has.
 * Everything that ends is in the folder's journal at once: a sweep that is ended in any way goes on where it stood, by the same
 * call.
 *
 * @param spec - What to try; see `SweepSpec`.
 * @param options - See `RunSweepOptions`. The launcher is disposed of at the end.
 * @throws {SweepError} when the spec, the module, an axis or the measure cannot be used, before anything is trained.
 * @throws {FileError} when the folder cannot be written; what had ended is kept.
 *
 * @example
 * ```ts
 * const { best } = await runSweep(
 *   { model: "./learner.js", axes: { batchSize: [16, 64] }, epochs: 5 },
 *   { folder: "sweep", launcher: localLauncher() },
 * );
 * console.log(best?.point.config, best?.lr, best?.score);
 * ```
 */
export async function runSweep(spec: SweepSpec, options: RunSweepOptions): Promise<SweepResult> {
  const full = fullSpec(spec, "runSweep");
  checkOptions("runSweep", options, OPTIONS, refuse);
  const { launcher, signal } = options;
  await using _ = launcher;
  signal?.throwIfAborted();
  const sweep = new Sweep(full, spec, options);
  return await sweep.run();
}

import { boolean, type Checks, nodeModule, required, string } from "lrfind/core";
import type { LoggedStep } from "lrfind/logs";
import { checkLearnerOptions } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import type { Callback, FitLoop } from "./callback.js";
import { epochScalars, stepOf, stepScalars } from "./scalars.js";

/** Where TensorBoard looks, and for what. */
export interface TensorBoardOptions {
  /** The folder of the run; it is made where there is none, and each fit writes a file of its own there. */
  readonly folder: string;
  /**
   * Whether each step's rate, momentum and loss are written, beside each epoch's losses and metrics.
   * @default true
   */
  readonly steps?: boolean;
}

const OPTIONS: Checks<TensorBoardOptions> = { folder: required(string), steps: boolean };

/**
 * Writes events that TensorBoard shows while the fit goes on: `tensorboard --logdir runs`.
 *
 * @param options - See `TensorBoardOptions`.
 * @throws {LearnerError} from `fit` when the folder cannot be written; the learner keeps the last finished step.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(5, { cbs: [tensorBoard({ folder: "runs/first" })] });
 * ```
 *
 * Source: fastai's `TensorBoardCallback`.
 */
export function tensorBoard(options: TensorBoardOptions): Callback {
  checkLearnerOptions("tensorBoard", options, OPTIONS);
  const { folder, steps = true } = options;
  let path = "";
  let waiting: LoggedStep[] = [];
  const add = (step: number, scalars: Readonly<Record<string, number>>) => {
    waiting.push({ step, scalars, wallTime: Date.now() / 1000 });
  };
  const flush = async (header = false) => {
    if (waiting.length === 0 && !header) return;
    // Loaded here: who writes no events need not wait for it.
    const { toTfevents } = await import("lrfind/logs");
    const bytes = toTfevents(waiting, { header });
    waiting = [];
    nodeModule<typeof import("node:fs")>("fs").appendFileSync(path, bytes);
  };
  return {
    name: "tensorBoard",
    keeps: "nothing",
    async beforeFit() {
      waiting = [];
      path = freshFile(folder);
      try {
        nodeModule<typeof import("node:fs")>("fs").mkdirSync(folder, { recursive: true });
        await flush(true);
      } catch (cause) {
        throw new LearnerError(
          {
            where: "tensorBoard folder",
            expected: "a folder that can be written",
            got: (cause as Error).message,
          },
          { cause },
        );
      }
    },
    ...(steps
      ? {
          afterStep(loop: FitLoop) {
            add(stepOf(loop), stepScalars(loop));
          },
        }
      : {}),
    async afterEpoch(loop) {
      if (loop.record) add(stepOf(loop), epochScalars(loop.record));
      await flush();
    },
    finish: () => flush(),
  };
}

/** A name as TensorBoard looks for, and that no other fit has. */
function freshFile(folder: string): string {
  const { join } = nodeModule<typeof import("node:path")>("path");
  const { hostname } = nodeModule<typeof import("node:os")>("os");
  const seconds = Math.floor(Date.now() / 1000);
  const more = `${process.pid}.${Math.random().toString(36).slice(2, 8)}`;
  return join(folder, `events.out.tfevents.${seconds}.${hostname()}.${more}`);
}

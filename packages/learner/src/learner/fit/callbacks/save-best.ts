import { boolean, type Checks, nodeModule, required } from "lrfind/core";
import { checkLearnerOptions, path as pathCheck } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import { checkWritable } from "../../store/index.js";
import type { EpochRecord } from "../epoch-record.js";
import type { FitHost } from "../host.js";
import type { Callback } from "./callback.js";
import { MONITOR_OPTIONS, Monitor, type MonitorOptions } from "./monitor.js";

/** What to save, and where. */
export interface SaveBestOptions extends MonitorOptions {
  /** The file; overwritten atomically by each better epoch. */
  readonly path: string | URL;
  /**
   * Whether the learner gets the best epoch's weights when the fit ends.
   * @default true
   */
  readonly restore?: boolean;
}

const OPTIONS: Checks<SaveBestOptions> = { ...MONITOR_OPTIONS, path: required(pathCheck), restore: boolean };

/**
 * Saves the learner after each epoch that is better than all before it, and gives it the best weights at the end.
 *
 * Only parameters and buffers are restored: optimizer and counters stay those of the last epoch, so that later
 * fits go on with new mini-batches. The file holds everything.
 *
 * The best value is part of a checkpoint: a fit that is resumed by `startEpoch` overwrites the file only with a better
 * epoch.
 *
 * @throws {LearnerError} from `fit`: at its start, when the file cannot be written, or the fit is resumed and the file of
 *   the best epoch is gone; later, when writing fails. The learner keeps the last finished step, and the file is the one
 *   before.
 *
 * @example
 * ```ts
 * await learn.fit(10, { cbs: [saveBest({ monitor: "accuracy", path: "best.safetensors" })] });
 * ```
 *
 * Source: fastai's `SaveModelCallback`.
 */
export function saveBest(options: SaveBestOptions): Callback {
  checkLearnerOptions("saveBest", options, OPTIONS);
  const { path, restore = true } = options;
  const monitor = new Monitor(options);
  let seen: EpochRecord | undefined;
  /** Whether the file is the best epoch's. */
  let isSaved = true;
  const observe = (record: EpochRecord | undefined) => {
    if (!record || record === seen) return;
    seen = record;
    if (monitor.improves(record)) isSaved = false;
  };
  const save = async (learner: FitHost) => {
    // The file's own copy of this state is to say that the file is there.
    isSaved = true;
    try {
      await learner.save(path);
    } catch (error) {
      isSaved = false;
      throw error;
    }
  };
  return {
    name: "saveBest",
    keeps: "nothing",
    // Before early stopping, which ends the fit from the same hook.
    order: 65,
    async beforeFit(loop) {
      monitor.reset(loop);
      isSaved = true;
      await checkWritable(path);
    },
    async afterEpoch({ record, learner }) {
      observe(record);
      if (!isSaved) await save(learner);
    },
    state({ record }) {
      observe(record);
      return { ...monitor.state(), isSaved };
    },
    async restore(state, { learner }) {
      const where = `saveBest "${path}"`;
      monitor.restore(state, where);
      // Cut off between another callback's save and this one's: the learner is at the best epoch itself.
      if ((state as { readonly isSaved?: unknown }).isSaved === false) await save(learner);
      else if (monitor.best !== undefined) await checkThere(path, where);
    },
    async afterFit({ learner }) {
      if (restore && monitor.best !== undefined) await learner.load(path, { weightsOnly: true });
    },
  };
}

async function checkThere(path: string | URL, where: string): Promise<void> {
  const { stat } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  try {
    await stat(path);
  } catch (cause) {
    const expected = "the file of the best epoch before the fit was interrupted";
    const hint = "to put it back, or to begin anew without startEpoch";
    throw new LearnerError({ where, expected, got: "none", hint }, { cause });
  }
}

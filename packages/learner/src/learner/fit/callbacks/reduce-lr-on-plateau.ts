import { type Checks, checkArgument, integer, number } from "lrfind/core";
import { checkLearnerOptions, refuse } from "../../checks.js";
import type { EpochRecord } from "../epoch-record.js";
import type { Callback } from "./callback.js";
import { MONITOR_OPTIONS, Monitor, type MonitorOptions } from "./monitor.js";

/** When rates are lowered, and how far. */
export interface ReduceLrOnPlateauOptions extends MonitorOptions {
  /**
   * The rates are lowered after this many epochs in a row without an improvement; from 1 up.
   * @default 1
   */
  readonly patience?: number;
  /**
   * What the rates are divided by each time; above 1.
   * @default 10
   */
  readonly factor?: number;
  /**
   * No rate is lowered below this; from 0 up.
   * @default 0
   */
  readonly minLr?: number;
}

const OPTIONS: Checks<ReduceLrOnPlateauOptions> = {
  ...MONITOR_OPTIONS,
  patience: integer({ min: 1 }),
  factor: number({ above: 1 }),
  minLr: number({ min: 0 }),
};

/**
 * Divides the learning rates by `factor` each time a measure has not got better for `patience` epochs: after the k-th
 * time a rate lr is `max(lr / factor^k, min(lr, minLr))`. The count of epochs begins anew after each.
 *
 * It works on what the fit would train with, so that under a schedule the whole rest of it is lowered (fastai's is
 * overwritten by the schedule's next step). The best value, the count and k are part of a checkpoint.
 *
 * @throws {LearnerError} from `fit`, when the epochs have no such measure.
 *
 * @example
 * ```ts
 * await learn.fit(30, { lr: 0.1, cbs: [reduceLrOnPlateau({ patience: 3, factor: 2, minLr: 1e-4 })] });
 * ```
 *
 * Source: fastai's `ReduceLROnPlateau`; PyTorch's of `patience - 1` and `factor: 1 / factor` is the same.
 */
export function reduceLrOnPlateau(options: ReduceLrOnPlateauOptions = {}): Callback {
  checkLearnerOptions("reduceLrOnPlateau", options, OPTIONS);
  const { patience = 1, factor = 10, minLr = 0 } = options;
  const monitor = new Monitor(options);
  let waited = 0;
  let times = 0;
  let seen: EpochRecord | undefined;
  /** What was put into the loop last: other rates there are a schedule's, or the fit's own. */
  let lowered: readonly number[] | undefined;
  let given: readonly number[] = [];
  const observe = (record: EpochRecord | undefined) => {
    if (!record || record === seen || monitor.valueOf(record) === undefined) return;
    seen = record;
    waited = monitor.improves(record) ? 0 : waited + 1;
    if (waited < patience) return;
    waited = 0;
    times++;
  };
  return {
    name: "reduceLrOnPlateau",
    keeps: "nothing",
    // After early stopping, which ends the fit from the same hook; its rates come after a schedule's.
    order: 75,
    beforeFit(loop) {
      monitor.reset(loop);
      waited = 0;
      times = 0;
      seen = undefined;
      lowered = undefined;
    },
    beforeStep(loop) {
      if (loop.lrs !== lowered) given = loop.lrs;
      if (times === 0) return;
      lowered = given.map((lr) => Math.max(lr / factor ** times, Math.min(lr, minLr)));
      loop.lrs = lowered;
    },
    afterEpoch({ record }) {
      observe(record);
    },
    state({ record }) {
      observe(record);
      return { ...monitor.state(), waited, times };
    },
    restore(state) {
      const { waited: before, times: done } = (state ?? {}) as { waited?: unknown; times?: unknown };
      const where = "reduceLrOnPlateau restore";
      checkArgument(where, "waited", before, integer({ min: 0 }), refuse);
      checkArgument(where, "times", done, integer({ min: 0 }), refuse);
      monitor.restore(state, where);
      waited = before as number;
      times = done as number;
    },
  };
}

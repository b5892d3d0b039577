import { type Checks, checkArgument, integer } from "lrfind/core";
import { checkLearnerOptions, refuse } from "../../checks.js";
import type { EpochRecord } from "../epoch-record.js";
import type { Callback } from "./callback.js";
import { cancelFit } from "./cancel.js";
import { MONITOR_OPTIONS, Monitor, type MonitorOptions } from "./monitor.js";

/** When to stop early. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /**
   * Stop after this many epochs in a row without an improvement; from 1 up.
   * @default 1
   */
  readonly patience?: number;
}

const OPTIONS: Checks<EarlyStoppingOptions> = { ...MONITOR_OPTIONS, patience: integer({ min: 1 }) };

/**
 * Ends a fit when a measure has stopped getting better.
 *
 * The best value and the patience that is left are part of a checkpoint: a fit that is resumed by `startEpoch` goes on
 * with them.
 *
 * @throws {LearnerError} from `fit`, before it begins, when the epochs will have no such measure, or a metric does not say
 *   which way is better.
 *
 * @example
 * ```ts
 * await learn.fit(50, { cbs: [earlyStopping({ monitor: "accuracy", patience: 3, minDelta: 0.001 })] });
 * ```
 *
 * Source: Prechelt, Early Stopping, but when? (1998); fastai's `EarlyStoppingCallback`.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  checkLearnerOptions("earlyStopping", options, OPTIONS);
  const { patience = 1 } = options;
  const monitor = new Monitor(options);
  let waited = 0;
  let seen: EpochRecord | undefined;
  const observe = (record: EpochRecord | undefined) => {
    if (!record || record === seen || monitor.valueOf(record) === undefined) return;
    seen = record;
    waited = monitor.improves(record) ? 0 : waited + 1;
  };
  return {
    name: "earlyStopping",
    keeps: "nothing",
    order: 70,
    beforeFit(loop) {
      monitor.reset(loop);
      waited = 0;
    },
    afterEpoch({ record }) {
      observe(record);
      if (record && record === seen && waited >= patience)
        cancelFit(`${monitor.name} has not improved for ${waited} epoch(s)`);
    },
    state({ record }) {
      observe(record);
      return { ...monitor.state(), waited };
    },
    restore(state) {
      const { waited: before } = (state ?? {}) as { readonly waited?: unknown };
      const where = "earlyStopping restore";
      checkArgument(where, "waited", before, integer({ min: 0 }), refuse);
      monitor.restore(state, where);
      waited = before as number;
    },
  };
}

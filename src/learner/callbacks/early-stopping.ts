import type { Callback } from "./callback.js";
import { cancelFit } from "./cancel.js";
import { Monitor, type MonitorOptions } from "./monitor.js";

/** When to stop early. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /**
   * Stop after this many epochs in a row without an improvement; from 1 up.
   * @default 1
   */
  readonly patience?: number;
}

/**
 * Ends a fit when a measure has stopped getting better.
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
  const { patience = 1 } = options;
  const monitor = new Monitor(options);
  let waited = 0;
  return {
    name: "earlyStopping",
    order: 70,
    beforeFit(loop) {
      monitor.reset(loop);
      waited = 0;
    },
    afterEpoch({ record }) {
      if (!record || monitor.valueOf(record) === undefined) return;
      waited = monitor.improves(record) ? 0 : waited + 1;
      if (waited >= patience) cancelFit(`${monitor.name} has not improved for ${waited} epoch(s)`);
    },
  };
}

import type { Callback } from "./callback.js";
import { Monitor, type MonitorOptions } from "./monitor.js";

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

/**
 * Saves the learner after each epoch that is better than all before it, and gives it the best weights at the end.
 *
 * Only parameters and buffers are restored: optimizer and counters stay those of the last epoch, so that later
 * fits go on with new mini-batches. The file holds everything.
 *
 * @throws What writing throws, from `fit`: the learner keeps the last finished step, and the file is the one before.
 *
 * @example
 * ```ts
 * await learn.fit(10, { cbs: [saveBest({ monitor: "accuracy", path: "best.safetensors" })] });
 * ```
 *
 * Source: fastai's `SaveModelCallback`.
 */
export function saveBest(options: SaveBestOptions): Callback {
  const { path, restore = true } = options;
  const monitor = new Monitor(options);
  return {
    name: "saveBest",
    // Before early stopping, which ends the fit from the same hook.
    order: 65,
    beforeFit(loop) {
      monitor.reset(loop);
    },
    async afterEpoch({ record, learner }) {
      if (record && monitor.improves(record)) await learner.save(path);
    },
    async afterFit({ learner }) {
      if (restore && monitor.best !== undefined) await learner.load(path, { weightsOnly: true });
    },
  };
}

import { type Callback, cancelFit } from "../learner/index.js";

/** Ends a fit when its time is up, and tells after how many epochs. */
export interface TimeLimit {
  readonly callback: Callback;
  /** Epochs after which it ended the fit; undefined where it did not. */
  stoppedAfter(): number | undefined;
}

/**
 * As many epochs as time lets expect, which is less than the truth may come to: hence also a limit.
 *
 * @param wanted - The epochs without a limit of time.
 * @param options.stepMs - How long a step takes, in milliseconds.
 * @param options.steps - Steps of an epoch.
 * @param options.maxTime - In seconds.
 */
export function epochsWithin(
  wanted: number,
  { stepMs, steps, maxTime }: { readonly stepMs: number; readonly steps: number; readonly maxTime: number },
): number {
  // Validation and what is around a step take their part too.
  const epochMs = 1.5 * steps * stepMs;
  return Math.min(wanted, Math.max(1, Math.floor((1000 * maxTime) / epochMs)));
}

/** Ends a fit after the epoch behind which another would be too long. */
export function timeLimit(maxTime: number): TimeLimit {
  let begun = 0;
  let stopped: number | undefined;
  const callback: Callback = {
    name: "timeLimit",
    keeps: "nothing",
    // After those that keep the best epoch.
    order: 80,
    beforeFit() {
      begun = performance.now();
    },
    afterEpoch({ record, nEpoch }) {
      if (record === undefined) return;
      const passed = performance.now() - begun;
      const done = record.epoch + 1;
      if (done === nEpoch || passed + passed / done <= 1000 * maxTime) return;
      stopped = done;
      cancelFit(`${maxTime} s are over`);
    },
  };
  return { callback, stoppedAfter: () => stopped };
}

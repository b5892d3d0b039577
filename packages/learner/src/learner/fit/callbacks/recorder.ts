import type { EpochRecord } from "../epoch-record.js";
import type { Recorder } from "../recorder.js";
import type { Callback } from "./callback.js";

/** fastai's. */
const BETA = 0.98;

/** Makes a recorder and the callback that fills it. */
export function recording(): { readonly recorder: Recorder; readonly callback: Callback } {
  const losses: number[] = [];
  const weights: number[] = [];
  const smoothedLosses: number[] = [];
  const lrs: (readonly number[])[] = [];
  const moms: number[] = [];
  const epochs: EpochRecord[] = [];
  let smoothed = 0;
  let smoothedWeight = 0;
  const callback: Callback = {
    name: "recorder",
    keeps: "nothing",
    order: 50,
    afterStep(loop) {
      const loss = loop.loss!;
      const weight = loop.weight!;
      losses.push(loss);
      weights.push(weight);
      smoothedWeight = BETA * smoothedWeight + weight;
      // In this form equal losses stay exactly equal.
      smoothed += (loss - smoothed) * (weight / smoothedWeight);
      smoothedLosses.push(smoothed);
      lrs.push(loop.lrs);
      moms.push(loop.hyper.mom);
    },
    afterEpoch({ record }) {
      if (record) epochs.push(record);
    },
  };
  return { recorder: { losses, weights, smoothedLosses, lrs, moms, epochs }, callback };
}

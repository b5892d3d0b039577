import { smoother } from "../../finder/index.js";
import type { EpochRecord } from "../epoch-record.js";
import type { Callback } from "./callback.js";

/** What a fit did, step by step and epoch by epoch. */
export interface Recorder {
  /** Loss of each step, before its update. */
  readonly losses: readonly number[];
  /** The same, exponentially smoothed with factor 0.98 and without the bias of the start. */
  readonly smoothedLosses: readonly number[];
  /** Learning rates of each step, one per parameter group. */
  readonly lrs: readonly (readonly number[])[];
  /** Momentum of each step. */
  readonly moms: readonly number[];
  /** Losses and metrics of each finished epoch. */
  readonly epochs: readonly EpochRecord[];
}

/** fastai's. */
const BETA = 0.98;

/** Makes a recorder and the callback that fills it. */
export function recording(): { readonly recorder: Recorder; readonly callback: Callback } {
  const losses: number[] = [];
  const smoothedLosses: number[] = [];
  const lrs: (readonly number[])[] = [];
  const moms: number[] = [];
  const epochs: EpochRecord[] = [];
  const smooth = smoother(BETA);
  const callback: Callback = {
    name: "recorder",
    order: 50,
    afterStep(loop) {
      losses.push(loop.loss!);
      smoothedLosses.push(smooth(loop.loss!));
      lrs.push(loop.lrs);
      moms.push(loop.hyper.mom);
    },
    afterEpoch({ record }) {
      if (record) epochs.push(record);
    },
  };
  return { recorder: { losses, smoothedLosses, lrs, moms, epochs }, callback };
}

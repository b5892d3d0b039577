import type { EpochRecord } from "../epoch-record.js";
import type { Callback } from "./callback.js";

/** What a fit did, step by step and epoch by epoch. */
export interface Recorder {
  /** Loss of each step, before its update. */
  readonly losses: readonly number[];
  /** What each of these losses is a mean over: items, elements or labels that count. */
  readonly weights: readonly number[];
  /**
   * The losses, exponentially smoothed: `Σ βⁿ⁻ⁱ wᵢ lossᵢ / Σ βⁿ⁻ⁱ wᵢ` with β = 0.98 and their weights w, so that a short
   * mini-batch counts less, and the start is not biased.
   */
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
  const weights: number[] = [];
  const smoothedLosses: number[] = [];
  const lrs: (readonly number[])[] = [];
  const moms: number[] = [];
  const epochs: EpochRecord[] = [];
  let smoothed = 0;
  let smoothedWeight = 0;
  const callback: Callback = {
    name: "recorder",
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

import type { EpochRecord } from "./epoch-record.js";

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

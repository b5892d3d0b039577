/**
 * Why a range test ended: every step was made; the smoothed loss rose past the divergence limit; a loss was
 * NaN or infinite; or the caller stopped it.
 */
export type StopReason = (typeof STOP_REASONS)[number];

/** All of them. */
export const STOP_REASONS = ["completed", "diverged", "nonFinite", "aborted"] as const;

/** One step of a range test. */
export interface CurvePoint {
  /** 0-based index of the step. */
  readonly step: number;
  /** Learning rate of this step (of the swept or, where all are swept, the last group). */
  readonly lr: number;
  /** Learning rate of every parameter group, where there are several. */
  readonly lrs?: readonly number[];
  /** Loss of the mini-batch before the update (or the validation loss, with `lossOn: "validation"`). */
  readonly loss: number;
  /** Exponential moving average of `loss`, bias-corrected. */
  readonly smoothed: number;
}

/** What a range test measured: three columns of equal length. Plain data; `curve.json` is its file form. */
export interface Curve {
  /** How many steps were asked for; `lr.length` may be less. */
  readonly numIt: number;
  /** Why the test ended. */
  readonly stop: StopReason;
  /** Learning rates, ascending. */
  readonly lr: readonly number[];
  /** Raw mini-batch losses. */
  readonly loss: readonly number[];
  /** Smoothed losses. */
  readonly smoothed: readonly number[];
}

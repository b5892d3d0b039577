/** One finished epoch. */
export interface EpochRecord {
  /** 0-based number in the learner's life. */
  readonly epoch: number;
  /**
   * Mean loss over all that was trained on, each mini-batch before its update and by its weight, so that a short one
   * counts less; NaN where all were cancelled.
   */
  readonly trainLoss: number;
  /** Mean loss over the validation set, the same for every batch size; absent where there is none, or validation was cancelled. */
  readonly validLoss?: number;
  /** Measures of the validation set, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Wall time of the epoch, validation included, in milliseconds. */
  readonly durationMs: number;
}

/** What validation found. */
export interface Validation {
  /** Mean loss over all that counts: items, or what else the loss is a mean over; NaN where nothing does. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

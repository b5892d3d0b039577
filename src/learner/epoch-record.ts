/** One finished epoch. */
export interface EpochRecord {
  /** 0-based number in the learner's life. */
  readonly epoch: number;
  /** Mean of the mini-batches' losses, each before its update; NaN where all were cancelled. */
  readonly trainLoss: number;
  /** Mean loss over the validation set; absent where there is none, or validation was cancelled. */
  readonly validLoss?: number;
  /** Measures of the validation set, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Wall time of the epoch, validation included, in milliseconds. */
  readonly durationMs: number;
}

/** What validation found. */
export interface Validation {
  /** Mean loss over all items. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

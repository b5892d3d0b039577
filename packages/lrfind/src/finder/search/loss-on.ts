/** Which loss a range test records. */
export type LossOn = "train" | "validation";

/** Passes over the validation set, and the time that they took. */
export interface ValidationCost {
  readonly count: number;
  readonly durationMs: number;
}

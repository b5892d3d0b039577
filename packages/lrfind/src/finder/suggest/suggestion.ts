/** A suggested learning rate, and the point of the curve that it was read from. */
export interface FoundSuggestion {
  /** The rate to train with. */
  readonly lr: number;
  /** Where on the curve it was read (for `minimum` and `edge` at a larger rate than `lr`). */
  readonly point: { readonly lr: number; readonly loss: number };
}

/** The honest other answer: this curve supports no rate, and why. */
export interface NoSuggestion {
  readonly lr: null;
  /** One plain clause, without a full stop: `the loss is the same at every rate`. */
  readonly reason: string;
}

/**
 * What a suggester found: a rate and the point of the curve it was read from, or the reason why this curve
 * supports none.
 */
export type Suggestion = FoundSuggestion | NoSuggestion;

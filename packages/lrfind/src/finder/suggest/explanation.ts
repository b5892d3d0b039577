/**
 * How a suggester came to its rate, as what can be drawn over the curve it read.
 *
 * A stretch of rates, heights of the loss, places on the curve: whichever it looked at.
 */
export interface Explanation {
  /** One sentence. */
  readonly text: string;
  /** The stretch that it read the rate off, and what it is. */
  readonly interval?: { readonly from: number; readonly to: number; readonly label?: string };
  /** Losses that it compared with. */
  readonly levels?: readonly { readonly label: string; readonly loss: number }[];
  /** Places that it looked for. */
  readonly places?: readonly { readonly label: string; readonly lr: number; readonly loss: number }[];
}

/** Relative differences up to this are rounding: a million sums in double precision leave less. */
const ROUNDING = 1e-12;

/**
 * Whether all losses are the same but for rounding: a moving average of equal losses need not be equal to the
 * last bit, and no rate is to be read off that bit.
 */
export function isConstant(losses: readonly number[]): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const loss of losses) {
    if (loss < low) low = loss;
    if (loss > high) high = loss;
  }
  return high - low <= ROUNDING * Math.max(Math.abs(low), Math.abs(high));
}

/** The reason that goes with it. */
export const CONSTANT_REASON = "the loss is the same at every rate";

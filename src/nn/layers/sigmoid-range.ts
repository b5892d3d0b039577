import type { Layer } from "../layer.js";

/**
 * Squeezes every element into an open interval: `low + (high - low) sigmoid(x)`.
 *
 * @throws {RangeError} unless `low` and `high` are finite and `low` is the lesser.
 *
 * @example
 * ```ts
 * const rating = sequential(linear(100, 1), sigmoidRange(0.5, 5.5));
 * ```
 *
 * Source: fastai's `SigmoidRange`.
 */
export function sigmoidRange(low: number, high: number): Layer {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(
      `sigmoidRange: expected two finite numbers, the lesser first, got ${low} and ${high}`,
    );
  }
  return { kind: "SigmoidRange", forward: ({ g }, x) => g.add(g.mul(g.sigmoid(x!), high - low), low) };
}

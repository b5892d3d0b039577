import { checkArgument, range } from "lrfind/core";
import type { Layer } from "../layer.js";

/**
 * Squeezes every element into an open interval: `low + (high - low) sigmoid(x)`.
 *
 * @throws {OptionError} unless `low` and `high` are finite and `low` is the lesser.
 *
 * @example
 * ```ts
 * const rating = sequential(linear(100, 1), sigmoidRange(0.5, 5.5));
 * ```
 *
 * Source: fastai's `SigmoidRange`.
 */
export function sigmoidRange(low: number, high: number): Layer {
  checkArgument("sigmoidRange", "low and high", [low, high], range);
  return { kind: "SigmoidRange", forward: ({ g }, x) => g.add(g.mul(g.sigmoid(x!), high - low), low) };
}

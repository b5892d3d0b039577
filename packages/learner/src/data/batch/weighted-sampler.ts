import { RandomSequence } from "@lrfind/engine";
import { check, checkDataOptions, integer, rowLabels, rowNumbers } from "../checks.js";
import { DataError, describe, integerOption } from "../errors.js";
import type { Sampler } from "./sampler.js";

/**
 * Draws rows with replacement, row i with probability wᵢ / Σw at every draw, anew each epoch.
 *
 * @param weights - One per row: finite, not negative, not all 0.
 * @param options.length - Draws in an epoch, at least 1. Default: the number of rows.
 * @throws DataError if a weight or the length is out of its range.
 *
 * @example
 * ```ts
 * const sampler = weightedSampler(balancedWeights(labels)); // every class equally often
 * const loader = new DataLoader({ dataset, sampler, training: true, seed: 42 });
 * ```
 */
export function weightedSampler(
  weights: ArrayLike<number>,
  options: { readonly length?: number } = {},
): Sampler {
  check("weightedSampler", "weights", weights, rowNumbers);
  checkDataOptions<typeof options>("weightedSampler", options, {
    length: integer({ min: 1, max: 2 ** 32 - 1 }),
  });
  const { length = weights.length } = options;
  integerOption("weightedSampler: length", length, 1);
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!Number.isFinite(weight) || weight < 0) {
      const got = `${describe(weight)} at index ${i}`;
      throw new DataError({ where: "weights", expected: "finite numbers of at least 0", got });
    }
    total += weight;
    cumulative[i] = total;
  }
  if (!(total > 0 && Number.isFinite(total))) {
    throw new DataError({ where: "weights", expected: "a positive, finite sum", got: String(total) });
  }
  return {
    length,
    order({ seed, epoch }) {
      const random = new RandomSequence({ seed, epoch, stream: "weighted" });
      const rows = new Uint32Array(length);
      for (let i = 0; i < length; i++) {
        // 53 bits: 24 would leave most rows of a large dataset unreachable.
        const u = (random.uint32() * 2 ** 21 + (random.uint32() >>> 11)) * 2 ** -53;
        rows[i] = firstAbove(cumulative, u * total);
      }
      return rows;
    },
  };
}

/**
 * Weights that make `weightedSampler` draw every class equally often: wᵢ = 1 / (rows of row i's class).
 *
 * @param labels - The class of each row.
 *
 * @example
 * ```ts
 * balancedWeights([0, 0, 1]); // Float64Array [0.5, 0.5, 1]
 * ```
 */
export function balancedWeights(labels: ArrayLike<string | number>): Float64Array {
  check("balancedWeights", "labels", labels, rowLabels);
  const counts = new Map<string | number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  return Float64Array.from({ length: labels.length }, (_, i) => 1 / counts.get(labels[i]!)!);
}

/** The first index whose value exceeds x, so that rows of weight 0 are never met. */
function firstAbove(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

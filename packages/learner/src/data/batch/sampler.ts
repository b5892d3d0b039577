import { permutation } from "@lrfind/engine";
import { check, integer } from "../checks.js";

/** Decides which rows an epoch visits and in which order. */
export interface Sampler {
  /** How many rows every epoch visits. */
  readonly length: number;
  /** The rows of an epoch: a pure function of its arguments. */
  order(context: { readonly seed: number; readonly epoch: number }): Uint32Array;
}

const ROWS = integer({ min: 0, below: 2 ** 31 });

/**
 * Visits rows 0 … n - 1 in this order, in every epoch.
 *
 * @param n - The number of rows.
 *
 * @example
 * ```ts
 * sequentialSampler(3).order({ seed: 0, epoch: 0 }); // Uint32Array(3) [ 0, 1, 2 ]
 * ```
 */
export function sequentialSampler(n: number): Sampler {
  check("sequentialSampler", "n", n, ROWS);
  return { length: n, order: () => Uint32Array.from({ length: n }, (_, i) => i) };
}

/**
 * Visits each of rows 0 … n - 1 once an epoch, in an order drawn from the seed and the epoch.
 *
 * @param n - The number of rows.
 *
 * @example
 * ```ts
 * shuffleSampler(3).order({ seed: 0, epoch: 1 });
 * ```
 */
export function shuffleSampler(n: number): Sampler {
  check("shuffleSampler", "n", n, ROWS);
  return { length: n, order: ({ seed, epoch }) => permutation(n, { seed, epoch, stream: "shuffle" }) };
}

import type { RandomKey } from "./key.js";
import { RandomSequence } from "./sequence.js";

/**
 * A random order of 0 … n - 1, each of the n! orders equally likely as far as the key's 64 bits of seed reach.
 *
 * @param n - An integer in [0, 2³²).
 * @param key - Which random sequence.
 * @returns n distinct integers.
 * @throws RangeError if `n` or a coordinate of the key is not an integer in its range.
 *
 * @example
 * ```ts
 * permutation(5, { seed: 0, stream: "shuffle", epoch: 1 }); // Uint32Array(5) [ … ]
 * ```
 *
 * Source: Durstenfeld, "Algorithm 235: Random permutation" (1964), the shuffle of Fisher and Yates.
 */
export function permutation(n: number, key: RandomKey): Uint32Array {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 32) {
    throw new RangeError(`permutation: expected n, an integer in [0, 2^32), got ${String(n)}`);
  }
  const random = new RandomSequence(key);
  const order = new Uint32Array(n);
  for (let i = 1; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(i + 1);
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}

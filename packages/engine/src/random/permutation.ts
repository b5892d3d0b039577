import { checkArgument, integer } from "lrfind/core";
import type { RandomKey } from "./key.js";
import { RandomSequence } from "./sequence.js";

/** Beyond it an order would take more than 8 GiB, and minutes. */
const COUNT = integer({ min: 0, below: 2 ** 31 });

/**
 * A random order of 0 … n - 1, each of the n! orders equally likely as far as the key's 64 bits of seed reach.
 *
 * @param n - An integer in [0, 2³¹).
 * @param key - Which random sequence.
 * @returns n distinct integers.
 * @throws {OptionError} if `n` or a coordinate of the key is not an integer in its range.
 *
 * @example
 * ```ts
 * permutation(5, { seed: 0, stream: "shuffle", epoch: 1 }); // Uint32Array(5) [ … ]
 * ```
 *
 * Source: Durstenfeld, "Algorithm 235: Random permutation" (1964), the shuffle of Fisher and Yates.
 */
export function permutation(n: number, key: RandomKey): Uint32Array {
  checkArgument("permutation", "n", n, COUNT);
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

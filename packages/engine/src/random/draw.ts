import { checkArgument, integer } from "lrfind/core";
import { packKey, type RandomKey } from "./key.js";
import { philox4x32 } from "./philox.js";

/**
 * The `index`-th 32-bit word of a random sequence.
 *
 * @param key - Which sequence.
 * @param index - An integer in [0, 2³⁴). Default 0.
 * @returns An integer, uniform in [0, 2³²).
 * @throws {OptionError} if a coordinate or the index is not an integer in its range.
 *
 * @example
 * ```ts
 * randomUint32({ seed: 42, stream: "init", step: 3 }, 7);
 * ```
 */
export function randomUint32(key: RandomKey, index = 0): number {
  return blockOf(key, index)[index % 4]!;
}

/**
 * The `index`-th number of a random sequence, uniform in [0, 1).
 *
 * A multiple of 2⁻²⁴, hence the same number in float32 and float64, and never rounded up to 1.
 *
 * @param key - Which sequence.
 * @param index - An integer in [0, 2³⁴). Default 0.
 * @throws {OptionError} if a coordinate or the index is not an integer in its range.
 *
 * @example
 * ```ts
 * const flip = uniform({ seed, stream: "flip", epoch, step: row }) < 0.5;
 * ```
 */
export function uniform(key: RandomKey, index = 0): number {
  return toUniform(randomUint32(key, index));
}

/**
 * The `index`-th number of a random sequence, normal with mean 0 and standard deviation 1.
 *
 * Numbers 2j and 2j + 1 are √(−2 ln u) · (cos 2πv, sin 2πv) from words 2j and 2j + 1, with u in (0, 1) and v in
 * [0, 1) of 32 bits each; so no value exceeds 6.77 in magnitude.
 *
 * @param key - Which sequence.
 * @param index - An integer in [0, 2³⁴). Default 0.
 * @throws {OptionError} if a coordinate or the index is not an integer in its range.
 *
 * @example
 * ```ts
 * const noise = 0.1 * normal({ seed, stream: "lighting", epoch, step: row });
 * ```
 *
 * Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
 */
export function normal(key: RandomKey, index = 0): number {
  const block = blockOf(key, index);
  const pair = index % 4 < 2 ? 0 : 2;
  const [cosine, sine] = toNormals(block[pair]!, block[pair + 1]!);
  return index % 2 === 0 ? cosine : sine;
}

/** A word as a multiple of 2⁻²⁴ in [0, 1). */
export function toUniform(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Two words as two independent standard normal numbers. */
export function toNormals(first: number, second: number): readonly [number, number] {
  // Half a unit keeps the logarithm finite.
  const radius = Math.sqrt(-2 * Math.log((first + 0.5) * 2 ** -32));
  const angle = 2 * Math.PI * second * 2 ** -32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

const INDEX = integer({ min: 0, below: 2 ** 34 });

function blockOf(key: RandomKey, index: number): Uint32Array {
  checkArgument("random numbers", "index", index, INDEX);
  const packed = packKey(key);
  const block = new Uint32Array(4);
  philox4x32(block, [Math.floor(index / 4), ...packed.counter], packed.key);
  return block;
}

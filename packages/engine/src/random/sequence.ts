import { checkArgument, integer } from "lrfind/core";
import { toNormals, toUniform } from "./draw.js";
import { type PackedKey, packKey, type RandomKey } from "./key.js";
import { philox4x32 } from "./philox.js";

const BOUND = integer({ min: 1, max: 2 ** 32 });

/**
 * A random sequence read from its start, one draw after the other, for code that cannot number its draws
 * beforehand (rejection, a varying count per image).
 *
 * @example
 * ```ts
 * const random = new RandomSequence({ seed, stream: "crop", epoch, step: row });
 * const left = random.int(5);
 * const top = random.int(5);
 * ```
 */
export class RandomSequence {
  readonly #packed: PackedKey;
  readonly #words = new Uint32Array(64);
  #block = 0;
  #at = 64;

  /**
   * @param key - Which sequence.
   * @throws {OptionError} if a coordinate of the key is not an integer in its range.
   */
  constructor(key: RandomKey) {
    this.#packed = packKey(key);
  }

  /** The next word: an integer, uniform in [0, 2³²). */
  uint32(): number {
    if (this.#at === this.#words.length) {
      philox4x32(this.#words, [this.#block, ...this.#packed.counter], this.#packed.key);
      this.#block += this.#words.length / 4;
      this.#at = 0;
    }
    return this.#words[this.#at++]!;
  }

  /** The next number, uniform in [0, 1), a multiple of 2⁻²⁴. */
  uniform(): number {
    return toUniform(this.uint32());
  }

  /** The next number, normal with mean 0 and standard deviation 1. Takes two words. */
  normal(): number {
    return toNormals(this.uint32(), this.uint32())[0];
  }

  /**
   * The next integer, uniform in [0, bound), without the bias of a bare remainder: words above the largest
   * multiple of `bound` are drawn again.
   *
   * @param bound - An integer in [1, 2³²].
   * @throws {OptionError} if `bound` is not one.
   */
  int(bound: number): number {
    if (!BOUND.accepts(bound)) checkArgument("RandomSequence.int", "bound", bound, BOUND);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < limit) return drawn % bound;
    }
  }
}

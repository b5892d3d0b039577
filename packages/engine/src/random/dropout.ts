import { type Checks, checkArgument, checkOptions, number, required } from "lrfind/core";
import { anArray } from "./fill.js";
import { packKey, type RandomKey } from "./key.js";
import { philox4x32 } from "./philox.js";

const OUT = anArray(Float32Array, Uint8Array);
const OPTIONS: Checks<{ readonly keepProb: number; readonly scale?: number }> = {
  keepProb: required(number({ min: 0, max: 1 })),
  scale: number(),
};

const CHUNK_WORDS = 2048;
// Tie-breaking words are drawn from blocks no mask reaches: a mask of 2³² elements uses 2²⁸ blocks.
const TIE_BLOCKS = 2 ** 31;

/**
 * Fills a dropout mask: each element is `scale` with probability `keepProb`, else 0, independently.
 *
 * An element looks at one random byte, and at a further word only where that byte does not decide (1 of 256):
 * sixteen elements a Philox block, with the probability exact to 2⁻⁴⁰.
 *
 * @param out - Overwritten entirely.
 * @param options.keepProb - Probability that an element is kept, in [0, 1].
 * @param options.scale - What a kept element becomes. Default 1; `1 / keepProb` keeps the expectation.
 * @param key - Which random sequence; a step's own where the mask is to change with it.
 * @returns `out`.
 * @throws {OptionError} if `out` is no such array, `keepProb` lies outside [0, 1] or a coordinate of the key outside
 *   its range.
 *
 * @example
 * ```ts
 * const keepProb = 0.8;
 * const mask = new Float32Array(64 * 128);
 * fillDropoutMask(mask, { keepProb, scale: 1 / keepProb }, { seed: 0, stream: "dropout/fc1", step: 12 });
 * ```
 *
 * Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout" (JMLR 2014); the scaling at
 * training time is the "inverted" form of its section 10.
 */
export function fillDropoutMask<A extends Float32Array | Uint8Array>(
  out: A,
  options: { readonly keepProb: number; readonly scale?: number },
  key: RandomKey,
): A {
  checkArgument("fillDropoutMask", "out", out, OUT);
  checkOptions("fillDropoutMask", options, OPTIONS);
  const { keepProb, scale = 1 } = options;
  const packed = packKey(key);
  const byteLimit = Math.floor(keepProb * 256);
  const tieLimit = (keepProb * 256 - byteLimit) * 2 ** 32;
  const words = new Uint32Array(Math.min(CHUNK_WORDS, Math.ceil(out.length / 16) * 4));
  const tie = new Uint32Array(4);
  const decideTie = (index: number) => {
    philox4x32(tie, [TIE_BLOCKS + Math.floor(index / 4), ...packed.counter], packed.key);
    return tie[index % 4]! < tieLimit ? scale : 0;
  };
  for (let start = 0; start < out.length; start += 4 * CHUNK_WORDS) {
    philox4x32(words, [start / 16, ...packed.counter], packed.key);
    const count = Math.min(4 * CHUNK_WORDS, out.length - start);
    for (let i = 0; i < count; i++) {
      // Shifts, not a byte view, so that the mask does not depend on the machine's byte order.
      const byte = (words[i >>> 2]! >>> ((i & 3) << 3)) & 0xff;
      if (byte === byteLimit) out[start + i] = decideTie(start + i);
      else out[start + i] = byte < byteLimit ? scale : 0;
    }
  }
  return out;
}

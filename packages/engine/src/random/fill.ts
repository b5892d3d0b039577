import { type Check, type Checks, checkArgument, checkOptions, number } from "lrfind/core";
import { toNormals, toUniform } from "./draw.js";
import { type PackedKey, packKey, type RandomKey } from "./key.js";
import { philox4x32 } from "./philox.js";

// Small enough to stay in the first-level cache, large enough to hide the call; a multiple of a block.
const CHUNK_WORDS = 2048;

interface Range {
  readonly low?: number;
  readonly high?: number;
}
interface Moments {
  readonly mean?: number;
  readonly std?: number;
}

const OUT = anArray(Float32Array, Float64Array);
const RANGE: Checks<Range> = { low: number(), high: number() };
const MOMENTS: Checks<Moments> = { mean: number(), std: number() };

/** A typed array of one of these types. */
export function anArray(
  ...types: readonly { new (length: number): ArrayLike<number>; name: string }[]
): Check {
  return {
    expected: `a ${types.map(({ name }) => name).join(" or ")}`,
    accepts: (value) => types.some((type) => value instanceof type),
  };
}

/**
 * Fills `out` with numbers uniform in [low, high): element i is `low + (high - low) * uniform(key, i)`.
 *
 * @param out - Overwritten entirely.
 * @param key - Which random sequence.
 * @param range.low - Default 0.
 * @param range.high - Default 1. In float32, rounding can reach it unless the range is [0, 1).
 * @returns `out`.
 * @throws {OptionError} if `out` is no such array, an option does not exist or is no finite number, or a coordinate of the key is not an integer in its range.
 *
 * @example
 * ```ts
 * fillUniform(new Float32Array(784 * 128), { seed: 0, stream: "fc1.weight" }, { low: -0.1, high: 0.1 });
 * ```
 */
export function fillUniform<A extends Float32Array | Float64Array>(
  out: A,
  key: RandomKey,
  range: Range = {},
): A {
  checkArgument("fillUniform", "out", out, OUT);
  checkOptions("fillUniform", range, RANGE);
  const { low = 0, high = 1 } = range;
  const span = high - low;
  forEachChunk(out.length, packKey(key), (words, start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = low + span * toUniform(words[i]!);
  });
  return out;
}

/**
 * Fills `out` with normal numbers: element i is `mean + std * normal(key, i)`.
 *
 * @param out - Overwritten entirely.
 * @param key - Which random sequence.
 * @param options.mean - Default 0.
 * @param options.std - Default 1.
 * @returns `out`.
 * @throws {OptionError} if `out` is no such array, an option does not exist or is no finite number, or a coordinate of the key is not an integer in its range.
 *
 * @example
 * ```ts
 * fillNormal(new Float32Array(64 * 9), { seed: 0, stream: "conv1.weight" }, { std: Math.sqrt(2 / 9) });
 * ```
 */
export function fillNormal<A extends Float32Array | Float64Array>(
  out: A,
  key: RandomKey,
  options: Moments = {},
): A {
  checkArgument("fillNormal", "out", out, OUT);
  checkOptions("fillNormal", options, MOMENTS);
  const { mean = 0, std = 1 } = options;
  forEachChunk(out.length, packKey(key), (words, start, count) => {
    // An odd end still needs both words of its pair; chunks hold whole blocks, so the second one is there, and the
    // second number is written past the end, which typed arrays ignore.
    for (let i = 0; i < count; i += 2) {
      const [cosine, sine] = toNormals(words[i]!, words[i + 1]!);
      out[start + i] = mean + std * cosine;
      out[start + i + 1] = mean + std * sine;
    }
  });
  return out;
}

/** Calls `use` with the words of the sequence, `CHUNK_WORDS` at a time, in a buffer that is reused. */
function forEachChunk(
  length: number,
  { counter, key }: PackedKey,
  use: (words: Uint32Array, start: number, count: number) => void,
): void {
  const words = new Uint32Array(Math.min(CHUNK_WORDS, Math.ceil(length / 4) * 4));
  for (let start = 0; start < length; start += CHUNK_WORDS) {
    const count = Math.min(CHUNK_WORDS, length - start);
    philox4x32(words, [start / 4, ...counter], key);
    use(words, start, count);
  }
}

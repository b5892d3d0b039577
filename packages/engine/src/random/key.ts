import { describe, didYouMean, OptionError } from "lrfind/core";

/**
 * The coordinates of a random sequence. Equal coordinates give equal numbers, always and everywhere; sequences
 * that differ in any coordinate are independent.
 */
export interface RandomKey {
  /** The user's seed: an integer in [0, 2⁵³). */
  readonly seed: number;
  /**
   * What the numbers are for, so that two uses of one seed do not share them: an integer in [0, 2³²), or a
   * name, such as `"shuffle"` or `"dropout/fc1"`, which is hashed to one.
   *
   * @default 0
   */
  readonly stream?: number | string;
  /**
   * An integer in [0, 2³²).
   *
   * @default 0
   */
  readonly epoch?: number;
  /**
   * An integer in [0, 2³²): the training step, or whatever else numbers the draws, such as a dataset row.
   *
   * @default 0
   */
  readonly step?: number;
}

/** A key as Philox takes it: the words of the counter after the block number, and of the key. */
export interface PackedKey {
  readonly counter: readonly [step: number, epoch: number, stream: number];
  readonly key: readonly [low: number, high: number];
}

/**
 * Checks a key and packs it into Philox's counter `[block, step, epoch, stream]` and key `[seed low, seed high]`.
 *
 * Checked by hand, not by `checkOptions`: it is called for every draw.
 *
 * @throws {OptionError} if a coordinate is not an integer in its range, or one of that name does not exist.
 */
export function packKey(key: RandomKey): PackedKey {
  if (typeof key !== "object" || key === null) fail("RandomKey", "an object { seed, … }", key);
  for (const name in key) {
    if (!COORDINATES.includes(name))
      fail("RandomKey", "a known coordinate", name, didYouMean(name, COORDINATES));
  }
  const { seed, stream = 0, epoch = 0, step = 0 } = key;
  if (!Number.isSafeInteger(seed) || seed < 0) fail("RandomKey.seed", "an integer in [0, 2^53)", seed);
  const streamWord = typeof stream === "string" ? hashName(stream) : word("stream", stream);
  return {
    counter: [word("step", step), word("epoch", epoch), streamWord],
    key: [seed >>> 0, Math.floor(seed / 2 ** 32)],
  };
}

function word(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    fail(`RandomKey.${name}`, "an integer in [0, 2^32)", value);
  }
  return value;
}

const COORDINATES: readonly string[] = ["seed", "stream", "epoch", "step"];

function fail(where: string, expected: string, received: unknown, hint?: string): never {
  const option = where.split(".").at(-1)!;
  throw new OptionError({ where, expected, got: describe(received), hint, option, received });
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, over the bytes of the UTF-16 code units. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

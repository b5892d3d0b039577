import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  fillDropoutMask,
  fillNormal,
  fillUniform,
  normal,
  permutation,
  type RandomKey,
  RandomSequence,
  randomUint32,
  uniform,
} from "../../src/random/index.js";
import { philox4x32 } from "../../src/random/philox.js";

// What the docstrings define, written again word by word: trainings are resumed, and results published, on the promise
// that the numbers of a key never change.

/** FNV-1a over the low and high bytes of a name's UTF-16 units, in exact integers. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5n;
  for (const unit of Array.from({ length: name.length }, (_, i) => BigInt(name.charCodeAt(i)))) {
    for (const byte of [unit & 0xffn, unit >> 8n]) hash = ((hash ^ byte) * 0x01000193n) & 0xffffffffn;
  }
  return Number(hash);
}

/** Word `index` of a key's sequence. */
function wordOf({ seed, stream = 0, epoch = 0, step = 0 }: RandomKey, index: number, firstBlock = 0): number {
  const words = new Uint32Array(4);
  const streamWord = typeof stream === "string" ? hashOf(stream) : stream;
  const seedWords = [Number(BigInt(seed) & 0xffffffffn), Number(BigInt(seed) >> 32n)] as const;
  philox4x32(words, [firstBlock + Math.floor(index / 4), step, epoch, streamWord], seedWords);
  return words[index % 4]!;
}

function normalOf(key: RandomKey, index: number): number {
  const even = index - (index % 2);
  const u = (wordOf(key, even) + 0.5) / 2 ** 32;
  const v = wordOf(key, even + 1) / 2 ** 32;
  const along = index % 2 === 0 ? Math.cos(2 * Math.PI * v) : Math.sin(2 * Math.PI * v);
  return Math.sqrt(-2 * Math.log(u)) * along;
}

const word = fc.nat({ max: 2 ** 32 - 1 });
const keys = fc.record(
  { seed: fc.maxSafeNat(), stream: fc.oneof(fc.string({ unit: "grapheme" }), word), epoch: word, step: word },
  { requiredKeys: ["seed"] },
);
const key: RandomKey = { seed: 2 ** 53 - 1, stream: "dropout/fc1", epoch: 2, step: 3 };

describe("the numbers of a key", () => {
  it("are words of Philox, as fractions of 24 bits, as normal pairs", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 40 }), (anyKey, index) => {
        expect(randomUint32(anyKey, index)).toBe(wordOf(anyKey, index));
        expect(uniform(anyKey, index)).toBe(Math.floor(wordOf(anyKey, index) / 256) / 2 ** 24);
        expect(normal(anyKey, index)).toBeCloseTo(normalOf(anyKey, index), 12);
      }),
    );
  });

  it("begin with number 0 unless told otherwise", () => {
    expect(randomUint32(key)).toBe(wordOf(key, 0));
    expect(uniform(key)).toBe(uniform(key, 0));
    expect(normal(key)).toBe(normal(key, 0));
    expect(randomUint32({ seed: 5 })).toBe(wordOf({ seed: 5, stream: 0, epoch: 0, step: 0 }, 0));
  });

  it.each([1, 3, 4, 2047, 2048, 2049, 2050, 6151])("fill %d elements without a seam", (length) => {
    const range = { low: -3, high: 5 };
    const uniforms = fillUniform(new Float64Array(length), key, range);
    const normals = fillNormal(new Float64Array(length), key, { mean: -1, std: 0.5 });
    for (const i of new Set([0, 1, 2047, 2048, 2049, 4096, length - 2, length - 1])) {
      if (i < 0 || i >= length) continue;
      expect(uniforms[i]).toBe(-3 + 8 * uniform(key, i));
      expect(normals[i]).toBeCloseTo(-1 + 0.5 * normalOf(key, i), 12);
    }
    expect(fillNormal(new Float64Array(length), key)[length - 1]).toBe(normal(key, length - 1));
  });

  it("come one after the other from a sequence, past its 64 words", () => {
    const sequence = new RandomSequence(key);
    for (let i = 0; i < 200; i++) expect(sequence.uint32()).toBe(wordOf(key, i));
    const normals = new RandomSequence(key);
    for (let i = 0; i < 100; i++) expect(normals.normal()).toBeCloseTo(normalOf(key, 2 * i), 12);
  });

  it("give whole numbers by the remainder, words above the largest multiple drawn again", () => {
    const bound = 3 * 2 ** 30;
    const words = Array.from({ length: 400 }, (_, i) => wordOf(key, i));
    const expected = words.filter((drawn) => drawn < bound).map((drawn) => drawn % bound);
    const sequence = new RandomSequence(key);
    expect(expected.slice(0, 200).map(() => sequence.int(bound))).toEqual(expected.slice(0, 200));
  });

  it("shuffle by Fisher and Yates's method, from the end", () => {
    const sequence = new RandomSequence(key);
    const order = Array.from({ length: 50 }, (_, i) => i);
    for (let i = 49; i > 0; i--) {
      const j = sequence.int(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    expect([...permutation(50, key)]).toEqual(order);
  });
});

describe("a dropout mask", () => {
  /** Byte `i` of the words keeps below 256 p; at its whole part a further word decides, at its fraction. */
  function keeps(i: number, keepProb: number): boolean {
    const byte = Math.floor(wordOf(key, Math.floor(i / 4)) / 256 ** (i % 4)) % 256;
    const whole = Math.floor(keepProb * 256);
    if (byte !== whole) return byte < whole;
    return wordOf(key, i, 2 ** 31) < (keepProb * 256 - whole) * 2 ** 32;
  }

  it.each([0, 0.001, 0.3, 0.5, 0.8, 0.9999, 1])("keeps by the bytes of the words: %d", (keepProb) => {
    const mask = fillDropoutMask(new Float32Array(20_000), { keepProb, scale: 4 }, key);
    const expected = Float32Array.from({ length: 20_000 }, (_, i) => (keeps(i, keepProb) ? 4 : 0));
    expect(mask).toEqual(expected);
  });

  it("is of ones unless told otherwise", () => {
    expect(new Set(fillDropoutMask(new Uint8Array(100), { keepProb: 0.5 }, key))).toEqual(new Set([0, 1]));
  });

  it.each([1, 15, 16, 17, 8191, 8192, 8193, 8208])(
    "of %d elements is the start of a longer one",
    (length) => {
      const long = fillDropoutMask(new Uint8Array(10_000), { keepProb: 0.7 }, key);
      expect(fillDropoutMask(new Uint8Array(length), { keepProb: 0.7 }, key)).toEqual(long.slice(0, length));
    },
  );
});

describe("the ends of what is taken", () => {
  it.each([
    ["seed", 0, 2 ** 53 - 1, 2 ** 53],
    ["stream", 0, 2 ** 32 - 1, 2 ** 32],
    ["epoch", 0, 2 ** 32 - 1, 2 ** 32],
    ["step", 0, 2 ** 32 - 1, 2 ** 32],
  ] as const)("of a key's %s", (name, least, most, tooMuch) => {
    for (const value of [least, most]) {
      const whole = { seed: 1, [name]: value };
      expect(randomUint32(whole)).toBe(wordOf(whole, 0));
    }
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, tooMuch, "0x1" as never].slice(
      0,
      name === "stream" ? 5 : 6,
    )) {
      expect(() => randomUint32({ seed: 1, [name]: value })).toThrow(`RandomKey.${name}`);
    }
  });

  it("of an index", () => {
    expect(randomUint32(key, 2 ** 34 - 1)).toBe(wordOf(key, 2 ** 34 - 1));
    for (const index of [-1, 0.5, 2 ** 34, Number.NaN]) {
      expect(() => randomUint32(key, index)).toThrow(
        "random numbers: expected index to be an integer in [0, 17179869184)",
      );
      expect(() => normal(key, index)).toThrow(
        "random numbers: expected index to be an integer in [0, 17179869184)",
      );
    }
  });

  it("of a probability", () => {
    for (const keepProb of [0, 1]) fillDropoutMask(new Uint8Array(1), { keepProb }, key);
    for (const keepProb of [-1e-9, 1 + 1e-9, Number.NaN]) {
      expect(() => fillDropoutMask(new Uint8Array(1), { keepProb }, key)).toThrow("keepProb");
    }
  });
});

describe("what is drawn", () => {
  afterEach(() => {
    vi.doUnmock("../../src/random/philox.js");
    vi.resetModules();
  });

  /** The room, and how many words each call of Philox in it has made. */
  async function counted() {
    const drawn: number[] = [];
    vi.resetModules();
    vi.doMock("../../src/random/philox.js", () => ({
      philox4x32: (...args: Parameters<typeof philox4x32>) => {
        drawn.push(args[0].length);
        philox4x32(...args);
      },
    }));
    return { random: await import("../../src/random/index.js"), drawn };
  }

  it("is no more than is needed, by whole blocks, in a buffer of 2048 words", async () => {
    const { random, drawn } = await counted();
    const draws = (use: () => unknown) => {
      drawn.length = 0;
      use();
      return [...drawn];
    };
    for (const length of [1, 3, 4, 5, 2047, 2048]) {
      const words = [4 * Math.ceil(length / 4)];
      expect(draws(() => random.fillUniform(new Float32Array(length), key))).toEqual(words);
      expect(draws(() => random.fillNormal(new Float32Array(length), key))).toEqual(words);
    }
    expect(draws(() => random.fillUniform(new Float32Array(2049), key))).toEqual([2048, 2048]);
    expect(draws(() => random.fillUniform(new Float32Array(0), key))).toEqual([]);
    const mask = (length: number) => () =>
      random.fillDropoutMask(new Uint8Array(length), { keepProb: 0.5 }, { seed: 1 });
    // Ties draw a block each; the bytes themselves come first.
    for (const length of [1, 16, 17, 100]) expect(draws(mask(length))[0]).toBe(4 * Math.ceil(length / 16));
    const chunks = draws(mask(8193)).filter((words) => words !== 4);
    expect(chunks).toEqual([2048, 2048]);
    expect(draws(() => random.uniform(key, 9))).toEqual([4]);
    expect(draws(() => new random.RandomSequence(key))).toEqual([]);
    expect(
      draws(() => {
        const sequence = new random.RandomSequence(key);
        for (let i = 0; i < 65; i++) sequence.uint32();
      }),
    ).toEqual([64, 64]);
  });
});

describe("errors of keys", () => {
  it.each<[unknown, Record<string, unknown>]>([
    [{ seed: "1" }, { where: "RandomKey.seed", option: "seed", received: "1", hint: undefined }],
    [
      { seed: 0, step: -1 },
      { where: "RandomKey.step", option: "step", received: -1, hint: undefined },
    ],
    [
      { seed: 0, stream: null },
      { where: "RandomKey.stream", option: "stream", received: null },
    ],
    [
      { seed: 0, epochs: 1 },
      { where: "RandomKey", option: "RandomKey", received: "epochs", hint: "epoch" },
    ],
    [null, { where: "RandomKey", option: "RandomKey", received: null, expected: "an object { seed, … }" }],
  ])("%j", (bad, fields) => {
    expect(() => randomUint32(bad as RandomKey)).toThrow(expect.objectContaining(fields));
  });
});

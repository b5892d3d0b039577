import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectArgument,
  expectBoundaries,
  finite,
  upTo1,
  whole,
} from "../../../../test/support/boundaries.js";
import { OptionError } from "../../../lrfind/src/core/index.js";
import {
  fillDropoutMask,
  fillNormal,
  fillUniform,
  normal,
  type RandomKey,
  RandomSequence,
  randomUint32,
  uniform,
} from "../../src/random/index.js";
import { philox4x32 } from "../../src/random/philox.js";

const key: RandomKey = { seed: 42, stream: "test", epoch: 3, step: 17 };
const keys = fc.record({
  seed: fc.maxSafeNat(),
  stream: fc.oneof(fc.string(), fc.nat({ max: 2 ** 32 - 1 })),
  epoch: fc.nat({ max: 2 ** 32 - 1 }),
  step: fc.nat({ max: 2 ** 32 - 1 }),
});

describe("draws", () => {
  it("lays out the counter as [block, step, epoch, stream] and the key as the halves of the seed", () => {
    const words = new Uint32Array(4);
    philox4x32(words, [9, 17, 3, 5], [0x89abcdef, 0x12345]);
    const placed = { seed: 0x12345_89abcdef, stream: 5, epoch: 3, step: 17 };
    expect([36, 37, 38, 39].map((index) => randomUint32(placed, index))).toEqual([...words]);
  });

  it("changes with every coordinate", () => {
    const variants: RandomKey[] = [
      key,
      { ...key, seed: 43 },
      { ...key, seed: 42 + 2 ** 32 },
      { ...key, stream: "tset" },
      { ...key, epoch: 4 },
      { ...key, step: 18 },
    ];
    const drawn = variants.map((variant) => randomUint32(variant, 5));
    expect(new Set(drawn).size).toBe(variants.length);
  });

  it("is the same whether drawn singly, in bulk or in sequence", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 70 }), (anyKey, length) => {
        const sequence = new RandomSequence(anyKey);
        const bulk = fillUniform(new Float64Array(length), anyKey);
        const single = Array.from({ length }, (_, i) => uniform(anyKey, i));
        expect([...bulk]).toEqual(single);
        expect(single.map(() => sequence.uniform())).toEqual(single);
        expect([...fillUniform(new Float32Array(length), anyKey)]).toEqual(single);
        const normals = Array.from({ length }, (_, i) => normal(anyKey, i));
        expect([...fillNormal(new Float64Array(length), anyKey)]).toEqual(normals);
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on how much is drawn: a longer fill starts as a shorter one", () => {
    const long = fillUniform(new Float32Array(10_001), key);
    expect(fillUniform(new Float32Array(5_003), key)).toEqual(long.slice(0, 5_003));
    expect(long[10_000]).toBe(uniform(key, 10_000));
    expect(fillNormal(new Float64Array(5_003), key)[5_002]).toBe(normal(key, 5_002));
  });

  it("fills nothing into nothing", () => {
    expect(fillUniform(new Float32Array(0), key)).toHaveLength(0);
    expect(fillNormal(new Float32Array(0), key)).toHaveLength(0);
    expect(fillDropoutMask(new Uint8Array(0), { keepProb: 0.5 }, key)).toHaveLength(0);
  });

  it("scales a range", () => {
    const values = fillUniform(new Float32Array(10_000), key, { low: -2, high: 3 });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
    expect(values[9]).toBeCloseTo(-2 + 5 * uniform(key, 9), 6);
    expect(fillNormal(new Float64Array(8), key, { mean: 5, std: 2 })[3]).toBe(5 + 2 * normal(key, 3));
  });

  // n = 200,000: bounds are five standard errors of the estimate, σ / √n and its like.
  it("has the moments of the uniform distribution", () => {
    const values = fillUniform(new Float64Array(200_000), key);
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(200_000));
    expect(Math.abs(mean(values.map((v) => v * v)) - 1 / 3)).toBeLessThan(
      (5 * Math.sqrt(4 / 45)) / Math.sqrt(200_000),
    );
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
  });

  it("has the moments of the normal distribution", () => {
    const values = fillNormal(new Float64Array(200_000), key);
    const standardError = 1 / Math.sqrt(200_000);
    expect(Math.abs(mean(values))).toBeLessThan(5 * standardError);
    expect(Math.abs(mean(values.map((v) => v ** 2)) - 1)).toBeLessThan(5 * Math.sqrt(2) * standardError);
    expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(5 * Math.sqrt(96) * standardError);
    // Neighbours come from one pair of words: they must not be correlated.
    const products = values.map((v, i) => v * values[(i + 1) % values.length]!);
    expect(Math.abs(mean(products))).toBeLessThan(5 * standardError);
  });

  it.each([
    [{ seed: -1 }, "RandomKey.seed: expected an integer in [0, 2^53), got -1"],
    [{ seed: 1.5 }, "RandomKey.seed"],
    [{ seed: Number.NaN }, "got NaN"],
    [{ seed: 0, epoch: 2 ** 32 }, "RandomKey.epoch: expected an integer in [0, 2^32), got 4294967296"],
    [{ seed: 0, step: -1 }, "RandomKey.step"],
    [{ seed: 0, stream: 0.5 }, "RandomKey.stream"],
    [{ seed: "1" }, 'RandomKey.seed: expected an integer in [0, 2^53), got "1"'],
    [{ seed: 0, stepp: 1 }, 'RandomKey: expected a known coordinate, got "stepp"; try step'],
    [null, "RandomKey: expected an object { seed, … }, got null"],
    [0, "RandomKey: expected an object { seed, … }, got 0"],
    [undefined, "RandomKey: expected an object { seed, … }, got undefined"],
  ])("rejects the key %j", (bad, message) => {
    expect(() => uniform(bad as RandomKey)).toThrow(message);
    expect(() => fillUniform(new Float32Array(1), bad as RandomKey)).toThrow(OptionError);
    expect(() => new RandomSequence(bad as RandomKey)).toThrow(OptionError);
  });

  it("takes keys at their bounds", () => {
    const last = 2 ** 32 - 1;
    expect(() =>
      uniform({ seed: Number.MAX_SAFE_INTEGER, stream: last, epoch: last, step: last }),
    ).not.toThrow();
  });

  it("checks the options of the fillers at their boundary", () => {
    const out = new Float32Array(1);
    expectBoundaries((range) => fillUniform(out, key, range), { low: finite, high: finite });
    expectBoundaries((moments) => fillNormal(out, key, moments), { mean: finite, std: finite });
    const mask = (options: object) => fillDropoutMask(out, { keepProb: 0.5, ...options }, key);
    for (const value of upTo1.refuses) expect(() => mask({ keepProb: value })).toThrow(OptionError);
    for (const value of upTo1.takes) expect(() => mask({ keepProb: value })).not.toThrow();
    expect(() => mask({ keep: 1 })).toThrow('"keep"');
    expect(() => fillDropoutMask(out, {} as never, key)).toThrow("expected keepProb");
    for (const bad of [[], null, new Int32Array(1), 3]) {
      expect(() => fillUniform(bad as never, key)).toThrow(
        "fillUniform: expected out to be a Float32Array or Float64Array",
      );
      expect(() => fillNormal(bad as never, key)).toThrow(OptionError);
      expect(() => fillDropoutMask(bad as never, { keepProb: 1 }, key)).toThrow(OptionError);
    }
  });

  it("rejects an index out of range", () => {
    expect(() => uniform(key, -1)).toThrow(
      "random numbers: expected index to be an integer in [0, 17179869184), got -1",
    );
    expectArgument((index) => uniform(key, index), whole(0, 2 ** 34 - 1));
    expect(() => uniform(key, 2 ** 34 - 1)).not.toThrow();
    expectArgument((index) => normal(key, index), whole(0, 2 ** 34 - 1));
  });
});

describe("fillDropoutMask", () => {
  it.each([0, 1 / 512, 0.25, 0.5, 0.8, 0.999])("keeps the fraction %d", (keepProb) => {
    const n = 400_000;
    const mask = fillDropoutMask(new Uint8Array(n), { keepProb }, key);
    // Five standard errors of a binomial fraction.
    const tolerance = 5 * Math.sqrt((keepProb * (1 - keepProb)) / n);
    expect(Math.abs(mean(mask) - keepProb)).toBeLessThanOrEqual(tolerance);
  });

  it("keeps all at 1", () => {
    expect(fillDropoutMask(new Uint8Array(5_000), { keepProb: 1 }, key).every((v) => v === 1)).toBe(true);
  });

  it("scales what it keeps, and draws the same elements for every scale and array type", () => {
    const bytes = fillDropoutMask(new Uint8Array(20_001), { keepProb: 0.8 }, key);
    const floats = fillDropoutMask(new Float32Array(20_001), { keepProb: 0.8, scale: 1.25 }, key);
    expect([...floats]).toEqual([...bytes].map((v) => 1.25 * v));
  });

  it("differs from step to step and repeats for one step", () => {
    const draw = (step: number) => fillDropoutMask(new Uint8Array(64), { keepProb: 0.5 }, { ...key, step });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it.each([-0.1, 1.1, Number.NaN])("rejects keepProb %d", (keepProb) => {
    expect(() => fillDropoutMask(new Uint8Array(1), { keepProb }, key)).toThrow(
      "expected keepProb to be a finite number in [0, 1]",
    );
  });
});

function mean(values: Float64Array | Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

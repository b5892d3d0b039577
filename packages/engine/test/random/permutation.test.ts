import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permutation, RandomSequence } from "../../src/random/index.js";

describe("permutation", () => {
  it.each([
    [0, []],
    [1, [0]],
  ])("of %d", (n, expected) => {
    expect([...permutation(n, { seed: 0 })]).toEqual(expected);
  });

  it("has every number once", () => {
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.maxSafeNat(), (n, seed) => {
        const sorted = permutation(n, { seed }).sort();
        expect([...sorted]).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it("depends on the key alone", () => {
    expect(permutation(100, { seed: 1, epoch: 2 })).toEqual(permutation(100, { seed: 1, epoch: 2 }));
    expect(permutation(100, { seed: 1, epoch: 2 })).not.toEqual(permutation(100, { seed: 1, epoch: 3 }));
    expect(permutation(100, { seed: 1, epoch: 2 })).not.toEqual(permutation(100, { seed: 2, epoch: 2 }));
  });

  it("is unbiased: all 24 orders of four are equally frequent", () => {
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let epoch = 0; epoch < draws; epoch++) {
      const order = permutation(4, { seed: 7, epoch }).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const expected = draws / 24;
    const chiSquared = [...counts.values()].reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(24);
    // The 99.99 % quantile of chi-squared with 23 degrees of freedom is 56.5.
    expect(chiSquared).toBeLessThan(56.5);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 31, 1e308, "3", null])("rejects n = %s", (n) => {
    expect(() => permutation(n as number, { seed: 0 })).toThrow(
      "permutation: expected n to be an integer in [0, 2147483648)",
    );
  });
});

describe("RandomSequence.int", () => {
  it("is unbiased where a bare remainder would favour small numbers two to one", () => {
    // 2³² mod (3 · 2³⁰) = 2³⁰: of remainders, half lie in the lowest third.
    const bound = 3 * 2 ** 30;
    const random = new RandomSequence({ seed: 3 });
    const n = 30_000;
    let low = 0;
    for (let i = 0; i < n; i++) if (random.int(bound) < 2 ** 30) low++;
    // Five standard errors of a binomial fraction of 1/3.
    expect(Math.abs(low / n - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / n));
  });

  it("takes the bounds 1 and 2³²", () => {
    const random = new RandomSequence({ seed: 3 });
    expect(random.int(1)).toBe(0);
    expect(random.int(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1, "3", null])("rejects the bound %s", (bound) => {
    const random = new RandomSequence({ seed: 3 });
    expect(() => random.int(bound as number)).toThrow("expected bound to be an integer in [1, 4294967296]");
  });
});

describe("RandomSequence.normal", () => {
  it("has mean 0 and deviation 1", () => {
    const random = new RandomSequence({ seed: 3 });
    const n = 50_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const value = random.normal();
      sum += value;
      squares += value * value;
    }
    // Five standard errors.
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(n));
  });
});

import { describe, expect, test } from "vitest";
import { beta, RandomSequence } from "../../src/random/index.js";

const COUNT = 20_000;

function drawn(a: number, b: number): number[] {
  const random = new RandomSequence({ seed: 5, stream: `beta ${a} ${b}` });
  return Array.from({ length: COUNT }, () => beta(random, a, b));
}

/** Distribution functions in closed form. */
const known: readonly [a: number, b: number, cdf: (x: number) => number][] = [
  [1, 1, (x) => x],
  [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  [2, 2, (x) => 3 * x ** 2 - 2 * x ** 3],
  [3, 1, (x) => x ** 3],
  [1, 0.2, (x) => 1 - (1 - x) ** 0.2],
];

describe("beta", () => {
  test.each(known)("(%d, %d) is distributed as it should be", (a, b, cdf) => {
    const sorted = drawn(a, b).sort((x, y) => x - y);
    const distance = sorted.reduce((most, x, i) => Math.max(most, Math.abs((i + 0.5) / COUNT - cdf(x))), 0);
    // Kolmogorov and Smirnov: above this by chance once in 1e5.
    expect(distance).toBeLessThan(2.5 / Math.sqrt(COUNT));
  });

  test.each([
    [0.4, 0.4],
    [0.01, 0.01],
    [5, 2],
    [40, 0.3],
  ])("(%d, %d) has its mean and its variance, and lies in [0, 1]", (a, b) => {
    const numbers = drawn(a, b);
    const mean = numbers.reduce((sum, x) => sum + x, 0) / COUNT;
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / COUNT;
    const [wanted, spread] = [a / (a + b), (a * b) / ((a + b) ** 2 * (a + b + 1))];
    // Five standard errors; that of a variance is at most half of sqrt(variance / n) for numbers in [0, 1].
    expect(Math.abs(mean - wanted)).toBeLessThan(5 * Math.sqrt(spread / COUNT));
    expect(Math.abs(variance - spread)).toBeLessThan(2.5 * Math.sqrt(spread / COUNT));
    for (const x of numbers) expect(x >= 0 && x <= 1).toBe(true);
  });

  test("of one key is the same numbers", () => expect(drawn(0.4, 0.4)).toEqual(drawn(0.4, 0.4)));

  test.each([
    [0, 1],
    [-1, 1],
    [1, Number.NaN],
    [1, Number.POSITIVE_INFINITY],
    ["1", 1],
  ])("refuses %o, %o", (a, b) => {
    expect(() => beta(new RandomSequence({ seed: 0 }), a as number, b as number)).toThrow(/^beta: expected/);
    expect(() => beta({} as never, 1, 1)).toThrow("beta: expected random to be a RandomSequence");
  });
});

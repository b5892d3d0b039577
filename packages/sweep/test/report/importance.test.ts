import { expect, test } from "vitest";
import { importancesOf } from "../../src/report/importance.js";

const point = (a: string, b: string, score: number) => ({ values: { a, b, c: "same" }, score });

test("an axis that decides all has all of the variance, one that decides nothing none", () => {
  const points = ["x", "y", "z"].flatMap((a, i) => ["p", "q"].map((b) => point(a, b, i)));
  const [first, second, ...rest] = importancesOf(points);
  expect(first).toMatchObject({ axis: "a", share: 1 });
  expect(second).toMatchObject({ axis: "b", share: 0 });
  // One value says nothing.
  expect(rest).toEqual([]);
});

test("shares are the sums of squares between over all, worked out by hand", () => {
  // Means: x 2, y 5; p 3, q 4; all 3.5. Total: 6.25 + 0.25 + 0.25 + 6.25 = 13; a: 4 * 2.25 = 9; b: 4 * 0.25 = 1.
  const points = [point("x", "p", 1), point("x", "q", 3), point("y", "p", 5), point("y", "q", 5)];
  const total = (1 - 3.5) ** 2 + (3 - 3.5) ** 2 + 2 * (5 - 3.5) ** 2;
  const found = Object.fromEntries(importancesOf(points).map(({ axis, share }) => [axis, share]));
  expect(found["a"]).toBeCloseTo((4 * 1.5 ** 2) / total, 12);
  expect(found["b"]).toBeCloseTo((4 * 0.5 ** 2) / total, 12);
});

test("the interval is one of resampled points, the same each time, and narrows with more of them", () => {
  const many = (n: number) =>
    Array.from({ length: n }, (_, i) => point(String(i % 3), String(i % 2), (i % 3) + 0.8 * Math.sin(7 * i)));
  const [few] = importancesOf(many(12));
  const [lots] = importancesOf(many(240));
  expect(few).toEqual(importancesOf(many(12))[0]);
  for (const { low, share, high } of [few!, lots!]) {
    expect(low).toBeLessThanOrEqual(share + 1e-12);
    expect(high).toBeGreaterThanOrEqual(share - 1e-12);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
  }
  expect(lots!.high - lots!.low).toBeLessThan(few!.high - few!.low);
});

test("few points, and scores that are not finite, say nothing", () => {
  expect(importancesOf([point("x", "p", 1), point("y", "q", 2)])).toEqual([]);
  expect(importancesOf(Array.from({ length: 9 }, (_, i) => point(String(i % 2), "p", Number.NaN)))).toEqual(
    [],
  );
  const level = Array.from({ length: 6 }, (_, i) => point(String(i % 2), "p", 3));
  expect(importancesOf(level)).toMatchObject([{ axis: "a", share: 0, low: 0, high: 0 }]);
});

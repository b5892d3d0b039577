import fc from "fast-check";
import { expect, test } from "vitest";
import { lossTicks, rateTicks } from "../../src/draw/index.js";
import { lossRange } from "../../src/plot/loss-range.js";
import { spreadMarks } from "../../src/plot/spread-marks.js";

test("nothing finite: an axis all the same", () => {
  expect(lossRange([], [])).toEqual({ domain: [0, 1], extent: undefined, cutAbove: false });
  expect(lossRange([Number.NaN], [Number.POSITIVE_INFINITY]).domain).toEqual([0, 1]);
});

test("a blow-up is cut off at the top", () => {
  const { domain, cutAbove } = lossRange([2, 1.5, 1, 900], [2, 1.5, 1, 900]);
  expect(cutAbove).toBe(true);
  // The part to read is 1 to 2; above it 40 % of that, and a margin of 4 % of the axis.
  expect(domain[1]).toBeCloseTo(2.4 + 0.04 * 1.4, 12);
});

test("a curve that stays near its own height is shown whole", () => {
  const { domain, cutAbove } = lossRange([2, 1.5, 1, 1.2], [2, 1.5, 1, 1.2]);
  expect(cutAbove).toBe(false);
  expect(domain[0]).toBeLessThan(1);
  expect(domain[1]).toBeGreaterThan(2);
});

test("flat, denormal and negative curves get an axis with two ends around them", () => {
  const loss = fc.double({ min: -1e100, max: 1e100, noNaN: true });
  fc.assert(
    fc.property(fc.array(loss, { minLength: 1 }), (losses) => {
      const [low, high] = lossRange(losses, losses).domain;
      expect(high).toBeGreaterThan(low);
      expect(Math.min(...losses)).toBeGreaterThanOrEqual(low);
    }),
  );
});

test("rate ticks are powers of ten, or finer where the sweep is short", () => {
  expect(rateTicks([1e-7, 10])).toEqual([1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10]);
  expect(rateTicks([0.015, 0.09])).toEqual([0.02, 0.05]);
  expect(rateTicks([1e-30, 1]).length).toBeLessThanOrEqual(12);
});

test("loss ticks are round numbers with equal decimals", () => {
  expect(lossTicks([1.9, 2.6], 4).map(({ label }) => label)).toEqual(["2.0", "2.2", "2.4", "2.6"]);
  expect(lossTicks([-3, -1], 4).map(({ label }) => label)).toEqual(["-3.0", "-2.5", "-2.0", "-1.5", "-1.0"]);
});

test("symbols that are 0.8 of the gap apart, sideways or up, are not too near", () => {
  const stay = (spots: { x: number; y: number }[]) =>
    expect(spreadMarks(spots, { gap: 16, height: 100 })).toEqual(spots);
  stay([
    { x: 0, y: 50 },
    { x: 0.8 * 16, y: 50 },
  ]);
  stay([
    { x: 9, y: 16 },
    { x: 9, y: 16 + 0.8 * 16 },
  ]);
});

test("symbols that are too near move up and down in turn", () => {
  const spots = [9, 10, 11].map((x) => ({ x, y: 50 }));
  expect(spreadMarks(spots, { gap: 16, height: 100 }).map(({ y }) => y)).toEqual([50, 34, 66]);
});

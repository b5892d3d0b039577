import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLoss, formatRate } from "../../src/core/index.js";

test.each<[number | null, string]>([
  [0.0052512, "0.00525"],
  [0.52512, "0.525"],
  [12.3456, "12.3"],
  [0.001, "0.001"],
  [0.00099949, "9.99e-4"],
  [0.00099951, "0.001"],
  [999.4, "999"],
  [999.6, "1e3"],
  [1e-7, "1e-7"],
  [3.0199e-5, "3.02e-5"],
  [1, "1"],
  [0, "0"],
  [-0.00525, "-0.00525"],
  [-0.5e-4, "-5e-5"],
  [1000, "1e3"],
  [null, "none"],
])("the rate %d is %s", (lr, text) => {
  expect(formatRate(lr)).toBe(text);
});

test.each<[number, string]>([
  [0.5759, "0.5759"],
  [0.576, "0.5760"],
  [2.3, "2.300"],
  [381.27, "381.3"],
  [4412345, "4.412e6"],
  [-0.25, "-0.2500"],
  [1.5e-9, "1.500e-9"],
  [0, "0.000"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("the loss %d is %s", (loss, text) => {
  expect(formatLoss(loss)).toBe(text);
});

test("what is printed is the number to its digits", () => {
  const positive = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(positive, (value) => {
      expect(Math.abs(Number(formatRate(value)) / value - 1)).toBeLessThanOrEqual(0.005001);
      expect(Math.abs(Number(formatLoss(value)) / value - 1)).toBeLessThanOrEqual(0.0005001);
      expect(formatRate(value).length).toBeLessThanOrEqual(8);
    }),
  );
});

import { describe, expect, test } from "vitest";
import { ratesOf } from "../../src/learner/index.js";

describe("ratesOf", () => {
  test("gives one number to every group", () => {
    expect(ratesOf(0.1, 3, "fit")).toEqual([0.1, 0.1, 0.1]);
  });

  test("spreads a range geometrically", () => {
    const rates = ratesOf({ from: 1e-4, to: 1e-2 }, 3, "fit");
    expect(rates[1]).toBeCloseTo(1e-3, 10);
    expect(rates.at(-1)).toBe(1e-2);
  });

  test("gives the last group the end of an open range and the others a tenth", () => {
    expect(ratesOf({ to: 0.1 }, 3, "fit")).toEqual([0.01, 0.01, 0.1]);
  });

  test("takes one rate per group as it is", () => {
    expect(ratesOf([0.1, 0.2], 2, "fit")).toEqual([0.1, 0.2]);
  });

  test("names what is wrong", () => {
    expect(() => ratesOf([0.1, -1], 2, "fit")).toThrow("fit lr[1]: expected a positive number, got -1");
    expect(() => ratesOf({ to: Number.POSITIVE_INFINITY }, 2, "fit")).toThrow(
      "fit lr.to: expected a positive",
    );
  });
});

import { describe, expect, test } from "vitest";
import { channelStats } from "../../../src/data/index.js";

/** Mean and deviation worked out the long way, about the mean. */
function statistics(values: ArrayLike<number>): { mean: number; std: number } {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, std: Math.sqrt(all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length) };
}

describe("statistics of channels far from zero", () => {
  test.each([
    ["near zero", (i: number) => Math.sin(i)],
    ["at 1e6", (i: number) => 1e6 + Math.sin(i)],
    // Sums about the first value lost everything else.
    ["whose first value is far off", (i: number) => (i === 0 ? 1e12 : Math.sin(i))],
    ["one side far from the other", (i: number) => (i < 50 ? -1e10 : 1e10 + i)],
  ])("%s", (_, value) => {
    const images = Float32Array.from({ length: 100 }, (_, i) => value(i));
    const { mean, std } = channelStats({ images, shape: [1, 5, 5] }, { rows: [0, 1, 2, 3] });
    const expected = statistics(images);
    expect(Math.abs(mean[0]! - expected.mean)).toBeLessThanOrEqual(1e-12 * Math.abs(expected.mean) + 1e-12);
    expect(Math.abs(std[0]! / expected.std - 1)).toBeLessThan(1e-9);
  });

  test("an outlier among the images does not blur the others' channel", () => {
    // Two channels: the outlier is the first value of the second one, on rows that are not used but for it.
    const images = Float32Array.from({ length: 8 }, (_, i) => (i === 2 ? 1e9 : i));
    const { mean, std } = channelStats({ images, shape: [2, 1, 2] }, { rows: [0, 1] });
    expect(mean[0]).toBeCloseTo(2.5, 12);
    expect(std[0]).toBeCloseTo(Math.sqrt(17 / 4), 12);
    expect(std[1]! / statistics([1e9, 3, 6, 7]).std).toBeCloseTo(1, 12);
  });

  test("a constant that sums round has a deviation of 1", () => {
    const images = new Float32Array(90).fill(0.1);
    expect(channelStats({ images, shape: [1, 3, 3] }, { rows: [0, 1, 2, 3, 4] }).std).toEqual([1]);
  });
});

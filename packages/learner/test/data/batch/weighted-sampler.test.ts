import { describe, expect, it } from "vitest";
import {
  arrayDataset,
  balancedWeights,
  type DataLoader,
  dataLoaders,
  weightedSampler,
} from "../../../src/data/index.js";

describe("weightedSampler", () => {
  it("draws rows in proportion to their weights", () => {
    const n = 30_000;
    const rows = weightedSampler([1, 0, 3, 6], { length: n }).order({ seed: 5, epoch: 0 });
    expect(rows).toHaveLength(n);
    const counts = [0, 1, 2, 3].map((row) => rows.filter((drawn) => drawn === row).length);
    expect(counts[1]).toBe(0);
    for (const [row, p] of [0.1, 0, 0.3, 0.6].entries()) {
      // Five standard deviations of a binomial count.
      expect(Math.abs(counts[row]! - n * p)).toBeLessThanOrEqual(5 * Math.sqrt(n * p * (1 - p)));
    }
  });

  it("is a function of the seed and the epoch", () => {
    const sampler = weightedSampler(Array(50).fill(1));
    const first = sampler.order({ seed: 1, epoch: 2 });
    expect(sampler.order({ seed: 1, epoch: 2 })).toEqual(first);
    expect(sampler.order({ seed: 1, epoch: 3 })).not.toEqual(first);
    expect(sampler.order({ seed: 2, epoch: 2 })).not.toEqual(first);
  });

  it("never draws trailing or leading rows of weight 0, and draws the only row there is", () => {
    const rows = weightedSampler([0, 1, 0], { length: 200 }).order({ seed: 0, epoch: 0 });
    expect(new Set(rows)).toEqual(new Set([1]));
  });

  it.each([
    ["no weight", [], "weightedSampler: length: expected an integer of at least 1, got 0"],
    ["weights of 0", [0, 0], "weights: expected a positive, finite sum, got 0"],
    ["a negative weight", [1, -1], "weights: expected finite numbers of at least 0, got -1 at index 1"],
    ["NaN", [Number.NaN], "got NaN at index 0"],
  ])("rejects %s", (_, weights, message) => {
    expect(() => weightedSampler(weights)).toThrow(message);
  });

  it("balances the classes of a training part", async () => {
    const labels = Array.from({ length: 1000 }, (_, i) => (i < 950 ? 0 : 1));
    const dataset = arrayDataset({ images: new Uint8Array(1000), shape: [1, 1, 1], labels });
    const { train } = dataLoaders(dataset, { weights: balancedWeights(labels), batchSize: 800 });
    const rare = async (loader: DataLoader) => {
      const { targets } = await loader.batchAt(0, 0);
      return [...targets[0]!.data].filter((y) => y === 1).length;
    };
    // Some 400 of 800 draws; five standard deviations are 71, and the split changes the balance a little.
    expect(Math.abs((await rare(train)) - 400)).toBeLessThan(110);
    expect(() => dataLoaders(dataset, { weights: [1] })).toThrow("weights: expected 1000, one per row");
  });
});

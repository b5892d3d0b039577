import { describe, expect, test } from "vitest";
import type { CollabDataLoaders } from "../../../../src/data/index.js";
import type { Learner } from "../../../../src/learner/index.js";
import { collabLearner } from "../../../../src/learner/index.js";
import { runtime, tastes } from "../../ready-learners.js";

/** low + (high - low) sigmoid(u · i + b_u + b_i), in double precision from the learner's tables. */
function ratingByHand(learner: Learner, dls: CollabDataLoaders, user: string, item: string): number {
  const row = (name: string, index: number) => {
    const { shape, data } = learner.state.tensors[`param:${name}.weight`]!;
    return Array.from(data.subarray(index * shape[1]!, (index + 1) * shape[1]!), Number);
  };
  const [u, i] = [dls.users.indexOf(user), dls.items.indexOf(item)];
  const factors = row("itemFactors", i);
  const dot = row("userFactors", u).reduce((sum, value, k) => sum + value * factors[k]!, 0);
  const [low, high] = dls.yRange;
  const x = dot + row("userBias", u)[0]! + row("itemBias", i)[0]!;
  return low + (high - low) / (1 + Math.exp(-x));
}

describe("collabLearner", () => {
  test("learns whom likes what by the product of vectors", async () => {
    const dls = await tastes();
    await using learner = collabLearner(dls, { nFactors: 5, runtime });
    const records = await learner.fitOneCycle(15, { lrMax: 0.1 });
    // Without the vectors nothing is known: half of the ratings are 1, the others 5.
    expect(records.at(-1)!.metrics["rmse"]).toBeLessThan(1);
    const { output } = await learner.predict({ user: "u3", item: "i4" });
    // A float32 sum of six terms.
    expect(Number(output.data[0])).toBeCloseTo(ratingByHand(learner, dls, "u3", "i4"), 4);
  });

  test("learns it by a neural net", async () => {
    await using learner = collabLearner(await tastes(), { useNn: true, layers: [32], runtime });
    const records = await learner.fitOneCycle(15, { lrMax: 0.05 });
    expect(records.at(-1)!.metrics["rmse"]).toBeLessThan(1);
  });

  test("keeps outputs within the range, or lets them go", async () => {
    const dls = await tastes();
    expect(dls.yRange).toEqual([0.8, 5.2]);
    await using bounded = collabLearner(dls, { nFactors: 2, runtime });
    await using free = collabLearner(dls, { nFactors: 2, yRange: "none", runtime });
    await using net = collabLearner(dls, { useNn: true, runtime });
    await using freeNet = collabLearner(dls, { useNn: true, yRange: "none", runtime });
    const mean = async (learner: Learner) => Number((await learner.getPreds()).predictions.data[0]);
    // All parameters start near 0: a sigmoid gives the middle of the range.
    expect(await mean(bounded)).toBeCloseTo(3, 1);
    expect(await mean(free)).toBeCloseTo(0, 1);
    const outputs = async (learner: Learner) =>
      Array.from((await learner.getPreds()).predictions.data, Number);
    expect(Math.min(...(await outputs(net)))).toBeGreaterThan(0.8);
    expect(Math.max(...(await outputs(net)))).toBeLessThan(5.2);
    expect(Math.min(...(await outputs(freeNet)))).toBeLessThan(0.8);
  });

  test("refuses options of the other model", async () => {
    const dls = await tastes();
    expect(() => collabLearner(dls, { layers: [10] })).toThrow(
      "collabLearner: expected options of the product of vectors, got layers; try useNn: true",
    );
    expect(() => collabLearner(dls, { useNn: true, nFactors: 10 })).toThrow("got nFactors");
  });
});

import { describe, expect, test } from "vitest";
import { tabularLearner, tabularModel } from "../../../../src/learner/index.js";
import { runtime, shapes } from "../../ready-learners.js";

describe("tabularModel", () => {
  // As fastai defines TabularModel([(4, 3), (3, 2)], 5, 2, [20, 10]): no bias where batch-norm follows.
  test("has the parameters of fastai's", () => {
    const sizes = {
      embeddings: [
        [4, 3],
        [3, 2],
      ],
      continuous: 5,
      outputs: 2,
    } as const;
    const model = tabularModel(sizes, { layers: [20, 10], ps: 0.1 });
    expect(model.parameters.map(({ shape }) => shape)).toEqual([
      ...[[4, 3], [3, 2], [5], [5]],
      ...[[20, 10], [20], [20]],
      ...[[10, 20], [10], [10]],
      ...[[2, 10], [2]],
    ]);
    expect(model.paramGroups?.map(({ name }) => name)).toEqual(["embeddings", "hidden", "output"]);
  });

  test("says what does not fit", () => {
    const sizes = { embeddings: [], continuous: 0, outputs: 1 };
    expect(() => tabularModel(sizes)).toThrow("tabularModel: expected at least one input column, got none");
    expect(() => tabularModel({ ...sizes, continuous: 1 }, { ps: [0.1] })).toThrow(
      "tabularModel ps: expected 2 probabilities, one per hidden layer, got 1",
    );
  });
});

describe("tabularLearner", () => {
  test("learns classes", async () => {
    await using learner = tabularLearner(await shapes(), { layers: [16, 8], runtime });
    const records = await learner.fitOneCycle(12, { lrMax: 0.02 });
    expect(records.at(-1)!.metrics["accuracy"]).toBeGreaterThan(0.8);
    const { label } = await learner.predict({ color: "red", size: 2, weight: 0 });
    expect(label).toBe("yes");
  });

  test("learns numbers, within their range", async () => {
    const dls = await shapes("regression");
    await using learner = tabularLearner(dls, { layers: [16, 8], yRange: [-4, 4], runtime });
    const before = (await learner.validate()).metrics["rmse"]!;
    const records = await learner.fitOneCycle(12, { lrMax: 0.02 });
    expect(records.at(-1)!.metrics["rmse"]).toBeLessThan(before / 2);
    const { predictions } = await learner.getPreds();
    expect(predictions.shape).toEqual([32, 1]);
    for (const value of predictions.data) expect(Math.abs(Number(value))).toBeLessThan(4);
  });

  test("takes tables without categories, and with nothing else", async () => {
    const dls = await shapes();
    const [categories, numbers] = [dls.embeddingSizes, dls.contNames.length];
    expect(tabularModel({ embeddings: [], continuous: numbers, outputs: 1 }).paramGroups).toHaveLength(2);
    const nothingElse = tabularModel({ embeddings: categories, continuous: 0, outputs: 1 });
    expect(nothingElse.parameters.some(({ name }) => name.startsWith("bnCont"))).toBe(false);
  });
});

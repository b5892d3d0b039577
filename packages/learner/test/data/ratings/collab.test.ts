import { describe, expect, it } from "vitest";
import { collabDataLoaders } from "../../../src/data/index.js";

const source = [
  { user: "Bo", item: 20, rating: 1 },
  { user: "Ada", item: 3, rating: 5 },
  { user: "Bo", item: 3, rating: 2 },
  { user: "Cy", item: 40, rating: 4 },
];
const options = { source, validIdx: [3], batchSize: 3, shuffle: false };

describe("collabDataLoaders", () => {
  it("numbers users and items from 1, with 0 for those that are not trained on", async () => {
    const dls = await collabDataLoaders(options);
    expect([dls.userName, dls.itemName, dls.ratingName]).toEqual(["user", "item", "rating"]);
    expect(dls.users).toEqual(["#na#", "Ada", "Bo"]);
    expect(dls.items).toEqual(["#na#", "3", "20"]);
    const batch = await dls.train.batchAt(0, 0);
    expect(batch.inputs).toEqual([{ dtype: "int32", shape: [3, 2], data: Int32Array.of(2, 2, 1, 1, 2, 1) }]);
    expect(batch.targets).toEqual([{ dtype: "float32", shape: [3, 1], data: Float32Array.of(1, 5, 2) }]);
    const valid = await dls.valid!.batchAt(0, 0);
    expect([...valid.inputs[0]!.data]).toEqual([0, 0]);
    expect([...dls.processor.processRow({ user: "Ada", item: 20 })[0]!.data]).toEqual([1, 2]);
  });

  it("remembers the range of outputs, by default a little wider than that of the training ratings", async () => {
    expect((await collabDataLoaders(options)).yRange).toEqual([0.8, 5.2]);
    expect((await collabDataLoaders({ ...options, yRange: [0, 5.5] })).yRange).toEqual([0, 5.5]);
    const constant = source.map((row) => ({ ...row, rating: 3 }));
    expect((await collabDataLoaders({ ...options, source: constant })).yRange).toEqual([2.5, 3.5]);
  });

  it.each([
    ["a range the wrong way round", { yRange: [5, 0] as const }, "yRange: expected two finite numbers"],
    [
      "two columns",
      { source: [{ user: 1, item: 2 }] },
      "rows: expected three columns: user, item and rating, got 2",
    ],
    [
      "a rating in words",
      {
        source: [
          { u: 1, i: 2, r: "good" },
          { u: 1, i: 2, r: 3 },
        ],
        validIdx: [1],
      },
      'rows, row 1, column "r": expected a finite number, got "good"',
    ],
    ["an unknown column", { ratingName: "stars" }, 'rows: expected a column "stars"'],
  ])("rejects %s", async (_, changes, message) => {
    await expect(collabDataLoaders({ ...options, ...changes })).rejects.toThrow(message);
  });
});

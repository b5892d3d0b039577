import { describe, expect, it } from "vitest";
import {
  categorify,
  embeddingSize,
  fillMissing,
  kFold,
  type TableRow,
  TabularProcessor,
  tabularDataLoaders,
} from "../../../src/data/index.js";

const penguins = {
  source: "examples/data/penguins.csv",
  catNames: ["island", "sex"],
  contNames: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
  yNames: "species",
};

// Rows 0 … 3 are trained on. The last two have what the training part has not.
const rows: TableRow[] = [
  { colour: "red", year: 10, size: 1, same: 7, kind: "a" },
  { colour: "blue", year: 9, size: null, same: 7, kind: "b" },
  { colour: null, year: 9, size: 4, same: 7, kind: "a" },
  { colour: "red", year: 10, size: 3, same: 7, kind: "b" },
  { colour: "green", year: "9", size: "2", same: 8, kind: "a" },
  { colour: "NA", year: 11, size: Number.NaN, same: 7, kind: "b" },
];
const small = {
  source: rows,
  catNames: ["colour", "year"],
  contNames: ["size", "same"],
  yNames: "kind",
  validIdx: [4, 5],
  batchSize: 4,
  shuffle: false,
};

describe("embeddingSize", () => {
  // Python: min(600, round(1.6 * n ** 0.56)).
  it.each([
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 3],
    [10, 6],
    [100, 21],
    [1000, 77],
    [39_000, 596],
    [1e6, 600],
  ])("of %i categories is %i", (n, expected) => {
    expect(embeddingSize(n)).toBe(expected);
  });
});

describe("tabularDataLoaders", () => {
  it("numbers categories from 1 in sorted order, with 0 for missing and unseen ones", async () => {
    const dls = await tabularDataLoaders(small);
    expect(dls.catNames).toEqual(["colour", "year", "size_na"]);
    expect(dls.processor.spec.categories).toEqual({
      colour: ["#na#", "blue", "red"],
      year: ["#na#", "9", "10"],
      size_na: ["#na#", "false", "true"],
    });
    const train = await dls.train.batchAt(0, 0);
    expect(train.inputs[0]).toEqual({
      dtype: "int32",
      shape: [4, 3],
      data: Int32Array.of(2, 2, 1, 1, 1, 2, 0, 1, 1, 2, 2, 1),
    });
    expect(train.targets).toEqual([{ dtype: "int32", shape: [4], data: Int32Array.of(0, 1, 0, 1) }]);
    const valid = await dls.valid!.batchAt(0, 0);
    expect([...valid.inputs[0]!.data]).toEqual([0, 1, 1, 0, 0, 2]);
    expect(dls.embeddingSizes).toEqual([
      [3, 3],
      [3, 3],
      [3, 3],
    ]);
  });

  it("fills with the training median and normalises with the training mean and deviation", async () => {
    const dls = await tabularDataLoaders(small);
    // Training sizes 1, 3, 4: median 3. Filled: 1, 3, 4, 3: mean 11/4, variance 35/4 - 121/16 = 19/16.
    expect(dls.processor.spec.medians).toEqual({ size: 3 });
    const std = Math.sqrt(19 / 16);
    const z = (x: number) => Math.fround((x - 11 / 4) / std);
    const train = await dls.train.batchAt(0, 0);
    // A column that does not vary in the training part becomes 0, and is only shifted elsewhere.
    expect([...train.inputs[1]!.data]).toEqual([z(1), 0, z(3), 0, z(4), 0, z(3), 0]);
    const valid = await dls.valid!.batchAt(0, 0);
    expect([...valid.inputs[1]!.data]).toEqual([z(2), 1, z(3), 0]);
  });

  it("learns nothing from the rows held out", async () => {
    const changed = rows.map((row, i) =>
      i < 4 ? row : { ...row, colour: "grey", year: 12, size: 1e6, same: -1 },
    );
    const [a, b] = [await tabularDataLoaders(small), await tabularDataLoaders({ ...small, source: changed })];
    expect(b.processor.spec).toEqual(a.processor.spec);
  });

  it("processes a raw row after a round trip through JSON", async () => {
    const dls = await tabularDataLoaders(small);
    const json: unknown = JSON.parse(JSON.stringify(dls.processor));
    const restored = TabularProcessor.fromJSON(json);
    const valid = await dls.valid!.batchAt(0, 0);
    for (const [i, row] of rows.slice(4).entries()) {
      const inputs = restored.processRow(row);
      expect(inputs.map(({ shape }) => shape)).toEqual([
        [1, 3],
        [1, 2],
      ]);
      for (const [t, { data }] of inputs.entries()) {
        const width = data.length;
        expect([...data]).toEqual([...valid.inputs[t]!.data.slice(i * width, (i + 1) * width)]);
      }
    }
    const incomplete = () => restored.processRow({ colour: "red", size: 1, same: 7 });
    expect(incomplete).toThrow('row: expected a column "year", got the columns colour, size, same');
  });

  it("leaves out the input of no column", async () => {
    const catOnly = await tabularDataLoaders({ ...small, contNames: [] });
    expect(catOnly.train.dataset.inputs).toEqual([{ dtype: "int32", shape: [2] }]);
    const contOnly = await tabularDataLoaders({ ...small, catNames: [], contNames: ["same"] });
    expect(contOnly.train.dataset.inputs).toEqual([{ dtype: "float32", shape: [1] }]);
  });

  it("takes several numbers as target", async () => {
    const dls = await tabularDataLoaders({
      ...small,
      contNames: [],
      catNames: ["kind"],
      yNames: ["year", "same"],
    });
    expect(dls.yBlock).toBe("regression");
    expect(dls.outputs).toBe(2);
    const { targets } = await dls.train.batchAt(0, 0);
    const data = Float32Array.of(10, 7, 9, 7, 9, 7, 10, 7);
    expect(targets).toEqual([{ dtype: "float32", shape: [4, 2], data }]);
  });

  it("works with one row and no validation", async () => {
    const dls = await tabularDataLoaders({
      source: [{ a: 1, b: "x", y: 2 }],
      catNames: ["b"],
      contNames: ["a"],
      yNames: "y",
      validPct: 0,
      batchSize: 1,
    });
    expect(dls.valid).toBeUndefined();
    const { inputs } = await dls.train.batchAt(0, 0);
    expect(inputs.map(({ data }) => [...data])).toEqual([[1], [0]]);
  });

  it("reads real data with missing values", async () => {
    const dls = await tabularDataLoaders({ ...penguins, seed: 42 });
    expect(dls.train.dataset.length + dls.valid!.dataset.length).toBe(344);
    expect(dls.vocab).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    expect(dls.processor.spec.categories["island"]).toEqual(["#na#", "Biscoe", "Dream", "Torgersen"]);
    // The mean of a normalised column over the training part is 0 and its deviation 1, to single precision.
    const n = dls.train.dataset.length;
    const context = { seed: 0, epoch: 0, step: 0, training: false };
    const all = await dls.train.dataset.batch(
      Uint32Array.from({ length: n }, (_, i) => i),
      context,
    );
    const bill = Array.from({ length: n }, (_, i) => Number(all.inputs[1]!.data[4 * i]));
    expect(bill.reduce((sum, x) => sum + x, 0) / n).toBeCloseTo(0, 5);
    expect(bill.reduce((sum, x) => sum + x * x, 0) / n).toBeCloseTo(1, 5);
  });

  it("hands the classes to a stratifying splitter", async () => {
    const splitter = (n: number, context: { seed: number; labels: ArrayLike<string | number> | undefined }) =>
      kFold(n, { k: 4, fold: 1, ...context });
    const dls = await tabularDataLoaders({ ...penguins, splitter });
    const { targets } = await dls.valid!.with({ batchSize: 344 }).batchAt(0, 0);
    const counts = [0, 1, 2].map((c) => [...targets[0]!.data].filter((y) => y === c).length);
    // 152, 68 and 124 birds.
    expect(counts).toEqual([38, 17, 31]);
  });

  it("leaves out rows without a target where asked to", async () => {
    const options = { ...penguins, contNames: ["bill_length_mm"], yNames: "body_mass_g" };
    await expect(tabularDataLoaders(options)).rejects.toThrow(
      'examples/data/penguins.csv, row 4, column "body_mass_g": expected a target, got "" (missing)',
    );
    const dls = await tabularDataLoaders({ ...options, missingTarget: "drop" });
    expect(dls.train.dataset.length + dls.valid!.dataset.length).toBe(342);
    expect(dls.yBlock).toBe("regression");
  });

  it.each([
    [
      "an unknown column",
      { catNames: ["shade"] },
      'rows: expected a column "shade", got the columns colour, year',
    ],
    [
      "text among numbers",
      { contNames: ["colour"], catNames: [] },
      'rows, row 1, column "colour": expected a finite number, got "red"',
    ],
    [
      "a column used twice",
      { contNames: ["year"] },
      'column "year": expected one use, got in catNames and contNames',
    ],
    ["the target as input", { catNames: ["kind"] }, "got in catNames and yNames"],
    ["no column", { catNames: [], contNames: [] }, "catNames, contNames: expected at least one column"],
    ["no target", { yNames: [] }, "yNames: expected at least one column, got none"],
    [
      "two class targets",
      { yNames: ["kind", "colour"], catNames: [] },
      "yNames: expected one column, as the target is a class",
    ],
    [
      "missing values without fillMissing",
      { procs: [categorify] },
      'rows, column "size": expected a number in every row, got 1 missing',
    ],
    ["categories without categorify", { procs: [fillMissing] }, "procs: expected categorify"],
    [
      "a class that is not trained on",
      {
        yNames: "colour",
        catNames: [],
        validIdx: [0, 4, 5],
        source: rows.map((row) => ({ ...row, colour: row["colour"] ?? "blue" })),
      },
      'rows, row 5, column "colour": expected a class of the training part, got "green"',
    ],
  ])("rejects %s", async (_, options, message) => {
    await expect(tabularDataLoaders({ ...small, ...options })).rejects.toThrow(message);
  });

  it("rejects a missing value in a column that lacks none in the training part", async () => {
    const { processor } = await tabularDataLoaders(small);
    const row = () => processor.processRow({ ...rows[0], same: null });
    expect(row).toThrow(
      'row, row 1, column "same": expected a number, as the training part lacks none in this column',
    );
  });

  it.each([
    ["another kind", { kind: "text" }, 'kind "tabular" and version 1'],
    ["a column without categories", { categories: {} }, "categories.colour, an array of texts"],
    ["a column without a deviation", { stds: {} }, "a mean and a positive std of size"],
    ["a median that is no number", { medians: { size: "3" } }, "medians.size, a finite number"],
  ])("rejects JSON of %s", async (_, changes, message) => {
    const { processor } = await tabularDataLoaders(small);
    expect(() => TabularProcessor.fromJSON({ ...processor.toJSON(), ...changes })).toThrow(message);
    expect(() => TabularProcessor.fromJSON(null)).toThrow(
      "TabularProcessor.fromJSON: expected an object, got null",
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  collabDataLoaders,
  type TableRow,
  TabularProcessor,
  tabularDataLoaders,
  textDataLoaders,
} from "../../../src/data/index.js";

/** The index of a value in a column fitted on some others, after a round trip through JSON. */
async function fitted(values: readonly unknown[]) {
  const source = values.map((value, i) => ({ x: value, y: i }));
  const dls = await tabularDataLoaders({ source, catNames: ["x"], yNames: "y", validPct: 0, batchSize: 1 });
  const processor = TabularProcessor.fromJSON(JSON.parse(JSON.stringify(dls.processor)));
  const categories = processor.spec.categories["x"]!;
  const find = (x: unknown) => categories[Number(processor.processRow({ x })[0]!.data[0])];
  return { categories: categories.slice(1), find };
}

describe("categories are matched by value", () => {
  it("numbers as numbers, however they are written", async () => {
    for (const values of [
      ["2.0", "3.0"],
      ["2", "3"],
      [2, 3],
      [2n, 3n],
    ]) {
      const { categories, find } = await fitted(values);
      for (const two of ["2", "2.0", "2.", "2.00", " 2 ", "+2", "20e-1", 2, 2n])
        expect(find(two)).toBe(categories[0]);
      for (const other of ["2.5", 4, "002", "two", true]) expect(find(other)).toBe("#na#");
    }
    expect((await fitted(["2", "2.0", 2, "10", "-0", 0])).categories).toEqual(["0", "2", "10"]);
  });

  it("long numbers exactly, and codes as texts", async () => {
    const long = ["90071992547409931", "90071992547409932"];
    expect((await fitted(long)).categories).toEqual(long);
    const codes = ["007", "7", "07"];
    const { categories, find } = await fitted(codes);
    expect(new Set(categories)).toEqual(new Set(codes));
    expect(find(7)).toBe("7");
    expect(find("7.0")).toBe("#na#");
  });

  it("any two numbers are one category exactly if they are equal", async () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt());
    await fc.assert(
      fc.asyncProperty(number, number, async (a, b) => {
        const { categories, find } = await fitted([a, b]);
        const areWhole = [a, b].every((value) => Number.isInteger(Number(value)));
        const isSame = areWhole ? BigInt(a) === BigInt(b) : Number(a) === Number(b);
        expect(categories.length).toBe(isSame ? 1 : 2);
        expect(find(a)).not.toBe("#na#");
        if (typeof a === "number" && Math.abs(a) < 2 ** 53 && Math.abs(a) > 1e-3)
          expect(find(a.toFixed(20))).toBe(find(a));
      }),
    );
  });

  it("booleans as booleans", async () => {
    for (const values of [
      ["True", "False"],
      ["TRUE", "FALSE"],
      ["true", "false"],
      [true, false],
    ]) {
      const { categories, find } = await fitted(values);
      expect(categories.length).toBe(2);
      for (const yes of [true, "true", "True", "TRUE"]) expect(find(yes)).toBe(String(values[0]));
      for (const no of [false, "False"]) expect(find(no)).toBe(String(values[1]));
      for (const other of ["yes", 1, "t"]) expect(find(other)).toBe("#na#");
    }
  });

  it("texts exactly: two spellings in one column stay two", async () => {
    const { categories, find } = await fitted(["True", "true", "False"]);
    expect(categories).toEqual(["False", "True", "true"]);
    expect([find("True"), find("true"), find(true), find("TRUE")]).toEqual(["True", "true", "true", "#na#"]);
    const texts = await fitted(["a", "A", "2.0", "2"]);
    expect(texts.categories.length).toBe(4);
  });

  it("the classes of a target too", async () => {
    const source = ["1.0", "2.0", "1.0", "2.0"].map((y, i) => ({ x: i, y }));
    const dls = await tabularDataLoaders({
      source: [...source, { x: 9, y: 1 }, { x: 9, y: "2" }],
      contNames: ["x"],
      yNames: "y",
      yBlock: "category",
      validIdx: [4, 5],
      batchSize: 2,
    });
    expect(dls.vocab).toEqual(["1.0", "2.0"]);
    const { targets } = await dls.valid!.batchAt(0, 0);
    expect([...targets[0]!.data]).toEqual([0, 1]);
  });
});

describe("missing texts", () => {
  const ratings = [
    { user: "NA", item: "Null", rating: 1 },
    { user: "nan", item: "NULL", rating: 2 },
    { user: "", item: "null", rating: 3 },
  ];

  it("of ratings are none but the empty cell, unless they are listed", async () => {
    const dls = await collabDataLoaders({ source: ratings, validPct: 0, batchSize: 1 });
    expect(dls.users).toEqual(["#na#", "NA", "nan"]);
    expect(dls.items).toEqual(["#na#", "NULL", "Null", "null"]);
    const listed = await collabDataLoaders({
      source: ratings,
      validPct: 0,
      batchSize: 1,
      missing: [" NA ", "null"],
    });
    expect(listed.users).toEqual(["#na#", "", "nan"]);
    expect(listed.items).toEqual(["#na#", "NULL", "Null"]);
    const none = await collabDataLoaders({ source: ratings, validPct: 0, batchSize: 1, missing: [] });
    expect(none.users).toEqual(["#na#", "", "NA", "nan"]);
    expect(listed.processor.spec.missing).toEqual([" NA ", "null"]);
  });

  const texts = ["NA", "Null", "n/a", ""].map((text) => ({ text, label: "NA" }));

  it("of labels are none but the empty cell, and of texts none, unless they are listed", async () => {
    const options = { validPct: 0, batchSize: 1, minFreq: 1 };
    const dls = await textDataLoaders({ source: texts, ...options });
    expect(dls.vocab).toEqual(["NA"]);
    expect(dls.train.dataset.length).toBe(4);
    const load = (rows: readonly TableRow[], missing?: readonly string[]) =>
      textDataLoaders({ source: rows, ...options, ...(missing ? { missing } : {}) });
    await expect(load([{ text: "x", label: "" }])).rejects.toThrow(
      'row 1, column "label": expected a target',
    );
    await expect(load(texts, ["NA"])).rejects.toThrow('row 1, column "text": expected a text, got "NA"');
    await expect(load([{ text: "x", label: "?" }], ["?"])).rejects.toThrow(
      'column "label": expected a target',
    );
    await expect(load([{ text: null, label: "a" }])).rejects.toThrow(
      'column "text": expected a text, got null',
    );
  });

  it("of tables are the usual ones, or those listed, white space aside", async () => {
    const source = ["NA", "-", "x"].map((a, y) => ({ a, y }));
    const load = async (missing?: readonly string[]) => {
      const options = { source, catNames: ["a"], yNames: "y", validPct: 0, batchSize: 1 };
      return (await tabularDataLoaders({ ...options, ...(missing ? { missing } : {}) })).processor.spec
        .categories["a"];
    };
    expect(await load()).toEqual(["#na#", "-", "x"]);
    expect(await load(["-"])).toEqual(["#na#", "NA", "x"]);
    expect(await load([" - "])).toEqual(["#na#", "NA", "x"]);
    await expect(load("NA" as never)).rejects.toThrow(
      'expected missing to be an array, each element a string, got "NA"',
    );
  });
});

describe("a number that only rows held out lack", () => {
  const source = Array.from({ length: 10 }, (_, i) => ({ x: i === 9 ? null : i, z: i, y: i }));
  const options = { source, contNames: ["x", "z"], yNames: "y", validIdx: [8, 9], batchSize: 1 };

  it("is the training part's median, which is said", async () => {
    const dls = await tabularDataLoaders(options);
    expect(dls.catNames).toEqual([]);
    expect(dls.processor.spec.medians).toEqual({ x: 3.5 });
    expect(dls.warnings).toEqual([
      'rows, column "x": 1 rows held out lack a number, and none of the training part does: they get its median, 3.5, as if it were theirs',
    ]);
    const { inputs } = await dls.valid!.batchAt(0, 0);
    // Training x and z are 0 … 7: mean 3.5, so that the median is 0 after normalisation.
    expect(inputs[0]!.data[2 * 0 + 0]).toBeGreaterThan(0);
    const [, held] = [0, (await dls.valid!.batchAt(0, 1)).inputs[0]!.data[0]];
    expect(held).toBe(0);
    const processor = TabularProcessor.fromJSON(JSON.parse(JSON.stringify(dls.processor)));
    expect(processor.processRow({ x: null, z: 3.5 })[0]!.data).toEqual(Float32Array.of(0, 0));
    expect(() => processor.processRow({ x: 1, z: null })).toThrow("as the training part lacks none");
  });

  it("is an error where nothing is to be filled", async () => {
    await expect(tabularDataLoaders({ ...options, procs: [] })).rejects.toThrow(
      'row 10, column "x": expected a number',
    );
  });

  it("has no say where the training part lacks one too", async () => {
    const dls = await tabularDataLoaders({ ...options, validIdx: [8] });
    expect(dls.catNames).toEqual(["x_na"]);
    expect(dls.warnings).toEqual([]);
    expect(dls.processor.spec.flagged).toEqual(["x"]);
  });

  it("is read from what earlier versions saved, where all columns with a median have an indicator", async () => {
    const { processor } = await tabularDataLoaders({ ...options, validIdx: [8] });
    const { flagged, ...earlier } = JSON.parse(JSON.stringify(processor));
    expect(flagged).toEqual(["x"]);
    const row = { x: null, z: 1 };
    expect(TabularProcessor.fromJSON(earlier).processRow(row)).toEqual(processor.processRow(row));
  });
});

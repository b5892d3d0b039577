import { describe, expect, test } from "vitest";
import {
  categorify,
  collabDataLoaders,
  DataError,
  fillMissing,
  type TableRow,
  type TabularDataLoadersOptions,
  tabularDataLoaders,
} from "../../../src/data/index.js";

/** Loaders of 100 rows with one input and a target. */
function loadersOf(
  target: (i: number) => unknown,
  options: Partial<TabularDataLoadersOptions> = {},
  input: (i: number) => unknown = (i) => i,
) {
  const source: TableRow[] = Array.from({ length: 100 }, (_, i) => ({ x: input(i), y: target(i) }));
  return tabularDataLoaders({ source, contNames: ["x"], yNames: "y", batchSize: 8, ...options });
}

const minute = 60_000;
const start = Date.UTC(2024, 0, 1);

describe("a target that may be meant otherwise", () => {
  test.each<[string, (i: number) => unknown, string]>([
    ["0 and 1", (i) => i % 2, "2 values only, 0, 1"],
    ["texts of 0 and 1", (i) => String(i % 2), "2 values only, 0, 1"],
    ["bigints", (i) => BigInt(i % 3), "3 values only, 0, 1, 2"],
    ["ratings from 1 to 5", (i) => (i % 5) + 1, "5 values only, 1 … 5"],
    ["class numbers with a missing one", (i) => (i % 10) - 1, "10 values only, -1 … 8"],
  ])("is said to be taken for numbers: %s", async (_, target, message) => {
    const { yBlock, warnings, outputs } = await loadersOf(target);
    expect([yBlock, outputs]).toEqual(["regression", 1]);
    expect(warnings).toEqual([
      `rows, column "y": the target was taken for numbers (yBlock "regression"), though it has ${message}; try yBlock: "category" for classes, or yBlock: "regression" if numbers are meant`,
    ]);
    for (const asked of ["regression", "category"] as const) {
      const told = await loadersOf(target, { yBlock: asked });
      expect([told.yBlock, told.warnings]).toEqual([asked, []]);
    }
  });

  test("of several columns of 0 and 1 is said to be, with what fits it", async () => {
    const source = Array.from({ length: 40 }, (_, i) => ({
      x: i,
      a: i % 2,
      b: i % 3 === 0 ? 1 : 0,
      c: i / 7,
    }));
    const dls = await tabularDataLoaders({ source, contNames: ["x"], yNames: ["a", "b", "c"], batchSize: 8 });
    expect(dls.warnings.length).toBe(2);
    expect(dls.warnings[0]).toContain('column "a": the target was taken for numbers');
    expect(dls.warnings[0]).toContain("try lossFunc: bceWithLogits() where each is a label");
  });

  test("is said to be taken for classes where most of it is numbers, or every row has its own", async () => {
    const stray = await loadersOf((i) => (i === 7 ? "unknown" : i % 10), { validPct: 0 });
    expect(stray.yBlock).toBe("category");
    expect(stray.warnings).toEqual([
      'rows, column "y": the target was taken for 11 classes (yBlock "category"), as not all of its values are numbers: "unknown"; try it among missing, or yBlock: "category" if classes are meant',
    ]);
    const names = await loadersOf((i) => `name ${i}`, { validPct: 0 });
    expect(names.warnings[0]).toContain('taken for classes (yBlock "category"): 100 in 100 rows');
    const one = await loadersOf(() => "cat");
    expect(one.warnings).toEqual(['classes: all rows are of one class, "cat": there is nothing to learn']);
  });

  test.each<[string, (i: number) => unknown]>([
    ["measures", (i) => i / 3],
    ["counts", (i) => i],
    ["names", (i) => (i % 2 === 0 ? "yes" : "no")],
    ["booleans", (i) => i % 2 === 0],
  ])("is not said of what is clear: %s", async (_, target) => {
    expect((await loadersOf(target)).warnings).toEqual([]);
  });

  test("is refused where it is a date, unless told", async () => {
    const dates = (i: number) => new Date(start + (i % 4) * minute);
    await expect(loadersOf(dates)).rejects.toThrow(
      'rows, row 1, column "y": expected a number or a class, got a date; try yBlock: "category"',
    );
    expect((await loadersOf(dates, { yBlock: "category" })).outputs).toBe(4);
    await expect(loadersOf(dates, { yBlock: "regression" })).rejects.toThrow("expected a finite number, got");
  });
});

describe("numbers that float32 does not hold", () => {
  test.each<[string, (i: number) => unknown]>([
    ["time stamps of 100 seconds", (i) => start + i * 1000],
    ["time stamps of 100 minutes", (i) => start + i * minute],
    ["nanoseconds", (i) => BigInt(start + i) * 1_000_000n],
    ["identifiers", (i) => 2 ** 24 + i],
    ["big integers that no float tells apart", (i) => 2n ** 60n + BigInt(i % 50)],
    ["the same as texts", (i) => String(2n ** 60n + BigInt(i % 50))],
    ["numbers beyond its range", (i) => 1e39 * (i + 1)],
    ["a constant beyond its range", () => 1e39],
  ])("are refused as a target: %s", async (_, target) => {
    const refused = loadersOf(target, { yBlock: "regression" });
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow('rows, column "y": expected numbers that float32 tells apart, got');
    await expect(refused).rejects.toThrow("try a smaller unit, or the difference from the smallest");
  });

  test("are refused as ratings", async () => {
    const source = Array.from({ length: 50 }, (_, i) => ({ u: `u${i % 5}`, i: `i${i % 7}`, r: start + i }));
    await expect(collabDataLoaders({ source, batchSize: 8 })).rejects.toThrow(
      'rows, column "r": expected numbers that float32 tells apart',
    );
  });

  test("are refused as inputs where they are not normalised before", async () => {
    const stamps = (i: number) => start + i * minute;
    await expect(loadersOf((i) => i / 3, { procs: [categorify, fillMissing] }, stamps)).rejects.toThrow(
      'rows, column "x": expected numbers that float32 tells apart',
    );
    const dls = await loadersOf((i) => i / 3, {}, stamps);
    const [x] = dls.processor.inputs({
      name: "t",
      length: 100,
      columns: ["x"],
      values: new Map([["x", Array.from({ length: 100 }, (_, i) => stamps(i))]]),
    });
    expect(new Set(x!.data as Float32Array).size).toBe(100);
    // What no float64 tells apart normalising cannot save.
    await expect(
      loadersOf(
        (i) => i / 3,
        {},
        (i) => 2n ** 60n + BigInt(i % 50),
      ),
    ).rejects.toThrow('rows, column "x": expected numbers that float64 tells apart');
  });

  test.each<[string, (i: number) => unknown]>([
    ["a constant", () => 0.1],
    ["prices of millions", (i) => 1e6 + 137.31 * i],
    ["small numbers", (i) => 1e-20 * (i + 1)],
    ["whole numbers up to 2^24", (i) => 2 ** 24 - i],
    ["large numbers far apart", (i) => 1e15 * (i + 1)],
    ["multiples that it holds", (i) => 2 ** 40 + i * 2 ** 20],
  ])("are not those that it holds well enough: %s", async (_, target) => {
    expect((await loadersOf(target, { yBlock: "regression" })).warnings).toEqual([]);
  });

  test("are said to become fewer where that does little", async () => {
    // 2^24 + 1 lies within the rounding of 2^24, but the others are far away.
    const { warnings } = await loadersOf((i) => (i === 0 ? 2 ** 24 + 1 : i * 2 ** 24));
    expect(warnings).toEqual([
      'rows, column "y": float32, which targets are stored in, makes 99 of 100 distinct whole numbers; try a smaller unit, or the difference from the smallest',
    ]);
  });
});

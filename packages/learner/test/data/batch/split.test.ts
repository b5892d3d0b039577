import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholePart } from "../../../src/data/batch/subset.js";
import { kFold, randomSplit, type Splitter, splitRows, stratifiedSplit } from "../../../src/data/index.js";

const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);
const count = (rows: Iterable<number>, labels: readonly unknown[], label: unknown) =>
  [...rows].filter((row) => labels[row] === label).length;

describe("splitRows", () => {
  it("holds out the rows asked for", () => {
    const { train, valid } = splitRows(5, { validIdx: [3, 1] });
    expect([...train]).toEqual([0, 2, 4]);
    expect([...valid]).toEqual([3, 1]);
  });

  it("hands the labels and the seed to a splitter", () => {
    const labels = ["a", "b", "a"];
    const seen: unknown[] = [];
    const splitter: Splitter = (n, context) => {
      seen.push(context);
      return kFold(n, { k: 3, fold: 0 });
    };
    const { valid } = splitRows(3, { seed: 7, splitter }, labels);
    expect(seen).toEqual([{ seed: 7, labels }]);
    expect(valid).toHaveLength(1);
  });

  it.each([
    ["two ways", { validPct: 0.1, validIdx: [0] }, "split: expected one of validPct, validIdx and splitter"],
    [
      "a row that is not there",
      { validIdx: [5] },
      "split: valid: expected rows in 0 … 4, each once, got 5 at",
    ],
    ["a row twice", { validIdx: [1, 1] }, "got 1 again at index 1"],
    ["no training row", { validIdx: [0, 1, 2, 3, 4] }, "split: train: expected at least one row, got none"],
    [
      "no row held out",
      { validIdx: [] },
      "split: valid: expected at least one row, got none; try validPct: 0",
    ],
    ["a negative row", { validIdx: [-1] }, "got -1 at index 0"],
    ["half a row", { validIdx: [0.5] }, "got 0.5 at index 0"],
    [
      "a mask",
      { validIdx: [true, false] as never },
      "expected validIdx to be an array of numbers, or a typed one, got true at index 0",
    ],
    [
      "a set",
      { validIdx: new Set([1]) as never },
      "expected validIdx to be an array of numbers, or a typed one, got an instance of Set",
    ],
    [
      "a splitter that holds nothing out",
      { splitter: () => ({ train: [0], valid: [] }) },
      "split: valid: expected",
    ],
    [
      "a splitter that gives one list",
      { splitter: (() => [1]) as never },
      "splitter: expected { train, valid }",
    ],
    ["a splitter that gives nothing", { splitter: (() => {}) as never }, "two lists of rows, got undefined"],
    ["a promise", { splitter: (async () => ({ train: [0], valid: [1] })) as never }, "got a promise"],
    [
      "no splitter",
      { splitter: "stratified" as never },
      'expected splitter to be a function, got "stratified"',
    ],
    [
      "a row that only the training part has not",
      { splitter: () => ({ train: [0, 5], valid: [1] }) },
      "split: train",
    ],
    ["a row in both parts", { splitter: () => ({ train: [0, 1], valid: [1] }) }, "split: valid: expected"],
  ])("rejects %s", (_, options, message) => {
    expect(() => splitRows(5, options)).toThrow(message);
  });
});

describe("stratifiedSplit", () => {
  it("gives each class its share", () => {
    const labels = [...Array(90).fill("common"), ...Array(10).fill("rare")];
    const { train, valid } = stratifiedSplit(labels, { validPct: 0.2, seed: 1 });
    expect(count(valid, labels, "common")).toBe(18);
    expect(count(valid, labels, "rare")).toBe(2);
    expect(sorted([...train, ...valid])).toEqual(labels.map((_, i) => i));
  });

  it("differs from the exact share by less than one row of each class", () => {
    const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(labels, fc.double({ min: 0, max: 0.99, noNaN: true }), (classes, validPct) => {
        const { train, valid } = stratifiedSplit(classes, { validPct });
        expect(valid.length).toBeLessThanOrEqual(wholePart(validPct, classes.length));
        expect(sorted([...train, ...valid])).toEqual(classes.map((_, i) => i));
        const sizes = [...new Set(classes)].map((label) => classes.filter((c) => c === label).length);
        // All but what single rows, and rounding up where that would take all rows of a class, would have held out.
        const isFree = sizes.every((size) => Math.ceil(size * validPct) < size);
        if (isFree) expect(valid).toHaveLength(wholePart(validPct, classes.length));
        for (const label of new Set(classes)) {
          const share = classes.filter((c) => c === label).length * validPct;
          expect(Math.abs(count(valid, classes, label) - share)).toBeLessThan(1);
          expect(count(train, classes, label)).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("never holds out a class's only row, whatever the seed", () => {
    const labels = ["one", ...Array(8).fill("many"), "single"];
    for (let seed = 0; seed < 50; seed++) {
      const { train, valid } = stratifiedSplit(labels, { validPct: 0.3, seed });
      expect([...train]).toEqual(expect.arrayContaining([0, 9]));
      expect(valid.length).toBe(3);
    }
    expect(stratifiedSplit(["a", "b", "c"], { validPct: 0.9 }).valid).toHaveLength(0);
  });

  it("lets the seed choose among classes with equal remainders, each as often", () => {
    // Ten classes of five rows: half a row each, so that five of the ten give one.
    const labels = Array.from({ length: 50 }, (_, i) => i % 10);
    const times = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      for (const row of stratifiedSplit(labels, { validPct: 0.1, seed }).valid) times[labels[row]!]!++;
    }
    // 200 expected, with a deviation of 10: none of ten is four of them away, but for one in 1,600 draws.
    for (const time of times) expect(Math.abs(time - 200)).toBeLessThan(40);
    expect(stratifiedSplit(labels, { seed: 3 })).toEqual(stratifiedSplit(labels, { seed: 3 }));
  });
});

describe("kFold", () => {
  it("holds out each row once over all folds, in folds of equal size to within one row", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 2, max: 10 }),
        fc.nat(99),
        (n, k, seed) => {
          fc.pre(k <= n);
          const folds = Array.from({ length: k }, (_, fold) => kFold(n, { k, fold, seed }));
          expect(sorted(folds.flatMap(({ valid }) => [...valid]))).toEqual([...Array(n).keys()]);
          for (const { train, valid } of folds) {
            expect(train.length + valid.length).toBe(n);
            expect(valid.length - Math.floor(n / k)).toBeOneOf([0, 1]);
          }
        },
      ),
    );
  });

  it("spreads each class over the folds where labels are given", () => {
    const labels = [...Array(47).fill("a"), ...Array(5).fill("b"), ...Array(11).fill("c")];
    for (let fold = 0; fold < 5; fold++) {
      const { valid } = kFold(63, { k: 5, fold, seed: 3, labels });
      expect(valid.length - 12).toBeOneOf([0, 1]);
      expect(count(valid, labels, "a") - 9).toBeOneOf([0, 1]);
      expect(count(valid, labels, "b")).toBe(1);
      expect(count(valid, labels, "c") - 2).toBeOneOf([0, 1]);
    }
  });

  it.each([
    ["one fold", { k: 1, fold: 0 }, "kFold: k: expected an integer of at least 2, got 1"],
    ["more folds than rows", { k: 4, fold: 0 }, "kFold: expected at most 3 folds, one row in each, got 4"],
    ["a fold beyond the last", { k: 3, fold: 3 }, "kFold: expected a fold in 0 … 2, got 3"],
    ["too few labels", { k: 3, fold: 0, labels: [1] }, "kFold: labels: expected 3, one per row, got 1"],
  ])("rejects %s", (_, options, message) => {
    expect(() => kFold(3, options)).toThrow(message);
  });
});

describe("the part held out", () => {
  it("is the decimal fraction of the rows rounded down, for every per cent of up to 1000 rows", () => {
    const wrong: string[] = [];
    for (let n = 1; n <= 1000; n++) {
      for (let percent = 1; percent < 100; percent++) {
        // In whole numbers, which binary holds exactly.
        const expected = Math.floor((percent * n) / 100);
        const held = wholePart(percent / 100, n);
        if (held !== expected) wrong.push(`${percent} % of ${n}: ${held}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("is so for every splitter", () => {
    for (const [n, validPct, held] of [
      [100, 0.29, 29],
      [100, 0.57, 57],
      [1000, 0.001, 1],
      [50, 0.58, 29],
      [7, 1 / 7, 1],
      [10, 0.1 + 0.2, 3],
      [10, 0.29, 2],
    ] as const) {
      expect(randomSplit(n, { validPct }).valid.length).toBe(held);
      expect(splitRows(n, { validPct }).valid.length).toBe(held);
      const labels = Array.from({ length: 2 * n }, (_, i) => i % 2);
      const { valid } = stratifiedSplit(labels, { validPct });
      expect(valid.length).toBe(Math.floor(2 * n * validPct + 1e-9));
      expect(Math.abs(count(valid, labels, 0) - count(valid, labels, 1))).toBeLessThanOrEqual(1);
    }
    const even = stratifiedSplit(
      Array.from({ length: 200 }, (_, i) => i % 2),
      { validPct: 0.29 },
    );
    expect([even.valid.length, even.train.length]).toEqual([58, 142]);
  });
});

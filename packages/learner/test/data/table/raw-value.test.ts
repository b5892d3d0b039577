import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRows } from "../../../src/data/batch/rows.js";
import { integerOption } from "../../../src/data/errors.js";
import { classLabels, DataError, embeddingSize } from "../../../src/data/index.js";
import { categoriesOf, categoryIndex } from "../../../src/data/table/categories.js";
import { classIndices } from "../../../src/data/table/class-indices.js";
import { checkResolution, mergedByFloat32 } from "../../../src/data/table/number-resolution.js";
import {
  isMissing,
  MISSING_TEXTS,
  missingTexts,
  sortCategories,
  toCategory,
  toNumber,
} from "../../../src/data/table/raw-value.js";

describe("a raw value", () => {
  it.each<[unknown, boolean]>([
    [null, true],
    [undefined, true],
    [Number.NaN, true],
    ["", true],
    [" NA ", true],
    ["nan", true],
    ["na", false],
    [0, false],
    [false, false],
    [Number.POSITIVE_INFINITY, false],
    [{}, false],
    [0n, false],
  ])("%s is missing: %s", (value, expected) => {
    expect(isMissing(value, missingTexts(MISSING_TEXTS))).toBe(expected);
  });

  it.each<[unknown, number | undefined]>([
    ["1", 1],
    [" -1.5 ", -1.5],
    ["+.5", 0.5],
    ["2.", 2],
    ["1e3", 1000],
    ["1E-2", 0.01],
    [7, 7],
    [7n, 7],
    [true, 1],
    [false, 0],
    ["", undefined],
    [".", undefined],
    ["0x10", undefined],
    ["1e999", undefined],
    ["Infinity", undefined],
    ["1,5", undefined],
    [Number.NaN, undefined],
    [Number.NEGATIVE_INFINITY, undefined],
    [null, undefined],
    [new Date(0), undefined],
    [[1], undefined],
  ])("%s is the number %s", (value, expected) => {
    expect(toNumber(value)).toBe(expected);
  });

  it("names a category, where it is a text, number, boolean or date", () => {
    expect([" a ", 2, 3n, false, new Date(0)].map((value) => toCategory(value, "cell"))).toEqual([
      "a",
      "2",
      "3",
      "false",
      "1970-01-01T00:00:00.000Z",
    ]);
    for (const [value, got] of [
      [null, "null"],
      [undefined, "undefined"],
      [{}, "an object"],
      [new Date(Number.NaN), "an instance of Date"],
      [[1], "[1]"],
    ] as const) {
      expect(() => toCategory(value, "cell")).toThrow(
        `cell: expected a text, number, boolean or date, got ${got}`,
      );
    }
  });

  it("is missing by a list of texts", () => {
    expect(missingTexts([" a", "b "])).toEqual(new Set(["a", "b"]));
  });
});

describe("categories", () => {
  it("are sorted by value if all are numbers, else by code unit, each once", () => {
    expect(sortCategories(["10", "9", "-1", "9", "1e1"])).toEqual(["-1", "9", "10", "1e1"]);
    expect(sortCategories(["1e1", "10"])).toEqual(["10", "1e1"]);
    expect(sortCategories(["01", "1", "1.0", "001"])).toEqual(["001", "01", "1", "1.0"]);
    expect(sortCategories(["10", "9", "x"])).toEqual(["10", "9", "x"]);
    expect(sortCategories(["b", "B", "a"])).toEqual(["B", "a", "b"]);
    expect(sortCategories([])).toEqual([]);
  });

  const digits = (most: number) => fc.stringMatching(new RegExp(`^(0|[1-9]\\d{0,${most}})$`));
  const spelling = fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      fc.oneof(digits(5), fc.constant("")),
      fc.option(fc.stringMatching(/^\d{0,4}$/)),
      fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), fc.nat(7))),
    )
    .map(([sign, whole, fraction, exponent]) => {
      const digits = `${whole}${fraction === null ? "" : `.${fraction}`}`;
      return `${sign}${/\d/.test(digits) ? digits : "0"}${exponent === null ? "" : exponent.join("")}`;
    });

  it("of numbers are the same exactly if the numbers are, however they are spelt", () => {
    fc.assert(
      fc.property(spelling, spelling, (a, b) => {
        const isSame = Number(a) === Number(b);
        expect(categoryIndex([a])(b, "cell")).toBe(isSame ? 0 : undefined);
        expect(categoryIndex(["#na#", a], { first: 1 })(b, "cell")).toBe(isSame ? 1 : undefined);
        expect(categoriesOf([a, b]).length).toBe(isSame ? 1 : 2);
      }),
      {
        numRuns: 500,
        examples: [
          ["2e3", "2000"],
          ["-0", "0"],
          ["1e-5", ".00001"],
          ["0.5", "5e-1"],
          ["100e-2", "1"],
        ],
      },
    );
  });

  it("of whole numbers are exact, however long", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat(5), (n, zeros) => {
        const find = categoryIndex([String(n)]);
        expect(find(n, "cell")).toBe(0);
        expect(find(`${n}.${"0".repeat(zeros)}`, "cell")).toBe(0);
        expect(find(n + 1n, "cell")).toBeUndefined();
        if (n !== 0n) {
          expect(find(`${n * 10n ** BigInt(zeros)}e-${zeros}`, "cell")).toBe(0);
          expect(categoryIndex([`${n}e${zeros}`])(n * 10n ** BigInt(zeros), "cell")).toBe(0);
        }
      }),
    );
  });

  it("keep one spelling of each, the same in any order of the rows: the shortest, of these the first", () => {
    const orders = fc.shuffledSubarray(["2.0", "2.", "+2", "20e-1", "2.00", "7"], { minLength: 6 });
    fc.assert(
      fc.property(orders, (values) => {
        expect(categoriesOf(values)).toEqual(["+2", "7"]);
      }),
    );
    expect(categoriesOf(["2.0", "2"])).toEqual(["2"]);
    expect(categoriesOf(["2", "2.0"])).toEqual(["2"]);
  });

  it.each<[string[], string, number | undefined]>([
    [["true", "false"], "TRUE", 0],
    [["True"], "true", 0],
    [["true", "True"], "TRUE", undefined],
    [["true", "yes"], "TRUE", undefined],
    [["true", "1"], "True", undefined],
    [["true", "false"], "t", undefined],
    [["1", "2"], "one", undefined],
    [["1", "x"], "1.0", undefined],
    [["007", "7"], "7.0", undefined],
    [["."], "0", undefined],
    [["e5"], "E5", undefined],
    [["-"], "+", undefined],
    [[], "1", undefined],
    [["1e1000"], "1E1000", undefined],
  ])("%j: %j is number %s", (categories, value, expected) => {
    expect(categoryIndex(categories)(value, "cell")).toBe(expected);
  });

  it("of a target must be there, and be among those trained on, naming the row", () => {
    const origin = { table: "t", column: "y", missing: missingTexts(["?"]) };
    expect([...classIndices(["b", "a", " b"], ["a", "b"], origin)]).toEqual([1, 0, 1]);
    expect(() => classIndices(["a", "?"], ["a"], origin)).toThrow(
      't, row 2, column "y": expected a target, got "?" (missing); try leaving out the rows without one',
    );
    expect(() => classIndices(["a", "a", "c"], ["a"], origin)).toThrow(
      't, row 3, column "y": expected a class of the training part, got "c"; try a splitter with stratifiedSplit',
    );
  });
});

describe("classLabels", () => {
  it("takes labels up to the last class", () => {
    expect(classLabels([0, 2], 3)).toEqual({ labels: Int32Array.of(0, 2), vocab: ["0", "1", "2"] });
    expect(classLabels(Uint8Array.of(1, 0), ["a", "b"])).toEqual({
      labels: Int32Array.of(1, 0),
      vocab: ["a", "b"],
    });
    expect(classLabels([0, 0]).vocab).toEqual(["0"]);
    expect(classLabels([3]).vocab).toEqual(["0", "1", "2", "3"]);
    expect(classLabels([0], 1).vocab).toEqual(["0"]);
  });

  it.each<[number[], number | string[] | undefined, string]>([
    [[3], 3, "labels: expected class indices 0 … 2, got 3 at index 0"],
    [[0, 1], ["a"], "labels: expected class indices 0 … 0, got 1 at index 1"],
    [[-1], undefined, "labels: expected class indices from 0, got -1 at index 0"],
    [[2 ** 20], undefined, "labels: expected at most 1048576 classes without names, got a label of 1048576"],
    [[0], 2 ** 20 + 1, "labels: expected at most 1048576 classes without names, got 1048577"],
    [[2 ** 31], undefined, "labels: expected class indices from 0, got 2147483648 at index 0"],
    [[Number.NaN], 3, "got NaN at index 0"],
    [[], 0, "classes: expected a positive integer or names, got 0"],
    [[], -1, "classes: expected a positive integer or names, got -1"],
    [[], 1.5, "classes: expected a positive integer or names, got 1.5"],
    [[], Number.NaN, "classes: expected a positive integer or names, got NaN"],
    [[], Number.POSITIVE_INFINITY, "classes: expected a positive integer or names, got Infinity"],
  ])("refuses %j of %j", (labels, classes, message) => {
    expect(() => classLabels(labels, classes)).toThrow(DataError);
    expect(() => classLabels(labels, classes)).toThrow(message);
  });
});

describe("whole numbers", () => {
  it("are options from their least value on", () => {
    for (const least of [0, 1, 5]) {
      for (const value of [least, least + 1, Number.MAX_SAFE_INTEGER]) {
        expect(integerOption("n", value, least)).toBe(value);
      }
      for (const value of [least - 1, least + 0.5, 2 ** 53, Number.NaN, `${least}`, null, undefined, 1n]) {
        expect(() => integerOption("n", value, least)).toThrow(
          `n: expected an integer of at least ${least}, got `,
        );
      }
    }
  });

  it("are rows up to the last", () => {
    expect(() => checkRows("rows", [0, 2, 2], 3)).not.toThrow();
    expect(() => checkRows("rows", [], 0)).not.toThrow();
    for (const row of [3, -1, 0.5, Number.NaN]) {
      expect(() => checkRows("rows", [0, row], 3)).toThrow(
        `rows: expected rows in 0 … 2, got ${row} at index 1`,
      );
    }
  });

  it("of categories are at least 1", () => {
    for (const n of [0, -1, 1.5, Number.NaN, "4"]) {
      expect(() => embeddingSize(n as never)).toThrow("embeddingSize: n: expected an integer of at least 1");
    }
  });
});

describe("the resolution of numbers", () => {
  const check = (raw: unknown[], as: "float32" | "float64" = "float32") =>
    checkResolution("here", raw, raw.map(Number), { as, hint: "less" });
  const refuses = (raw: unknown[], got: string, as: "float32" | "float64" = "float32") =>
    expect(() => check(raw, as)).toThrow(
      `here: expected numbers that ${as} tells apart, got ${got}; try less`,
    );

  it("is enough where rounding moves them by a hundredth of their deviation at most", () => {
    // float32 moves odd numbers above 2^24 by 1. Two values lie half their distance from their mean.
    const a = 2 ** 24 + 1;
    check([a, a + 200]);
    refuses(
      [a, a + 198],
      "values that it moves by up to 1.0 at a deviation of 99 (2 distinct ones become 2)",
    );
    refuses(
      [a - 1, a, a, a + 1],
      "values that it moves by up to 1.0 at a deviation of 0.71 (3 distinct ones become 2)",
    );
    check([a, a + 198], "float64");
    check([0.1, 0.2, 0.3]);
    check([]);
  });

  it("does not matter for a column of one value, but must hold it", () => {
    check([0.1, 0.1, 0.1]);
    check(["9007199254740993", "9007199254740993"], "float64");
    refuses([1e39, 1e39], "values up to 1.00e+39");
    refuses([-1e39, 5], "values up to 1.00e+39");
    refuses([1e39, 2e39], "values up to 2.00e+39");
  });

  it("counts the digits that a number has lost on its way, whether it came as a text or as a bigint", () => {
    const long = 9007199254740993n;
    for (const raw of [
      [long, long + 1n],
      [`${long}`, `${long + 1n}`],
      [`+${long}`, ` ${long + 1n} `],
    ]) {
      refuses(
        raw,
        "values that it moves by up to 1.0 at a deviation of 1.0 (2 distinct ones become 2)",
        "float64",
      );
    }
    refuses(
      [-long, 1n - long],
      "values that it moves by up to 1.0 at a deviation of 0.0 (2 distinct ones become 1)",
      "float64",
    );
    check([long, long + 400n], "float64");
    // A fraction or a float says itself how exact it is.
    check([`${long}.0`, `${long + 2n}.0`], "float64");
    check([Number(long), Number(long) + 2], "float64");
    check([1.5, 2n, "2.5"], "float64");
  });

  it("is told of whole numbers that become one", () => {
    expect(mergedByFloat32([2 ** 24, 2 ** 24 + 1, 5, 5])).toEqual([3, 2]);
    expect(mergedByFloat32([2 ** 24, 2 ** 24 + 2])).toBeUndefined();
    expect(mergedByFloat32([0.1, 0.1 + 1e-12])).toBeUndefined();
    expect(mergedByFloat32([])).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import type { Check } from "../../../lrfind/src/core/index.js";
import { BATCHES } from "../../src/data/batch/data-loaders.js";
import { SPLIT } from "../../src/data/batch/split.js";
import * as checks from "../../src/data/checks.js";
import { DataError, DataLoader, type Dataset, tensorDataset } from "../../src/data/index.js";
import { READ_TABLE, TABLE } from "../../src/data/table/table.js";

const x = { dtype: "float32", shape: [2, 1], data: Float32Array.of(1, 2) } as const;
const dataset = tensorDataset({ inputs: [x], targets: [x] });
const table = { name: "t", length: 1, columns: ["a"], values: new Map([["a", [1]]]) };

describe("what a check takes, and what it does not", () => {
  it.each<[string, Check, unknown[], unknown[]]>([
    [
      "rowNumbers",
      checks.rowNumbers,
      [[], [1, 2], new Uint8Array(1), new Float64Array(0)],
      [
        ["1"],
        [1, "1"],
        [1, null],
        new Array(2),
        new DataView(new ArrayBuffer(2)),
        "12",
        null,
        undefined,
        {},
        1,
      ],
    ],
    [
      "rowLabels",
      checks.rowLabels,
      [[], [1, "a"], ["a"], new Int32Array(1)],
      [[null], [true], new Array(1), new DataView(new ArrayBuffer(2)), "ab", null, undefined, {}, 1],
    ],
    [
      "dataset",
      checks.dataset,
      [dataset, { ...dataset, vocab: ["a"] }, { ...dataset, length: 0 }],
      [
        { ...dataset, vocab: [1] },
        { ...dataset, vocab: "a" },
        { ...dataset, length: -1 },
        { ...dataset, length: 1.5 },
        { ...dataset, length: undefined },
        { ...dataset, inputs: undefined },
        { ...dataset, targets: undefined },
        { ...dataset, batch: undefined },
        null,
        undefined,
        tensorDataset,
      ],
    ],
    ["path", checks.path, ["a", new URL("file:///a")], ["", null, undefined, 1, ["a"]]],
    [
      "tensors",
      checks.tensors,
      [[], [x], [x, { ...x, shape: [3, 3] }]],
      [
        x,
        [{ ...x, dtype: "float99" }],
        [{ ...x, shape: [-1] }],
        [{ ...x, shape: 2 }],
        [{ ...x, data: new Int32Array(2) }],
        [{ ...x, data: undefined }],
        [null],
        [x, 1],
        null,
      ],
    ],
    ["names", checks.names, [[], ["a"]], [[1], ["a", null], "a", null, undefined]],
    ["classes", checks.classes, [["a"], 3, 0.5], [[1], "a", null]],
    [
      "normalize",
      checks.normalize,
      ["none", "other", {}, { mean: [1], std: [1] }],
      [null, undefined, [], 1, true],
    ],
    ["augment", checks.augment, [[], [{}]], [{}, [null], ["flip"], [() => {}], null, "flip"]],
    [
      "imageShape",
      checks.imageShape,
      [
        [1, 2, 3],
        [0, 0, 0],
      ],
      [[1, 2], [1, 2, 3, 4], [1, 2, "3"], new Array(3), "123", null, Int32Array.of(1, 2, 3)],
    ],
    [
      "TABLE",
      TABLE,
      [table, { ...table, columns: [], values: new Map() }],
      [
        { ...table, name: 1 },
        { ...table, length: 1.5 },
        { ...table, length: 2 },
        { ...table, columns: [1] },
        { ...table, values: {} },
        { ...table, values: new Map([["a", 1]]) },
        {
          ...table,
          values: new Map([
            ["a", [1]],
            ["b", []],
          ]),
        },
        null,
        undefined,
      ],
    ],
    ["READ_TABLE.delimiter", READ_TABLE.delimiter, [";"], [1, null]],
    ["READ_TABLE.encoding", READ_TABLE.encoding, ["latin1"], [1, null]],
    ["BATCHES.shuffle", BATCHES.shuffle, [true, false], [0, "true", null]],
    ["BATCHES.dropLast", BATCHES.dropLast, [true, false], [0, "true", null]],
    ["SPLIT.splitter", SPLIT.splitter, [() => {}], [{}, "k", null]],
  ])("%s", (_, check, good, bad) => {
    for (const value of good) expect(check.accepts(value)).toBe(true);
    for (const value of bad) expect(check.accepts(value)).toBe(false);
  });

  it("is said by a DataError, with a hint where there is one", () => {
    const error = (() => {
      try {
        checks.check("here", "labels", "ab", checks.rowLabels);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({
      where: "here",
      expected: "labels to be an array of labels, texts or numbers",
      got: '"ab"',
      hint: undefined,
    });
    expect(() => checks.check("here", "dataset", null, checks.dataset)).toThrow(
      "here: expected dataset to be a dataset, got null; try tensorDataset({ inputs, targets })",
    );
    function shapes() {}
    expect(() => checks.check("here", "dataset", shapes, checks.dataset)).toThrow("try shapes({ … })");
    expect(() => checks.check("here", "augment", [shapes], checks.augment)).toThrow("try shapes()");
    expect(() => checks.check("here", "augment", [1], checks.augment)).toThrow("try flip()");
    expect(() => checks.check("here", "table", null, TABLE)).toThrow("try readTable(source)");
    expect(() => checks.checkDataOptions("here", { a: 1 }, { b: checks.boolean })).toThrow(DataError);
  });
});

it("optionsFor hands on the options that are known and given, and no others", () => {
  const known = { a: checks.own, b: checks.own, c: checks.own };
  const options = { a: 0, b: undefined, d: 1 } as { a?: unknown; b?: unknown; c?: unknown };
  expect(checks.optionsFor(known, options)).toStrictEqual({ a: 0 });
});

describe("a loader", () => {
  const sampler = { length: 2, order: () => Uint32Array.of(0, 1) };

  it.each<[object, string]>([
    [{ dataset: 1 }, "DataLoader: expected dataset to be a dataset, got 1"],
    [{ dataset: undefined }, "DataLoader: expected dataset to be a dataset"],
    [{ shuffle: 1 }, "DataLoader: expected shuffle to be true or false, got 1"],
    [{ dropLast: "no" }, "DataLoader: expected dropLast to be true or false"],
    [{ training: 0 }, "DataLoader: expected training to be true or false"],
    [{ sampler: {} }, "DataLoader: expected sampler to be a sampler, got an object; try shuffleSampler("],
    [{ sampler: { ...sampler, length: 1.5 } }, "expected sampler to be a sampler"],
    [{ sampler: { ...sampler, order: [] } }, "expected sampler to be a sampler"],
    [{ sampler: () => sampler }, "expected sampler to be a sampler"],
    [{ bs: 2 }, 'DataLoader: expected a known option, got "bs"; try batchSize'],
  ])("is not made with %o", (changes, message) => {
    expect(() => new DataLoader({ dataset, ...changes } as never)).toThrow(DataError);
    expect(() => new DataLoader({ dataset, ...changes } as never)).toThrow(message);
  });

  it("takes a mini-batch to write over, or none", async () => {
    const loader = new DataLoader({ dataset, batchSize: 1 });
    const into = await loader.batchAt(0, 0);
    for (const options of [undefined, {}, { into: undefined }, { into }]) {
      expect((await loader.batchAt(0, 1, options)).size).toBe(1);
    }
    for (const options of [
      null,
      { into: null },
      { into: {} },
      { into: { inputs: [] } },
      { into: { targets: [] } },
    ]) {
      await expect(loader.batchAt(0, 1, options as never)).rejects.toThrow(
        "DataLoader.batchAt: expected options to be an object { into }",
      );
    }
    const own: Dataset = { ...dataset };
    expect((await new DataLoader({ dataset: own, batchSize: 2 }).batchAt(0, 0, { into })).size).toBe(2);
  });
});

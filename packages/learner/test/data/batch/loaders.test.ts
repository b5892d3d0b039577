import { afterEach, describe, expect, it, vi } from "vitest";
import type { Tensor } from "../../../../engine/src/onnx/graph/tensor.js";
import { permutation, RandomSequence } from "../../../../engine/src/random/index.js";
import { originOf } from "../../../src/data/batch/dataset.js";
import { datasetConflict } from "../../../src/data/batch/dataset-conflict.js";
import { recycles, spareArray } from "../../../src/data/batch/recycling.js";
import {
  type Batch,
  balancedWeights,
  DataError,
  DataLoader,
  type Dataset,
  dataLoaders,
  kFold,
  prefetch,
  randomSplit,
  type Sampler,
  sequentialSampler,
  shuffleSampler,
  splitRows,
  stratifiedSplit,
  subset,
  tensorDataset,
  weightedSampler,
} from "../../../src/data/index.js";

afterEach(() => vi.restoreAllMocks());

const numbers = (n: number): Tensor => ({
  dtype: "float32",
  shape: [n],
  data: Float32Array.from({ length: n }, (_, i) => i),
});
const numbered = (n: number, extra: object = {}) =>
  tensorDataset({ inputs: [numbers(n)], targets: [], ...extra });
const processor = { kind: "own", process: () => [], toJSON: () => ({ learnt: 1 }) };
const rowsOf = ({ inputs }: Batch) => Array.from(inputs[0]!.data, Number);

describe("datasetConflict", () => {
  it.each<[string, readonly string[] | undefined, readonly string[] | undefined, object | undefined]>([
    ["the same classes", ["a", "b"], ["a", "b"], undefined],
    ["fewer, the first ones", ["a", "b"], ["a"], undefined],
    ["none", ["a", "b"], [], undefined],
    ["no names to validate on", ["a", "b"], undefined, undefined],
    ["no names to train on", undefined, ["a"], undefined],
    [
      "another order",
      ["a", "b", "c"],
      ["a", "c", "b"],
      {
        expected: 'the classes of the training data in their order (class 1 is "b")',
        got: 'another order (class 1 is "c")',
        hint: "one list of classes for both, or one dataset that is split",
      },
    ],
    ["fewer, not the first ones", ["a", "b"], ["b"], { got: 'another order (class 0 is "b")' }],
    ["other classes", ["a", "b"], ["a", "x"], { got: 'other classes (class 1 is "x")' }],
    ["more classes", ["a"], ["a", "b"], { got: 'other classes (class 1 is "b")' }],
  ])("%s", (_, train, other, expected) => {
    const conflict = datasetConflict(train ? { vocab: train } : {}, other ? { vocab: other } : {});
    if (expected === undefined) expect(conflict).toBeUndefined();
    else expect(conflict).toMatchObject(expected);
    expect(datasetConflict(train ? { vocab: train } : {}, undefined)).toBeUndefined();
  });

  it("of processors is one where they learnt other things", () => {
    const other = { ...processor, toJSON: () => ({ learnt: 2 }) };
    expect(datasetConflict({ processor }, { processor })).toBeUndefined();
    expect(datasetConflict({ processor }, { processor: { ...processor } })).toBeUndefined();
    expect(datasetConflict({ processor }, {})).toBeUndefined();
    expect(datasetConflict({}, { processor })).toBeUndefined();
    expect(datasetConflict({ processor }, { processor: other })).toEqual({
      expected: "rows that the training data's processor prepared",
      got: "rows prepared by another, whose categories, tokens or scales are not the same",
      hint: "inputs and targets of the training data's processor, or one table that is split",
    });
    // It need not be written out where both are one.
    const silent = { ...processor, toJSON: () => expect.unreachable() };
    expect(datasetConflict({ processor: silent }, { processor: silent })).toBeUndefined();
    const make = () =>
      dataLoaders(numbered(9, { processor }), { batchSize: 1, valid: numbered(2, { processor: other }) });
    expect(make).toThrow(DataError);
    expect(make).toThrow("valid: expected rows that the training data's processor prepared");
  });
});

describe("a dataset", () => {
  it("has what it was given, and no fields without a value", () => {
    const origin = (row: number) => ({ row: row + 10 });
    const full = numbered(4, { vocab: ["a"], processor, origin });
    expect(full).toMatchObject({ length: 4, vocab: ["a"], processor });
    expect(originOf(full, 2)).toEqual({ row: 12 });
    const plain = numbered(4);
    for (const field of ["vocab", "processor", "origin"]) {
      expect(plain).not.toHaveProperty(field);
      if (field !== "origin") expect(subset(plain, [0])).not.toHaveProperty(field);
    }
    expect(originOf(plain, 2)).toEqual({ row: 2 });
    const part = subset(full, [3, 1]);
    expect(part).toMatchObject({
      length: 2,
      vocab: ["a"],
      processor,
      inputs: full.inputs,
      targets: full.targets,
    });
    expect(originOf(part, 0)).toEqual({ row: 13 });
    expect(originOf(subset(subset(plain, [3, 1]), [1]), 0)).toEqual({ row: 1 });
  });

  it("recycles where its rows do", () => {
    expect([recycles(numbered(2)), recycles(subset(numbered(2), [0]))]).toEqual([true, true]);
    const wrapped: Dataset = { ...numbered(2) };
    expect([recycles(wrapped), recycles(subset(wrapped, [0]))]).toEqual([false, false]);
  });

  it("writes over an array of the same type and length only", () => {
    const spare: Tensor = { dtype: "float32", shape: [3], data: new Float32Array(3) };
    expect(spareArray("float32", 3, spare)).toBe(spare.data);
    for (const made of [
      spareArray("float32", 2, spare),
      spareArray("float32", 4, spare),
      spareArray("float32", 3, undefined),
    ]) {
      expect(made).toBeInstanceOf(Float32Array);
      expect(made).not.toBe(spare.data);
    }
    expect(spareArray("int32", 3, spare)).toEqual(new Int32Array(3));
  });

  it("of tensors has as many rows and values as they say", () => {
    const column = (shape: number[], length: number): Tensor => ({
      dtype: "float32",
      shape,
      data: new Float32Array(length),
    });
    const make =
      (inputs: Tensor[], targets: Tensor[] = []) =>
      () =>
        tensorDataset({ inputs, targets });
    expect(make([], [column([2], 2)])().length).toBe(2);
    expect(make([column([2, 0], 0)])().inputs).toEqual([{ dtype: "float32", shape: [0] }]);
    expect(make([column([3], 2)])).toThrow("inputs[0]: expected 3 values for [3], got 2");
    expect(make([column([3], 4)])).toThrow("inputs[0]: expected 3 values for [3], got 4");
    expect(make([column([2], 2), column([3], 3)])).toThrow(
      "inputs[1]: expected 2 rows, as the first has, got shape [3]",
    );
    expect(make([column([2], 2)], [column([2], 2), column([1, 2], 2)])).toThrow(
      "targets[1]: expected 2 rows",
    );
    expect(make([column([0, 3], 0)])).toThrow(
      "tensorDataset: expected tensors with at least one row, got shape [0, 3]",
    );
    expect(make([])).toThrow("tensorDataset: expected tensors with at least one row, got no tensor");
  });
});

describe("dataLoaders", () => {
  it("has defaults: a fifth held out, 64 rows, seed 0, shuffled, no short batch", () => {
    const given = { validPct: 0.2, batchSize: 64, seed: 0, shuffle: true, dropLast: true };
    const [a, b] = [dataLoaders(numbered(400)), dataLoaders(numbered(400), given)];
    for (const [one, other] of [
      [a.train, b.train],
      [a.valid!, b.valid!],
    ] as const) {
      for (const field of ["batchSize", "dropLast", "seed", "training", "batchesPerEpoch"] as const) {
        expect(one[field]).toBe(other[field]);
      }
      expect(one.rowsAt(2, 0)).toEqual(other.rowsAt(2, 0));
      expect(originOf(one.dataset, 5)).toEqual(originOf(other.dataset, 5));
    }
    expect(a.warnings).toEqual([]);
    const { train, valid } = dataLoaders(numbered(21), {
      batchSize: 8,
      shuffle: false,
      dropLast: false,
      seed: 7,
    });
    expect([train.batchesPerEpoch, train.training, train.seed, valid!.seed, valid!.batchSize]).toEqual([
      3,
      true,
      7,
      7,
      8,
    ]);
    expect([...train.rowsAt(5, 0)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([valid!.training, valid!.dropLast]).toEqual([false, false]);
    expect([...randomSplit(21, { seed: 7 }).train]).toEqual(
      Array.from({ length: 17 }, (_, i) => originOf(train.dataset, i).row),
    );
  });

  it("hands on names, processor and warnings", () => {
    const dls = dataLoaders(numbered(9, { vocab: ["one"] }), { batchSize: 1 });
    expect(dls.vocab).toEqual(["one"]);
    expect(dls.warnings).toEqual(['classes: all rows are of one class, "one": there is nothing to learn']);
    const few = dataLoaders(numbered(4, { vocab: ["one"] }), { batchSize: 1, validPct: 0.24 });
    expect(few.warnings).toEqual([
      'classes: all rows are of one class, "one": there is nothing to learn',
      "no row is held out to validate on: 0.24 of 4 rows is less than one",
    ]);
    expect(dataLoaders(numbered(9), { batchSize: 1 })).not.toHaveProperty("vocab");
    expect(dataLoaders(numbered(9), { batchSize: 1, validPct: 0 })).not.toHaveProperty("valid");
    expect(dataLoaders(numbered(9, { vocab: ["a", "b"] }), { batchSize: 1 }).warnings).toEqual([]);
  });

  it("hands labels to a splitter, and weights to the rows they are of", async () => {
    const labels = ["a", "b", "a", "b", "a", "b"];
    const seen: unknown[] = [];
    const splitter = (n: number, context: object) => {
      seen.push(n, context);
      return { train: [5, 0, 3], valid: [1, 2, 4] };
    };
    const weights = [0, 9, 9, 0, 9, 1];
    const dls = dataLoaders(numbered(6), { splitter, labels, weights, seed: 3, batchSize: 2 });
    expect(seen).toEqual([6, { seed: 3, labels }]);
    for (let epoch = 0; epoch < 3; epoch++) expect(rowsOf(await dls.train.batchAt(epoch, 0))).toEqual([5, 5]);
    expect(rowsOf(await dls.valid!.batchAt(0, 0))).toEqual([1, 2]);
    for (const length of [5, 7]) {
      const few = new Array(length).fill(1);
      expect(() => dataLoaders(numbered(6), { weights: few })).toThrow(
        `weights: expected 6, one per row of the dataset, got ${length}`,
      );
      expect(() => dataLoaders(numbered(6), { labels: few })).toThrow(
        `labels: expected 6, one per row of the dataset, got ${length}`,
      );
    }
  });

  it("takes a validation set of its own, and then no other way to hold out", () => {
    const valid = numbered(3);
    const dls = dataLoaders(numbered(6), { valid, weights: [1, 1, 1, 1, 1, 1], batchSize: 1 });
    expect([dls.train.dataset.length, dls.valid!.dataset, dls.warnings]).toEqual([6, valid, []]);
    for (const other of [
      { validPct: 0 },
      { validIdx: [1] },
      { splitter: () => ({ train: [0], valid: [1] }) },
    ]) {
      expect(() => dataLoaders(numbered(6), { valid, ...other })).toThrow(
        `${Object.keys(other)[0]}: expected none, as valid is held out, got one`,
      );
    }
  });
});

describe("DataLoader", () => {
  it("has defaults: 64 rows in order, none dropped, nothing trained on, seed 0", () => {
    const loader = new DataLoader({ dataset: numbered(70) });
    expect(loader).toMatchObject({
      batchSize: 64,
      dropLast: false,
      seed: 0,
      training: false,
      batchesPerEpoch: 2,
    });
    expect(loader.rowsAt(3, 1)).toEqual(Uint32Array.of(64, 65, 66, 67, 68, 69));
    const shuffled = new DataLoader({ dataset: numbered(70), shuffle: true });
    expect(shuffled.training).toBe(true);
    expect(shuffled.rowsAt(3, 0)).toEqual(
      permutation(70, { seed: 0, epoch: 3, stream: "shuffle" }).slice(0, 64),
    );
    expect(new DataLoader({ dataset: numbered(70), shuffle: true, training: false }).training).toBe(false);
  });

  it("cuts as many batches as there are, whatever the sizes", () => {
    for (const [rows, batchSize, all, whole] of [
      [6, 3, 2, 2],
      [7, 3, 3, 2],
      [3, 3, 1, 1],
      [4, 3, 2, 1],
      [1, 1, 1, 1],
    ] as const) {
      expect(new DataLoader({ dataset: numbered(rows), batchSize }).batchesPerEpoch).toBe(all);
      expect(new DataLoader({ dataset: numbered(rows), batchSize, dropLast: true }).batchesPerEpoch).toBe(
        whole,
      );
    }
    const make = () => new DataLoader({ dataset: numbered(3), batchSize: 4, dropLast: true });
    expect(make).toThrow(
      "batchSize: expected at most the 3 rows of the dataset, as dropLast leaves out short batches, got 4",
    );
  });

  it("asks for an epoch's order once, until another epoch is asked for", () => {
    const sampler: Sampler = { length: 4, order: vi.fn(() => Uint32Array.of(3, 2, 1, 0)) };
    const loader = new DataLoader({ dataset: numbered(4), batchSize: 2, sampler, seed: 6 });
    for (const [epoch, calls] of [
      [0, 1],
      [0, 1],
      [1, 2],
      [1, 2],
      [0, 3],
    ] as const) {
      loader.rowsAt(epoch, 0);
      loader.rowsAt(epoch, 1);
      expect(sampler.order).toHaveBeenCalledTimes(calls);
      expect(sampler.order).toHaveBeenLastCalledWith({ seed: 6, epoch });
    }
    expect(loader.with({ batchSize: 1 }).rowsAt(0, 3)).toEqual(Uint32Array.of(0));
  });

  it.each([0, 1])("refuses a step or an epoch that is not there, after step %i was asked for", (step) => {
    const loader = new DataLoader({ dataset: numbered(4), batchSize: 2 });
    loader.rowsAt(0, step);
    for (const bad of [2, 3]) {
      expect(() => loader.rowsAt(0, bad)).toThrow(`step: expected a step in 0 … 1, got ${bad}`);
      expect(() => loader.sizeAt(bad)).toThrow(`step: expected a step in 0 … 1, got ${bad}`);
    }
    for (const bad of [-1, 0.5, Number.NaN]) {
      expect(() => loader.sizeAt(bad)).toThrow("step: expected an integer of at least 0");
      expect(() => loader.rowsAt(bad, 0)).toThrow("epoch: expected an integer of at least 0");
    }
  });

  it("inOrder gives what is trained on in the order of the table, and the rest as it is", async () => {
    const rows = [4, 2, 2, 0, 3];
    const dataset = subset(numbered(5), rows);
    const order = async (loader: DataLoader) => {
      const ordered = loader.inOrder();
      expect(ordered).toMatchObject({
        training: false,
        dropLast: false,
        batchSize: loader.batchSize,
        seed: loader.seed,
      });
      const seen: number[] = [];
      for (let epoch = 0; epoch < 2; epoch++) {
        for await (const batch of ordered.epoch(epoch)) seen.push(...rowsOf(batch));
      }
      return [seen.slice(0, 5), seen.slice(5)];
    };
    const options = { dataset, batchSize: 2, seed: 9 };
    const byTable = [0, 2, 2, 3, 4];
    expect(await order(new DataLoader({ ...options, shuffle: true, dropLast: true }))).toEqual([
      byTable,
      byTable,
    ]);
    expect(await order(new DataLoader({ ...options, training: true }))).toEqual([byTable, byTable]);
    expect(await order(new DataLoader(options))).toEqual([rows, rows]);
    // Writing to what it gives out changes nothing.
    const ordered = new DataLoader({ ...options, training: true }).inOrder();
    ordered.rowsAt(0, 0).fill(0);
    expect(ordered.rowsAt(1, 0)).toEqual(ordered.rowsAt(0, 0));
  });

  it("epoch is the first unless told", async () => {
    const loader = new DataLoader({ dataset: numbered(6), batchSize: 6, shuffle: true });
    const batches: number[][] = [];
    for await (const batch of loader.epoch()) batches.push(rowsOf(batch));
    expect(batches).toEqual([[...loader.rowsAt(0, 0)]]);
    expect(batches).not.toEqual([[...loader.rowsAt(1, 0)]]);
  });
});

describe("samplers", () => {
  it("visit as many rows as they say", () => {
    for (const n of [0, 1, 5]) {
      expect(sequentialSampler(n)).toMatchObject({ length: n });
      expect(sequentialSampler(n).order({ seed: 1, epoch: 2 })).toEqual(
        Uint32Array.from({ length: n }, (_, i) => i),
      );
      expect(shuffleSampler(n).length).toBe(n);
    }
    const key = { seed: 4, epoch: 2 };
    expect(shuffleSampler(9).order(key)).toEqual(permutation(9, { ...key, stream: "shuffle" }));
    for (const sampler of [sequentialSampler, shuffleSampler]) {
      for (const n of [-1, 0.5, 2 ** 31, "3"]) {
        expect(() => sampler(n as never)).toThrow(
          `${sampler.name}: expected n to be an integer in [0, 2147483648), got `,
        );
      }
    }
  });

  it("with weights draw row i where 53 random bits times the sum fall into its share", () => {
    const weights = [0.5, 0, 2, 1.25, 0.25];
    const key = { seed: 11, epoch: 3 };
    const random = new RandomSequence({ ...key, stream: "weighted" });
    const expected = Array.from({ length: 300 }, () => {
      const high = BigInt(random.uint32());
      const u = Number((high << 21n) | (BigInt(random.uint32()) >> 11n)) / 2 ** 53;
      let left = u * 4;
      return weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
    });
    expect([...weightedSampler(weights, { length: 300 }).order(key)]).toEqual(expected);
    expect(weightedSampler(weights).length).toBe(5);
    expect(weightedSampler(weights).order(key)).toHaveLength(5);
  });

  it.each([
    [[0, 0], [0, 1, 0], 1],
    [[2 ** 32 - 1, 2 ** 32 - 1], [0, 1, 0], 1],
    [[2 ** 31, 0], [1, 1], 1],
    [[2 ** 31 - 1, 2 ** 32 - 1], [1, 1], 0],
    [[0, 0], [0, 0, 3], 2],
    [[2 ** 32 - 1, 2 ** 32 - 1], [3, 0, 0], 0],
  ])("draw by the words %j and the weights %j row %i", (words, weights, row) => {
    let at = 0;
    vi.spyOn(RandomSequence.prototype, "uint32").mockImplementation(() => words[at++ % 2]!);
    expect([...weightedSampler(weights, { length: 2 }).order({ seed: 0, epoch: 0 })]).toEqual([row, row]);
  });

  it.each<[unknown, object, string]>([
    [[1, Number.NaN], {}, "weights: expected finite numbers of at least 0, got NaN at index 1"],
    [
      [Number.POSITIVE_INFINITY],
      {},
      "weights: expected finite numbers of at least 0, got Infinity at index 0",
    ],
    [[1, -1e-9], {}, "weights: expected finite numbers of at least 0, got -1e-9 at index 1"],
    [[0, 0], {}, "weights: expected a positive, finite sum, got 0"],
    [[1e308, 1e308], {}, "weights: expected a positive, finite sum, got Infinity"],
    [[], {}, "weightedSampler: length: expected an integer of at least 1, got 0"],
    [[1], { length: 0 }, "weightedSampler: expected length to be an integer in [1, 4294967295], got 0"],
    [[1], { length: 2 ** 32 }, "expected length to be an integer in [1, 4294967295], got 4294967296"],
    ["11", {}, "weightedSampler: expected weights to be an array of numbers"],
  ])("refuse the weights %j", (weights, options, message) => {
    expect(() => weightedSampler(weights as never, options)).toThrow(DataError);
    expect(() => weightedSampler(weights as never, options)).toThrow(message);
  });

  it("balance classes by one over their rows", () => {
    expect(balancedWeights(["a", "b", "a", "a"])).toEqual(Float64Array.of(1 / 3, 1, 1 / 3, 1 / 3));
    expect(balancedWeights(Uint8Array.of(2, 2))).toEqual(Float64Array.of(0.5, 0.5));
    expect(balancedWeights([])).toEqual(new Float64Array(0));
    expect(() => balancedWeights([null] as never)).toThrow("balancedWeights: expected labels to be");
  });
});

describe("splits", () => {
  it("hold out the first part of a random order: by default a fifth, by seed 0", () => {
    const order = permutation(11, { seed: 0, stream: "split" });
    expect(randomSplit(11)).toEqual({ train: order.slice(2), valid: order.slice(0, 2) });
    expect(splitRows(11)).toEqual(randomSplit(11));
    expect(splitRows(11, { seed: 4 })).toEqual(randomSplit(11, { seed: 4 }));
    expect(randomSplit(3, { validPct: 0 }).valid).toHaveLength(0);
    expect(randomSplit(1, { validPct: 0.999 }).train).toHaveLength(1);
    const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
    expect(stratifiedSplit(labels)).toEqual(stratifiedSplit(labels, { validPct: 0.2, seed: 0 }));
    expect(stratifiedSplit(labels)).not.toEqual(stratifiedSplit(labels, { seed: 1 }));
    expect(kFold(9, { k: 3, fold: 1 })).toEqual(kFold(9, { k: 3, fold: 1, seed: 0 }));
    const cards = permutation(9, { seed: 0, stream: "split" });
    expect(kFold(9, { k: 3, fold: 1 }).valid).toEqual(cards.filter((_, i) => i % 3 === 1));
    let context: unknown;
    splitRows(2, {
      splitter: (_, given) => {
        context = given;
        return { train: [0], valid: Uint8Array.of(1) };
      },
    });
    expect(context).toEqual({ seed: 0, labels: undefined });
  });

  const ways = { validPct: 0.5, validIdx: [0], splitter: () => ({ train: [0], valid: [1] }) };
  it.each([
    ["validPct", "validIdx"],
    ["validPct", "splitter"],
    ["validIdx", "splitter"],
  ] as const)("are of one way: not %s and %s", (a, b) => {
    expect(() => splitRows(4, { [a]: ways[a], [b]: ways[b] })).toThrow(
      `split: expected one of validPct, validIdx and splitter, got ${a} and ${b}`,
    );
    expect(splitRows(2, { [a]: ways[a], [b]: undefined }).train.length).toBe(1);
  });

  it.each<[number, object]>([
    [0, {}],
    [-1, {}],
    [1.5, {}],
    [Number.NaN, {}],
  ])("are of rows: not of %d", (n, options) => {
    expect(() => splitRows(n, options)).toThrow(
      "splitRows: number of rows: expected an integer of at least 1",
    );
    expect(() => randomSplit(n, options)).toThrow(
      "randomSplit: number of rows: expected an integer of at least 1",
    );
    expect(() => kFold(n, { k: 2, fold: 0 })).toThrow(
      "kFold: number of rows: expected an integer of at least 1",
    );
  });

  it.each([-0.001, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "0.2", null])(
    "hold out less than all: not %s",
    (validPct) => {
      for (const split of [
        () => randomSplit(9, { validPct: validPct as never }),
        () => splitRows(9, { validPct: validPct as never }),
        () => stratifiedSplit([1, 2, 1, 2], { validPct: validPct as never }),
      ]) {
        expect(split).toThrow("validPct: expected a number in [0, 1), got ");
      }
    },
  );

  it.each([-1, 0.5, 2 ** 53, Number.NaN, "1"])("have whole seeds: not %s", (seed) => {
    for (const split of [
      () => randomSplit(9, { seed: seed as never }),
      () => stratifiedSplit([1, 2, 1, 2], { seed: seed as never }),
      () => kFold(9, { k: 3, fold: 0, seed: seed as never }),
      () => kFold(2, { k: 2, fold: 0, seed: seed as never, labels: [1, 2] }),
      () => new DataLoader({ dataset: numbered(2), seed: seed as never }),
    ]) {
      expect(split).toThrow("seed: expected an integer of at least 0, got ");
    }
  });

  it.each<[number, object, string]>([
    [5, { k: 1, fold: 0 }, "kFold: k: expected an integer of at least 2, got 1"],
    [5, { k: 2.5, fold: 0 }, "kFold: k: expected an integer of at least 2, got 2.5"],
    [5, { k: 2, fold: -1 }, "kFold: fold: expected an integer of at least 0, got -1"],
    [5, { k: 2, fold: 2 }, "kFold: expected a fold in 0 … 1, got 2"],
    [5, { k: 6, fold: 0 }, "kFold: expected at most 5 folds, one row in each, got 6"],
    [5, { k: 2, fold: 0, labels: [1, 1, 1, 1, 1, 1] }, "kFold: labels: expected 5, one per row, got 6"],
    [5, { fold: 0 }, "kFold: k: expected an integer of at least 2, got undefined"],
  ])("of %i rows are no folds: %o", (n, options, message) => {
    expect(() => kFold(n, options as never)).toThrow(DataError);
    expect(() => kFold(n, options as never)).toThrow(message);
  });

  it("have as many folds as rows at most, and the last fold too", () => {
    expect(kFold(2, { k: 2, fold: 1 }).valid).toHaveLength(1);
    expect([...kFold(5, { k: 5, fold: 4 }).train].length).toBe(4);
  });

  it("of a splitter are lists of rows", () => {
    const split = (parts: unknown) => () => splitRows(3, { splitter: (() => parts) as never });
    expect(split({ train: Uint16Array.of(0), valid: [1, 2] })()).toEqual({
      train: Uint32Array.of(0),
      valid: Uint32Array.of(1, 2),
    });
    for (const [parts, got] of [
      [null, "null"],
      [{ train: [0] }, "an object"],
      [{ valid: [0] }, "an object"],
      [{ train: [0], valid: "1" }, "an object"],
      [{ train: new Set([0]), valid: [1] }, "an object"],
      [{ train: [0], valid: new DataView(new ArrayBuffer(2)) }, "an object"],
      [Promise.resolve({ train: [0], valid: [1] }), "a promise"],
    ] as const) {
      expect(split(parts)).toThrow(`splitter: expected { train, valid }, two lists of rows, got ${got}`);
    }
    expect(split({ train: [], valid: [1] })).toThrow(
      "split: train: expected at least one row, got none; try fewer rows held out",
    );
    expect(split({ train: [0], valid: [] })).toThrow("got none; try validPct: 0, to hold nothing out");
    expect(split({ train: [0, 0], valid: [1] })).toThrow(
      "split: train: expected rows in 0 … 2, each once, got 0 again at index 1",
    );
    expect(split({ train: [0], valid: [1, 3] })).toThrow(
      "split: valid: expected rows in 0 … 2, each once, got 3 at index 1",
    );
  });
});

describe("prefetch", () => {
  const loader = new DataLoader({ dataset: numbered(8), batchSize: 2, shuffle: true });
  const all = async (options?: object) => {
    const batches: number[][] = [];
    for await (const batch of prefetch(loader, options)) batches.push(rowsOf(batch));
    return batches;
  };

  it("begins with the first batch of the first epoch unless told", async () => {
    const of = (epoch: number) => [0, 1, 2, 3].map((step) => [...loader.rowsAt(epoch, step)]);
    expect(await all()).toEqual(of(0));
    expect(await all({ epoch: 1, step: 3 })).toEqual(of(1).slice(3));
    expect(await all({ step: 4 })).toEqual([]);
  });

  it("is two ahead unless told", async () => {
    const begun: number[] = [];
    const slow: Dataset = {
      ...numbered(9),
      batch(rows, { step }) {
        begun.push(step);
        return { inputs: [], targets: [], size: rows.length };
      },
    };
    for (const [ahead, expected] of [
      [undefined, [0, 1, 2]],
      [0, [0]],
      [1, [0, 1]],
      [20, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ] as const) {
      begun.length = 0;
      const options = ahead === undefined ? {} : { ahead };
      const batches = prefetch(new DataLoader({ dataset: slow, batchSize: 1 }), options);
      await batches.next();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(begun).toEqual(expected);
      await batches.return();
    }
  });

  it("writes over the spare batches, each once", async () => {
    const plain = new DataLoader({ dataset: numbered(8), batchSize: 2 });
    const spare = [await plain.batchAt(0, 0), await plain.batchAt(0, 1)];
    const arrays = new Set(spare.map(({ inputs }) => inputs[0]!.data));
    const used: unknown[] = [];
    for await (const { inputs } of prefetch(plain, { spare })) used.push(inputs[0]!.data);
    expect(spare).toEqual([]);
    expect(used.filter((data) => arrays.has(data as never)).length).toBe(2);
    expect(new Set(used).size).toBe(4);
  });

  it.each<[unknown, object, string]>([
    [loader, { epoch: -1 }, "epoch: expected an integer of at least 0, got -1"],
    [loader, { step: -1 }, "step: expected an integer of at least 0, got -1"],
    [loader, { ahead: -1 }, "ahead: expected an integer of at least 0, got -1"],
    [loader, { ahead: 0.5 }, "ahead: expected an integer of at least 0, got 0.5"],
    [loader, { spare: [{}] }, "prefetch: expected spare to be"],
    [loader, { spare: [{ inputs: [] }] }, "prefetch: expected spare to be"],
    [loader, { spare: [{ targets: [] }] }, "prefetch: expected spare to be"],
    [loader, { bs: 1 }, "prefetch: expected a known option"],
    [loader.dataset, {}, "prefetch: expected loader to be a DataLoader"],
  ])("is not of %o with %o", async (of, options, message) => {
    const batches = prefetch(of as DataLoader, options);
    await expect(batches.next()).rejects.toThrow(message);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveSameHiddenClass } from "../../../../../test/support/hidden-class.js";
import { markRecycling } from "../../../src/data/batch/recycling.js";
import {
  type Batch,
  DataError,
  DataLoader,
  type Dataset,
  dataLoaders,
  randomSplit,
  subset,
  tensorDataset,
} from "../../../src/data/index.js";

/** n rows, each holding its own number. */
function numbered(n: number): Dataset {
  const data = Float32Array.from({ length: n }, (_, i) => i);
  return tensorDataset({ inputs: [{ dtype: "float32", shape: [n], data }], targets: [] });
}

const empty: Dataset = { ...numbered(1), length: 0 };

function rowsOf({ inputs }: Batch): number[] {
  return Array.from(inputs[0]!.data, Number);
}

async function epochRows(loader: DataLoader, epoch: number): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of loader.epoch(epoch)) batches.push(rowsOf(batch));
  return batches;
}

describe("DataLoader", () => {
  it("goes through the rows in order, the last batch short", async () => {
    const loader = new DataLoader({ dataset: numbered(7), batchSize: 3 });
    expect(loader.batchesPerEpoch).toBe(3);
    expect(await epochRows(loader, 0)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect([0, 1, 2].map((step) => loader.sizeAt(step))).toEqual([3, 3, 1]);
    const last = await loader.batchAt(0, 2);
    expect([last.size, last.inputs[0]!.shape]).toEqual([1, [1]]);
  });

  it("drops a short last batch on request", async () => {
    const loader = new DataLoader({ dataset: numbered(7), batchSize: 3, dropLast: true });
    expect(await epochRows(loader, 0)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it("visits every row exactly once an epoch when it shuffles", async () => {
    const anySize = fc.integer({ min: 1, max: 80 });
    await fc.assert(
      fc.asyncProperty(
        anySize,
        anySize,
        fc.maxSafeNat(),
        fc.nat({ max: 9 }),
        async (n, batchSize, seed, epoch) => {
          const loader = new DataLoader({ dataset: numbered(n), batchSize, shuffle: true, seed });
          const batches = await epochRows(loader, epoch);
          expect(batches).toHaveLength(Math.ceil(n / batchSize));
          expect(batches.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        },
      ),
    );
  });

  it("shuffles anew in each epoch and for each seed", async () => {
    const loader = new DataLoader({ dataset: numbered(50), batchSize: 50, shuffle: true, seed: 1 });
    const [first, second] = [await epochRows(loader, 0), await epochRows(loader, 1)];
    expect(second).not.toEqual(first);
    expect(await epochRows(loader.with({ seed: 2 }), 0)).not.toEqual(first);
  });

  it("gives batch (epoch, step) whatever was asked for before", async () => {
    const options = { dataset: numbered(40), batchSize: 8, shuffle: true, seed: 9 };
    const straight = new DataLoader(options);
    const expected = [await epochRows(straight, 0), await epochRows(straight, 1)];
    const jumping = new DataLoader(options);
    for (const [epoch, step] of [
      [1, 4],
      [0, 2],
      [1, 0],
      [0, 0],
      [0, 2],
    ] as const) {
      expect(rowsOf(await jumping.batchAt(epoch, step))).toEqual(expected[epoch]![step]);
    }
  });

  it("gives the same batches to consumers that take turns", async () => {
    const loader = new DataLoader({ dataset: numbered(12), batchSize: 4, shuffle: true });
    const expected = await epochRows(loader, 0);
    const [a, b] = [loader.epoch(0), loader.epoch(5)];
    const seen: number[][] = [];
    for (let step = 0; step < 3; step++) {
      seen.push(rowsOf((await a.next()).value as Batch));
      await b.next();
    }
    expect(seen).toEqual(expected);
  });

  it("does not let a caller disturb the order by writing to the rows it was given", async () => {
    const loader = new DataLoader({ dataset: numbered(6), batchSize: 3, shuffle: true });
    const before = [...loader.rowsAt(0, 0)];
    loader.rowsAt(0, 0).fill(0);
    expect([...loader.rowsAt(0, 0)]).toEqual(before);
  });

  it("tells the dataset where in the training a batch is", async () => {
    const seen: unknown[] = [];
    const dataset: Dataset = {
      ...numbered(4),
      batch(rows, context) {
        seen.push({ rows: [...rows], ...context });
        return { inputs: [], targets: [], size: rows.length };
      },
    };
    await new DataLoader({ dataset, batchSize: 2, seed: 5, training: true }).batchAt(3, 1);
    await new DataLoader({ dataset, batchSize: 2 }).batchAt(0, 0);
    expect(seen).toEqual([
      { rows: [2, 3], seed: 5, epoch: 3, step: 1, training: true },
      { rows: [0, 1], seed: 0, epoch: 0, step: 0, training: false },
    ]);
  });

  it("takes a sampler of one's own", async () => {
    const odd = { length: 2, order: ({ epoch }: { epoch: number }) => Uint32Array.of(epoch, 3) };
    const loader = new DataLoader({ dataset: numbered(4), batchSize: 2, sampler: odd });
    expect(await epochRows(loader, 1)).toEqual([[1, 3]]);
  });

  it.each([
    [Uint32Array.of(0, 4), "sampler: expected rows in 0 … 3, got 4 at index 1"],
    [Uint32Array.of(0), "sampler: expected 2 rows, its length, got 1"],
  ])("rejects a sampler that gives %o", async (rows, message) => {
    const loader = new DataLoader({ dataset: numbered(4), sampler: { length: 2, order: () => rows } });
    await expect(loader.batchAt(0, 0)).rejects.toThrow(message);
  });

  it("takes a batch larger than the dataset unless short batches are dropped", async () => {
    expect(await epochRows(new DataLoader({ dataset: numbered(2), batchSize: 64 }), 0)).toEqual([[0, 1]]);
    const make = () => new DataLoader({ dataset: numbered(2), batchSize: 64, dropLast: true });
    expect(make).toThrow(
      "batchSize: expected at most the 2 rows of the dataset, as dropLast leaves out short batches, got 64; " +
        "try a smaller batchSize, or dropLast: false",
    );
  });

  it.each([
    [{ batchSize: 0 }, "batchSize: expected an integer of at least 1, got 0"],
    [{ batchSize: -3 }, "batchSize: expected an integer of at least 1, got -3"],
    [{ batchSize: 1.5 }, "batchSize: expected an integer of at least 1, got 1.5"],
    [{ batchSize: Number.NaN }, "batchSize: expected an integer of at least 1, got NaN"],
    [{ batchSize: "64" as never }, 'batchSize: expected an integer of at least 1, got "64"'],
    [{ seed: -1 }, "seed: expected an integer of at least 0, got -1"],
    [{ dataset: empty }, "dataset: expected at least one row, got none"],
    [
      { sampler: { length: 0, order: () => new Uint32Array(0) } },
      "dataset: expected at least one row, got none",
    ],
  ])("rejects %o", (options, message) => {
    const make = () => new DataLoader({ dataset: numbered(4), ...options });
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });

  it("rejects a batch outside the epoch", async () => {
    const loader = new DataLoader({ dataset: numbered(4), batchSize: 2 });
    await expect(loader.batchAt(0, 2)).rejects.toThrow("step: expected a step in 0 … 1, got 2");
    await expect(loader.batchAt(0, -1)).rejects.toThrow("step: expected an integer of at least 0, got -1");
    await expect(loader.batchAt(0.5, 0)).rejects.toThrow("epoch: expected an integer of at least 0, got 0.5");
  });
});

describe("randomSplit", () => {
  it("puts each row into exactly one part, floor(validPct * n) of them into validation", () => {
    const anyPart = fc.double({ min: 0, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), anyPart, fc.maxSafeNat(), (n, validPct, seed) => {
        const { train, valid } = randomSplit(n, { validPct, seed });
        expect(valid).toHaveLength(Math.floor(validPct * n));
        const all = [...train, ...valid].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it("depends on the seed alone", () => {
    expect(randomSplit(100, { seed: 1 })).toEqual(randomSplit(100, { seed: 1 }));
    expect(randomSplit(100, { seed: 1 })).not.toEqual(randomSplit(100, { seed: 2 }));
  });

  it.each([
    [10, { validPct: 1 }, "validPct: expected a number in [0, 1), got 1"],
    [10, { validPct: -0.1 }, "validPct: expected a number in [0, 1), got -0.1"],
    [10, { validPct: Number.NaN }, "validPct: expected a number in [0, 1), got NaN"],
    [10, { seed: 0.5 }, "seed: expected an integer of at least 0, got 0.5"],
    [0, {}, "randomSplit: number of rows: expected an integer of at least 1, got 0"],
  ])("rejects %d rows, %o", (n, options, message) => {
    expect(() => randomSplit(n, options)).toThrow(message);
  });
});

describe("subset", () => {
  it("renumbers rows, also those of another subset", async () => {
    const inner = subset(numbered(10), [9, 7, 5, 5]);
    const outer = subset(inner, Uint32Array.of(3, 0));
    expect(outer.length).toBe(2);
    expect(await epochRows(new DataLoader({ dataset: outer }), 0)).toEqual([[5, 9]]);
  });

  it.each([-1, 10, 0.5, Number.NaN])("rejects row %d", (row) => {
    expect(() => subset(numbered(10), [0, row])).toThrow(
      `subset: expected rows in 0 … 9, got ${row} at index 1`,
    );
  });
});

describe("dataLoaders", () => {
  it("splits by fastai's defaults: a fifth held out, batches of 64, training shuffled and without a short batch", async () => {
    const { train, valid } = dataLoaders(numbered(1_000));
    expect([train.batchSize, train.batchesPerEpoch, train.dropLast, train.training]).toEqual([
      64,
      12,
      true,
      true,
    ]);
    expect([valid!.batchSize, valid!.batchesPerEpoch, valid!.training]).toEqual([64, 4, false]);
    const held = (await epochRows(valid!, 0)).flat();
    const trained = (await epochRows(train, 0)).flat();
    expect(held).toHaveLength(200);
    expect(new Set([...held, ...trained]).size).toBe(200 + 12 * 64);
    expect(await epochRows(valid!, 1)).toEqual(await epochRows(valid!, 0));
    expect(await epochRows(train, 1)).not.toEqual(await epochRows(train, 0));
  });

  it("holds nothing out on request, or takes a validation set of its own", async () => {
    expect(dataLoaders(numbered(100), { validPct: 0 }).valid).toBeUndefined();
    const own = dataLoaders(numbered(100), { valid: numbered(3) });
    expect(own.train.dataset.length).toBe(100);
    expect(await epochRows(own.valid!, 0)).toEqual([[0, 1, 2]]);
  });

  it("has the same split and order for the same seed", async () => {
    const [a, b, c] = [4, 4, 5].map((seed) => dataLoaders(numbered(100), { batchSize: 10, seed }));
    expect(await epochRows(a!.train, 2)).toEqual(await epochRows(b!.train, 2));
    expect(await epochRows(a!.valid!, 0)).not.toEqual(await epochRows(c!.valid!, 0));
  });

  it("names a batch larger than the training part, and an empty dataset", () => {
    expect(() => dataLoaders(numbered(70))).toThrow("batchSize: expected at most the 56 rows of the dataset");
    expect(() => dataLoaders(empty)).toThrow("expected an integer of at least 1, got 0");
  });
});

describe("the context of a batch", () => {
  // A spread gave each a hidden class of its own once V8 had compiled it: 200 bytes a step that only a full collection
  // frees.
  it.each([true, false])(
    "has one hidden class however many batches there are, recycling: %s",
    async (recycling) => {
      const contexts: object[] = [];
      const plain = tensorDataset({
        inputs: [{ dtype: "float32", shape: [2, 1], data: Float32Array.of(1, 2) }],
        targets: [{ dtype: "int32", shape: [2], data: Int32Array.of(0, 1) }],
      });
      const dataset: Dataset = {
        ...plain,
        batch(rows, context) {
          contexts.push(context);
          return plain.batch(rows, context);
        },
      };
      const loader = new DataLoader({
        dataset: recycling ? markRecycling(dataset) : dataset,
        batchSize: 1,
        shuffle: true,
      });
      let into: Batch | undefined;
      for (let i = 0; i < 20_000; i++) into = await loader.batchAt(0, i % 2, { into });
      const [a, b] = contexts.slice(-2) as [object, object];
      expect(haveSameHiddenClass(a, b)).toBe(true);
    },
  );
});

describe("small data", () => {
  const rows = (n: number) => {
    const x = {
      dtype: "float32",
      shape: [n, 1],
      data: Float32Array.from({ length: n }, (_, i) => i),
    } as const;
    return tensorDataset({ inputs: [x], targets: [x] });
  };

  const sizesOf = async (loader: DataLoader) => {
    const sizes: number[] = [];
    for await (const { size } of loader.epoch()) sizes.push(size);
    return sizes;
  };

  it("of one row make one batch of one row", async () => {
    const dls = dataLoaders(rows(1), { batchSize: 1 });
    expect(dls.valid).toBeUndefined();
    expect(dls.warnings).toEqual(["no row is held out to validate on: 0.2 of 1 rows is less than one"]);
    expect(dataLoaders(rows(1), { batchSize: 1, validPct: 0 }).warnings).toEqual([]);
    expect(await sizesOf(dls.train)).toEqual([1]);
    expect(dls.train.batchesPerEpoch).toBe(1);
  });

  it("make one short batch where the batch is larger, unless short ones are dropped", async () => {
    const dls = dataLoaders(rows(5), { batchSize: 64, dropLast: false, validPct: 0 });
    expect(await sizesOf(dls.train)).toEqual([5]);
    expect(() => dataLoaders(rows(5))).toThrow("batchSize: expected at most the 4 rows of the dataset");
  });

  it("of no row are refused", () => {
    expect(() => subset(rows(3), [])).not.toThrow();
    expect(() => new DataLoader({ dataset: subset(rows(3), []) })).toThrow(
      "dataset: expected at least one row",
    );
    expect(() => dataLoaders(subset(rows(3), []))).toThrow("expected an integer of at least 1, got 0");
  });

  it("are refused with two ways to hold out, or a weight too many", () => {
    const valid = rows(2);
    expect(() => dataLoaders(rows(5), { valid, validPct: 0.2 })).toThrow(
      "validPct: expected none, as valid is held",
    );
    expect(() => dataLoaders(rows(5), { valid, validIdx: [1] })).toThrow("validIdx: expected none");
    expect(() => dataLoaders(rows(5), { weights: [1, 1, 1, 1, 1, 1] })).toThrow(
      "weights: expected 5, one per row",
    );
  });

  it("are all gone through by inOrder, whatever the loader does", () => {
    const sampler = { length: 2, order: () => Uint32Array.of(4, 4) };
    for (const options of [
      { shuffle: true, dropLast: true },
      { sampler, training: true },
    ]) {
      const loader = new DataLoader({ dataset: rows(5), batchSize: 2, ...options }).inOrder();
      expect([0, 1, 2].flatMap((step) => [...loader.rowsAt(3, step)])).toEqual([0, 1, 2, 3, 4]);
      expect(loader.training).toBe(false);
    }
  });
});

import { describe, expect, test } from "vitest";
import { crossEntropy, linear, modelOf, mse, sequential, sgd } from "../../../../../engine/src/nn/index.js";
import { type Tensor, tensor } from "../../../../../engine/src/onnx/index.js";
import { beta, permutation, RandomSequence } from "../../../../../engine/src/random/index.js";
import { type Batch, dataLoaders, tensorDataset } from "../../../../src/data/index.js";
import { type Callback, cutMix, type FitLoop, Learner, mixUp } from "../../../../src/learner/index.js";
import { bitsOf, cornerLearner } from "../../toy.js";

/** Keeps the mini-batches that steps are made with. */
function spy(): Callback & { readonly seen: Batch[] } {
  const seen: Batch[] = [];
  return {
    name: "spy",
    order: 100,
    seen,
    beforeStep({ batches }) {
      seen.push(...batches);
    },
  };
}

/** The mini-batches of the first epoch, before and after a callback. */
async function mixedBatches(callback: Callback, learner = cornerLearner()) {
  await using learn = learner;
  const plain: Batch[] = [];
  for await (const batch of learn.dls.train.epoch(0)) plain.push(structuredClone(batch));
  const after = spy();
  await learn.fit(1, { lr: 0.01, cbs: [callback, after] });
  return { plain, mixed: after.seen };
}

const items = ({ data }: Tensor, n: number) =>
  Array.from({ length: n }, (_, i) =>
    Array.from(data.slice((i * data.length) / n, ((i + 1) * data.length) / n), Number),
  );

describe("mixUp", () => {
  test("makes mini-batches of the published formula, with shares of the beta distribution", async () => {
    const { plain, mixed } = await mixedBatches(mixUp({ alpha: 0.7 }));
    expect(mixed.length).toBe(plain.length);
    for (const [step, batch] of mixed.entries()) {
      const order = permutation(batch.size, { seed: 0, stream: "mixUp/order/0", epoch: 0, step });
      const share = beta(new RandomSequence({ seed: 0, stream: "mixUp/0", epoch: 0, step }), 0.7, 0.7);
      expect(batch.mix!.share).toBe(share);
      const [x, y] = [
        items(plain[step]!.inputs[0]!, batch.size),
        items(plain[step]!.targets[0]!, batch.size),
      ];
      expect(items(batch.targets[0]!, batch.size)).toEqual(y);
      expect(items(batch.mix!.targets[0]!, batch.size)).toEqual(y.map((_, i) => y[order[i]!]));
      const wanted = x.map((item, i) => item.map((v, j) => share * v + (1 - share) * x[order[i]!]![j]!));
      for (const [i, item] of items(batch.inputs[0]!, batch.size).entries()) {
        for (const [j, value] of item.entries()) expect(value).toBeCloseTo(wanted[i]![j]!, 6);
      }
    }
    expect(new Set(mixed.map(({ mix }) => mix!.share)).size).toBe(mixed.length);
  });

  test.each([crossEntropy, mse])("makes the step of λ L(y) + (1 − λ) L(y'): %o", async (lossFunc) => {
    const rows = 12;
    const isClass = lossFunc === crossEntropy;
    const dataset = tensorDataset({
      inputs: [
        tensor(
          "float32",
          [rows, 3],
          Float32Array.from({ length: 3 * rows }, (_, i) => Math.sin(i)),
        ),
      ],
      targets: [
        isClass
          ? tensor(
              "int32",
              [rows],
              Int32Array.from({ length: rows }, (_, i) => i % 2),
            )
          : tensor(
              "float32",
              [rows, 2],
              Float32Array.from({ length: 2 * rows }, (_, i) => Math.cos(3 * i)),
            ),
      ],
    });
    const learnerOf = () =>
      new Learner({
        dls: dataLoaders(dataset, { batchSize: rows, validPct: 0 }),
        model: modelOf(sequential(linear(3, 2))),
        lossFunc: lossFunc(),
        optFunc: sgd({ mom: 0 }),
        runtime: { threads: 1 },
      });
    const after = spy();
    await using mixed = learnerOf();
    const [record] = await mixed.fit(1, { lr: 0.5, cbs: [mixUp(), after] });
    const [{ mix, ...batch }] = after.seen as [Batch];
    // A step is linear in the gradient: the mixed one is the mean of two plain ones from the same weights.
    const plain = await Promise.all(
      [batch.targets, mix!.targets].map(async (targets) => {
        await using learner = learnerOf();
        const replace: Callback = {
          name: "replace",
          beforeBatch(loop) {
            loop.batches = [{ ...batch, targets }];
          },
        };
        const [record] = await learner.fit(1, { lr: 0.5, cbs: [replace] });
        const { trainLoss } = record!;
        return { trainLoss, tensors: learner.state.tensors };
      }),
    );
    const [one, other] = plain as [(typeof plain)[0], (typeof plain)[0]];
    const mean = (a: number, b: number) => mix!.share * a + (1 - mix!.share) * b;
    expect(record!.trainLoss).toBeCloseTo(mean(one.trainLoss, other.trainLoss), 5);
    for (const [name, { data }] of Object.entries(mixed.state.tensors)) {
      for (const [i, value] of data.entries()) {
        expect(value).toBeCloseTo(mean(one.tensors[name]!.data[i]!, other.tensors[name]!.data[i]!), 5);
      }
    }
  });

  test("leaves validation as it is, learns, and is the same again", async () => {
    const fit = async () => {
      const learner = cornerLearner();
      await learner.fit(3, { lr: 0.02, cbs: [mixUp()] });
      return learner;
    };
    await using one = await fit();
    await using other = await fit();
    expect(bitsOf(one)).toEqual(bitsOf(other));
    await using plain = cornerLearner();
    await plain.fit(3, { lr: 0.02 });
    expect(bitsOf(one)).not.toEqual(bitsOf(plain));
    const before = one.recorder.epochs;
    expect(before.at(-1)!.validLoss ?? 0).toBeLessThan(before[0]!.validLoss ?? 1);
  });

  test("draws a share for each of the mini-batches that are accumulated", async () => {
    await using learner = cornerLearner({ accumulate: 2 });
    const after = spy();
    await learner.fit(1, { lr: 0.02, cbs: [mixUp(), after] });
    expect(new Set(after.seen.map(({ mix }) => mix!.share)).size).toBe(after.seen.length);
  });
});

describe("cutMix", () => {
  test("pastes one rectangle of the same items in another order, and shares by its area", async () => {
    const { plain, mixed } = await mixedBatches(cutMix());
    let isCut = false;
    for (const [step, batch] of mixed.entries()) {
      const order = permutation(batch.size, { seed: 0, stream: "cutMix/order/0", epoch: 0, step });
      const [x, y] = [
        items(plain[step]!.inputs[0]!, batch.size),
        items(plain[step]!.targets[0]!, batch.size),
      ];
      expect(items(batch.mix!.targets[0]!, batch.size)).toEqual(y.map((_, i) => y[order[i]!]));
      const got = items(batch.inputs[0]!, batch.size);
      // The places that are not the item's own make up one rectangle, in all items the same.
      const own = (i: number, j: number) => got[i]![j] === x[i]![j];
      const places = x[0]!.flatMap((_, j) => (got.every((_, i) => own(i, j)) ? [] : [j]));
      const [rows, columns] = [places.map((j) => Math.floor(j / 8)), places.map((j) => j % 8)];
      const area =
        places.length === 0
          ? 0
          : (Math.max(...rows) - Math.min(...rows) + 1) * (Math.max(...columns) - Math.min(...columns) + 1);
      expect(places.length).toBe(area);
      expect(batch.mix!.share).toBeCloseTo(1 - area / 64, 12);
      for (const j of places) for (const [i, item] of got.entries()) expect(item[j]).toBe(x[order[i]!]![j]);
      isCut ||= area > 0;
    }
    expect(isCut).toBe(true);
  });
});

describe("what cannot be mixed is refused by name", () => {
  const tokens = () => {
    const dataset = tensorDataset({
      inputs: [tensor("int32", [8, 2], new Int32Array(16))],
      targets: [tensor("float32", [8, 2], new Float32Array(16))],
    });
    const model = {
      kind: "cast",
      forward: ({ g }: { g: { cast: (x: unknown, t: string) => never } }, x: unknown) => g.cast(x, "float32"),
    };
    return {
      dls: dataLoaders(dataset, { batchSize: 4, validPct: 0 }),
      model: sequential(model as never, linear(2, 2)),
    };
  };

  test.each([
    ["tokens", mixUp(), "mixUp: expected inputs of floats, got int32[4, 2]"],
    ["tokens as images", cutMix(), "cutMix: expected inputs of floats, got int32[4, 2]"],
  ])("%s", async (_, callback, message) => {
    await using learner = new Learner({ ...tokens(), lossFunc: mse(), runtime: { threads: 1 } });
    await expect(learner.fit(1, { cbs: [callback] })).rejects.toThrow(message);
  });

  test("images of two sizes, of which one place is no place in both", async () => {
    const two = (loop: FitLoop) => {
      loop.batches = loop.batches.map((batch) => ({
        ...batch,
        inputs: [
          ...batch.inputs,
          tensor("float32", [batch.size, 1, 4, 4], new Float32Array(16 * batch.size)),
        ],
      }));
    };
    await using learner = cornerLearner();
    const fit = learner.fit(1, { cbs: [{ name: "two", order: -1, beforeBatch: two }, cutMix()] });
    await expect(fit).rejects.toThrow(
      "cutMix: expected inputs of one size, as one place is cut from all: 8 x 8",
    );
  });

  test("mini-batches that are mixed already, and shares out of [0, 1]", async () => {
    await using learner = cornerLearner();
    const twice = learner.fit(1, { cbs: [mixUp(), cutMix()] });
    await expect(twice).rejects.toThrow(
      "cutMix: expected mini-batches that are not mixed yet, got mixed ones",
    );
    const wrong: Callback = {
      name: "wrong",
      beforeBatch(loop) {
        loop.batches = loop.batches.map((batch) => ({ ...batch, mix: { targets: batch.targets, share: 2 } }));
      },
    };
    await expect(learner.fit(1, { cbs: [wrong] })).rejects.toThrow(
      "expected batches to be at least one mini-batch",
    );
  });

  test.each([0, -1, Number.NaN, "1", null])("alpha %o", (alpha) => {
    expect(() => mixUp({ alpha: alpha as number })).toThrow(/^mixUp: expected alpha/);
    expect(() => cutMix({ alpha: alpha as number })).toThrow(/^cutMix: expected alpha/);
  });
});

import { describe, expect, test } from "vitest";
import { flatten, linear, sequential, sgd } from "../../../engine/src/nn/index.js";
import { groupedLearner, stripeLoaders } from "./grouped.js";
import { bitsOf } from "./toy.js";

/** A linear model: no dropout, no batch-norm, so that a large mini-batch is the mean of its parts. */
const plain = () => ({
  model: sequential(flatten(), linear(36, 3)),
  splitter: () => [{ name: "all", parameters: ["1.weight", "1.bias"] }],
  optFunc: sgd({ mom: 0.9, wd: 0.01 }),
});

describe("accumulate", () => {
  test("steps as one mini-batch of all of them would", async () => {
    await using parts = groupedLearner({
      ...plain(),
      dls: stripeLoaders({ batchSize: 4, shuffle: false }),
      accumulate: 4,
    });
    await using whole = groupedLearner({ ...plain(), dls: stripeLoaders({ batchSize: 16, shuffle: false }) });
    await parts.fit(2, { lr: 0.1 });
    await whole.fit(2, { lr: 0.1 });
    expect(parts.state.step).toBe(6);
    expect(parts.recorder.losses.length).toBe(6);
    parts.recorder.losses.forEach((loss, i) => {
      // Float32 sums in another order.
      expect(loss).toBeCloseTo(whole.recorder.losses[i]!, 5);
    });
    const { tensors } = parts.state;
    for (const [name, { data }] of Object.entries(whole.state.tensors)) {
      data.forEach((value, i) => {
        expect(tensors[name]!.data[i]).toBeCloseTo(value, 5);
      });
    }
  });

  test("takes what is left at the end of an epoch", async () => {
    // 48 rows in mini-batches of 4: 12, which are 5, 5 and 2.
    await using learner = groupedLearner({ dls: stripeLoaders({ batchSize: 4 }), accumulate: 5 });
    const sizes: number[] = [];
    const watch = {
      name: "watch",
      afterStep: (loop: { batches: readonly unknown[] }) => void sizes.push(loop.batches.length),
    };
    await learner.fit(1, { cbs: [watch] });
    expect(sizes).toEqual([5, 5, 2]);
  });

  test("moves batch-norm's statistics with every mini-batch, and repeats bit for bit", async () => {
    const options = { dls: stripeLoaders({ batchSize: 4 }), accumulate: 3 };
    await using a = groupedLearner(options);
    await using b = groupedLearner(options);
    for (const learner of [a, b]) await learner.fit(3);
    expect(bitsOf(a)).toEqual(bitsOf(b));
    expect(a.state.tensors["buffer:1.running_mean"]!.data.some((mean) => mean !== 0)).toBe(true);
  });

  test("makes a search step per optimizer step, and leaves no trace", async () => {
    const options = { dls: stripeLoaders({ batchSize: 4 }), accumulate: 4 };
    await using searched = groupedLearner(options);
    await using untouched = groupedLearner(options);
    const before = bitsOf(searched);
    const trial = await searched.startTrial();
    const losses = [await trial.step(1e-3), await trial.step(1e-3)];
    await trial[Symbol.asyncDispose]();
    await searched.lrFind({ numIt: 10 });
    expect(bitsOf(searched)).toEqual(before);
    for (const learner of [searched, untouched]) await learner.fit(1, { lr: 1e-3 });
    expect(bitsOf(searched)).toEqual(bitsOf(untouched));
    expect(losses).toEqual(searched.recorder.losses.slice(0, 2));
  });

  test("is a whole number", () => {
    expect(() => groupedLearner({ accumulate: 0 })).toThrow(
      "Learner: expected accumulate to be an integer at least 1, got 0",
    );
  });
});

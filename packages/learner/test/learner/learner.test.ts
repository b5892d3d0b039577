import { describe, expect, test } from "vitest";
import { valley } from "../../../lrfind/src/finder/index.js";
import { arrayDataset, dataLoaders } from "../../src/data/index.js";
import { LearnerError, NonFiniteLossError } from "../../src/learner/index.js";
import { bitsOf, cornerLearner, cornerLoaders } from "./toy.js";

describe("Learner.fit", () => {
  test("learns the corners", async () => {
    await using learner = cornerLearner();
    const records = await learner.fit(6, { lr: 0.05 });
    expect(records.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(records.at(-1)!.metrics["accuracy"]).toBeGreaterThan(0.9);
    expect(records.at(-1)!.validLoss).toBeLessThan(records[0]!.validLoss!);
  });

  test("gives the same bits for the same seed, and others for another", async () => {
    await using a = cornerLearner();
    await using b = cornerLearner();
    await using c = cornerLearner({ seed: 1 });
    for (const learner of [a, b, c]) await learner.fit(1, { lr: 0.05 });
    expect(bitsOf(a)).toEqual(bitsOf(b));
    expect(bitsOf(a)).not.toEqual(bitsOf(c));
  });

  test("does not write to a state that somebody holds", async () => {
    await using learner = cornerLearner();
    await learner.fit(1, { lr: 0.05 });
    const held = learner.state;
    const copy = structuredClone(held);
    await learner.fit(2, { lr: 0.05 });
    expect(held).toEqual(copy);
  });

  test("keeps the state before a step whose loss is not finite", async () => {
    const images = new Float32Array(20 * 64).fill(Number.NaN);
    const dataset = arrayDataset({ images, shape: [1, 8, 8], labels: new Int32Array(20), classes: 3 });
    await using learner = cornerLearner({ dls: dataLoaders(dataset, { batchSize: 4 }) });
    const before = bitsOf(learner);
    const error = await learner.fit(1, { lr: 0.1 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NonFiniteLossError);
    expect((error as Error).message).toContain("fit: expected a finite loss at step 0, got NaN");
    expect(bitsOf(learner)).toEqual(before);
  });

  test("stops at an abort and keeps the last finished step", async () => {
    await using learner = cornerLearner();
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => {
      if (step === 2) controller.abort();
    };
    await expect(learner.fit(1, { lr: 0.05, signal: controller.signal, onStep })).rejects.toThrow("aborted");
    expect(learner.state.step).toBe(3);
    expect((await learner.fit(1)).length).toBe(1);
  });

  test("says what is wrong with its arguments", async () => {
    await using learner = cornerLearner();
    await expect(learner.fit(-1)).rejects.toThrow("fit nEpoch: expected a whole number from 0 up, got -1");
    await expect(learner.fit(1.5)).rejects.toThrow("got 1.5");
    await expect(learner.fit(1, { lr: 0 })).rejects.toThrow("fit lr: expected a positive number, got 0");
    await expect(learner.fit(1, { lr: Number.NaN })).rejects.toThrow("got NaN");
    await expect(learner.fit(1, { lr: [0.1, 0.2] })).rejects.toThrow(
      "fit lr: expected 1 learning rate(s), one per parameter group, got 2",
    );
    expect(() => cornerLearner({ lr: -1 })).toThrow(LearnerError);
  });

  test("refuses labels that the model has no output for, and leaves the state as it was", async () => {
    const images = new Float32Array(20 * 64);
    const labels = new Int32Array(20).fill(3);
    const dataset = arrayDataset({ images, shape: [1, 8, 8], labels, classes: 4 });
    await using learner = cornerLearner({ dls: dataLoaders(dataset, { batchSize: 4 }) });
    const before = bitsOf(learner);
    await expect(learner.fit(1)).rejects.toThrow("crossEntropy: expected labels in [0, 3), got 3");
    expect(bitsOf(learner)).toEqual(before);
  });
});

describe("Learner.validate", () => {
  test("weighs a short last mini-batch by its size", async () => {
    await using short = cornerLearner({ dls: cornerLoaders({ count: 50, batchSize: 7 }) });
    await using whole = cornerLearner({ dls: cornerLoaders({ count: 50, batchSize: 10 }) });
    const a = await short.validate();
    const b = await whole.validate();
    // Float32 means over other mini-batches differ in the last digits.
    expect(a.loss).toBeCloseTo(b.loss, 5);
    expect(a.metrics).toEqual(b.metrics);
  });

  test("asks for a validation set", async () => {
    const { train } = cornerLoaders();
    await using learner = cornerLearner({ dls: { train } });
    await expect(learner.validate()).rejects.toThrow("validate: expected a validation set, got none");
    expect((await learner.fit(1))[0]!.validLoss).toBeUndefined();
  });
});

describe("Learner.lrFind", () => {
  test("suggests a rate that trains", async () => {
    await using learner = cornerLearner();
    const result = await learner.lrFind({ suggestFuncs: [valley] });
    expect(result.lr).toBeGreaterThan(1e-5);
    expect(result.lr).toBeLessThan(10);
    const before = (await learner.validate()).loss;
    const records = await learner.fit(4, { lr: result.lr! });
    expect(records.at(-1)!.validLoss).toBeLessThan(before);
  });

  test("starts independent runs from other weights and batches", async () => {
    await using learner = cornerLearner();
    const losses = [];
    for (const seed of [0, 1, 1]) {
      const trial = await learner.startTrial({ seed });
      losses.push(await trial.step(0.1));
      await trial[Symbol.asyncDispose]();
    }
    expect(losses[0]).not.toBe(losses[1]);
    expect(losses[1]).toBe(losses[2]);
  });
});

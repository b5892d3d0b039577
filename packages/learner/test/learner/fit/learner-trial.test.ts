import { describe, expect, test } from "vitest";
import { tensor } from "../../../../engine/src/onnx/index.js";
import type { Batch, DataLoader } from "../../../src/data/index.js";
import { LearnerTrial } from "../../../src/learner/fit/learner-trial.js";
import { LearnerError } from "../../../src/learner/index.js";
import type { TrainState } from "../../../src/learner/state.js";

interface Outcome {
  readonly loss?: number;
  /** Nothing counts: the state stays. */
  readonly isEmpty?: boolean;
  readonly nonFinite?: boolean;
}

const initial: TrainState = {
  tensors: { "param:w": tensor("float32", [1], [0]) },
  step: 5,
  epoch: 3,
  ages: {},
};

/** A trial whose steps turn out as told, on epochs of 5 mini-batches, and what it asked for. */
function fake(outcomes: readonly Outcome[], options: object = {}) {
  const asked: (readonly [epoch: number, batch: number])[] = [];
  const spare: (Batch | undefined)[] = [];
  const steps: { state: TrainState; options: Record<string, unknown>; batches: readonly Batch[] }[] = [];
  const loader = {
    batchesPerEpoch: 5,
    async batchAt(epoch: number, batch: number, { into }: { into?: Batch } = {}) {
      asked.push([epoch, batch]);
      spare.push(into);
      return { inputs: [], targets: [] };
    },
  };
  const runner = {
    async step(state: TrainState, batches: readonly Batch[], stepOptions: Record<string, unknown>) {
      const { loss = 1, isEmpty, nonFinite } = outcomes[steps.length] ?? {};
      steps.push({ state, batches, options: stepOptions });
      if (isEmpty) return { state, made: {}, loss: Number.NaN, sum: 0, weight: 0 };
      const made = { "param:w": tensor("float32", [1], [steps.length]) };
      return {
        state: { ...state, tensors: made, step: state.step + 1 },
        made,
        loss,
        nonFinite: nonFinite ? { tensor: "param:w", value: Number.NaN, wasBefore: false } : undefined,
      };
    },
  };
  const given = { hyper: { mom: 0.9, wd: 0.1 }, trained: new Set(["w"]), seed: 7, signal: undefined };
  const trial = new LearnerTrial({
    steps: runner as never,
    state: initial,
    loader: loader as unknown as DataLoader,
    accumulate: 2,
    groups: 3,
    ...given,
    ...options,
  });
  return { trial, asked, spare, steps, given };
}

describe("a trial", () => {
  test("goes through epochs as a fit does, with the last mini-batches of each that are left", async () => {
    const { trial, asked, steps } = fake([]);
    for (let i = 0; i < 5; i++) await trial.step(0.1);
    expect(asked).toEqual([
      ...[0, 1, 2, 3, 4].map((batch) => [3, batch]),
      ...[0, 1, 2, 3].map((batch) => [4, batch]),
    ]);
    expect(steps.map(({ batches }) => batches.length)).toEqual([2, 2, 1, 2, 2]);
    // From state to state of its own.
    expect(steps.map(({ state }) => state.step)).toEqual([5, 6, 7, 8, 9]);
    expect(steps[0]!.state).toBe(initial);
  });

  test("gives each group the rate, or its own, and passes on all that a step is told", async () => {
    const { signal } = new AbortController();
    const { trial, steps, given } = fake([], { signal });
    await trial.step(0.1);
    await trial.step([1, 2, 3]);
    expect(steps[0]!.options).toEqual({ ...given, signal, lrs: [0.1, 0.1, 0.1], recycle: {} });
    expect(steps[1]!.options["lrs"]).toEqual([1, 2, 3]);
    await expect(trial.step([1, 2])).rejects.toThrow("step: expected lrs to be 3 learning rate(s)");
    expect(steps).toHaveLength(2);
  });

  test("writes mini-batches over those of the step before, and tensors over its own, never the learner's", async () => {
    const { trial, spare, steps } = fake([]);
    for (let i = 0; i < 4; i++) await trial.step(0.1);
    expect(spare.slice(0, 2)).toEqual([undefined, undefined]);
    expect(spare[2]).toBe(steps[0]!.batches[0]);
    expect(spare[3]).toBe(steps[0]!.batches[1]);
    expect(spare[4]).toBe(steps[1]!.batches[0]);
    const recycled = steps.map(({ options }) => options["recycle"]);
    expect(recycled.slice(0, 2)).toEqual([{}, {}]);
    expect(recycled[2]).toBe(steps[1]!.state.tensors);
    expect(recycled[3]).toBe(steps[2]!.state.tensors);
  });

  test("passes over mini-batches that say nothing, for one epoch at most", async () => {
    const { trial, asked, steps } = fake([{ isEmpty: true }, { isEmpty: true }, { loss: 4 }]);
    expect(await trial.step(0.1)).toBe(4);
    expect(asked).toHaveLength(5);
    expect(steps).toHaveLength(3);
    const empty = fake(Array.from({ length: 9 }, () => ({ isEmpty: true })));
    const error = await empty.trial.step(0.1).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LearnerError);
    expect((error as Error).message).toBe(
      "step: expected a label that counts in some mini-batch, got none in the 3 step(s) of an epoch; try the loss's ignoreIndex and weight, and the labels",
    );
    expect(empty.steps).toHaveLength(3);
  });

  test("whose weights are no longer finite has no finite loss any more, from the next step on", async () => {
    const outcomes = [{ loss: 1 }, { loss: 2, nonFinite: true }, { loss: 3 }, { loss: Infinity }];
    const validate = async (state: TrainState) => state.step;
    const { trial } = fake(outcomes, { validate });
    const losses: number[] = [];
    const validations: number[] = [];
    for (let i = 0; i < 5; i++) {
      losses.push(await trial.step(0.1));
      validations.push(await trial.validate!());
    }
    expect(losses).toEqual([1, 2, Number.NaN, Infinity, Number.NaN]);
    expect(validations).toEqual([6, ...new Array<number>(4).fill(Number.NaN)]);
  });

  test("makes no step once it is disposed or its signal aborted, and can be validated only where the learner can", async () => {
    const { trial, steps } = fake([], { validate: async () => 1 });
    await trial[Symbol.asyncDispose]();
    for (const call of [() => trial.step(0.1), () => trial.validate!()]) {
      await expect(call()).rejects.toThrow("step: expected an open trial, got one that has been disposed");
    }
    const aborted = fake([], { signal: AbortSignal.abort(new Error("enough")) });
    await expect(aborted.trial.step(0.1)).rejects.toThrow("enough");
    expect([...steps, ...aborted.steps, ...aborted.asked]).toEqual([]);
    expect(fake([]).trial.validate).toBeUndefined();
  });
});

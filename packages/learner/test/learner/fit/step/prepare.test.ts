import { describe, expect, test } from "vitest";
import { flatten, linear, type Model, modelOf, sequential } from "../../../../../engine/src/nn/index.js";
import type { Learner } from "../../../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../grouped.js";
import { bitsOf } from "../../toy.js";

/** A model that says when it is prepared and asked for a graph, and lets somebody act meanwhile. */
function watched(act: (count: number) => unknown = () => {}) {
  const model = modelOf(sequential(flatten(), linear(36, 3)));
  const log: string[] = [];
  const prepared: Model = {
    ...model,
    async prepare(inputs) {
      log.push("prepare");
      expect(inputs[0]!.shape.slice(1)).toEqual([1, 6, 6]);
      await act(log.length);
    },
    forward(context, inputs) {
      log.push("forward");
      return model.forward(context, inputs);
    },
  };
  const splitter = () => [{ name: "all", parameters: ["1.weight", "1.bias"] }];
  return {
    log,
    learner: groupedLearner({ model: prepared, splitter, dls: stripeLoaders({ batchSize: 24 }) }),
  };
}

type Call = (learner: Learner, signal: AbortSignal) => Promise<unknown>;
const calls: Readonly<Record<string, Call>> = {
  fit: (learner, signal) => learner.fit(1, { signal }),
  fitOneCycle: (learner, signal) => learner.fitOneCycle(1, { signal }),
  validate: (learner, signal) => learner.validate({ signal }),
  getPreds: (learner, signal) => learner.getPreds({ signal }),
  confusionMatrix: (learner, signal) => learner.confusionMatrix({ signal }),
  topLosses: (learner, signal) => learner.topLosses(1, { signal }),
  "a trial's step": async (learner, signal) => (await learner.startTrial({ signal })).step(0.1),
  "a trial's validation": async (learner, signal) => (await learner.startTrial({ signal })).validate!(),
};

describe.each(Object.entries(calls))("%s", (_, call) => {
  test("aborted while the model prepares itself builds no graph, and changes nothing", async () => {
    const controller = new AbortController();
    const { learner, log } = watched(() => controller.abort(new Error("enough")));
    await using _learner = learner;
    const before = bitsOf(learner);
    await expect(call(learner, controller.signal)).rejects.toThrow("enough");
    expect(log).toEqual(["prepare"]);
    expect(bitsOf(learner)).toEqual(before);
    // The next call is not hurt.
    await call(learner, new AbortController().signal);
    expect(log).toContain("forward");
  });

  test("aborted before does not prepare it", async () => {
    const { learner, log } = watched();
    await using _learner = learner;
    await expect(call(learner, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(log).toEqual([]);
  });
});

test("a fit aborted while the model prepares itself for the validation keeps its steps", async () => {
  const controller = new AbortController();
  const { learner, log } = watched((count) => count > 2 && controller.abort(new Error("enough")));
  await using _learner = learner;
  await expect(learner.fit(1, { signal: controller.signal })).rejects.toThrow("enough");
  expect(log).toEqual(["prepare", "forward", "prepare"]);
  expect(learner.state.step).toBe(2);
});

test("an abort is of the call that it is given to: another that waits for the same graph gets it", async () => {
  const controller = new AbortController();
  const { learner, log } = watched(async (count) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (count === 1) controller.abort(new Error("enough"));
  });
  await using _learner = learner;
  const [aborted, ...others] = await Promise.allSettled([
    learner.validate({ signal: controller.signal }),
    learner.validate(),
    learner.validate({ signal: new AbortController().signal }),
  ]);
  expect(aborted).toMatchObject({ status: "rejected", reason: { message: "enough" } });
  expect(others.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  expect(log).toEqual(["prepare", "prepare", "forward"]);
});

import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { progressCallback } from "../../../../lrfind/src/terminal/index.js";
import {
  type Callback,
  earlyStopping,
  mixUp,
  paramScheduler,
  reduceLrOnPlateau,
} from "../../../src/learner/index.js";
import { bitsOf, cornerLearner } from "../toy.js";

/** How many arrays an epoch's mini-batches are made of, seen by a callback that holds none of them. */
async function arraysOf(cbs: readonly Callback[]) {
  const memory = new Map<ArrayBufferLike, number>();
  const counting: Callback = {
    name: "counting",
    keeps: "nothing",
    beforeBatch({ batches }) {
      for (const { inputs } of batches) memory.set(inputs[0]!.data.buffer, 1);
    },
  };
  const learner = cornerLearner();
  await learner.fit(1, { lr: 0.01, cbs: [counting, ...cbs] });
  return { arrays: memory.size, steps: learner.dls.train.batchesPerEpoch, learner };
}

const stream = () => new PassThrough();

describe("mini-batches are written over one another", () => {
  test.each<[string, readonly Callback[]]>([
    ["no callback", []],
    ["a progress bar", [progressCallback({ bar: stream(), table: stream() })]],
    ["all of lrfind's", [earlyStopping(), reduceLrOnPlateau(), paramScheduler({ wd: () => 0 }), mixUp()]],
  ])("beside %s", async (_, cbs) => {
    const { arrays, steps, learner } = await arraysOf(cbs);
    await using _learner = learner;
    expect(arrays).toBeLessThan(steps);
  });

  test("but not where a callback may keep them, which each does unless it says otherwise", async () => {
    for (const keeps of [undefined, "batches"] as const) {
      const keeping: Callback = { name: "keeping", afterStep() {}, ...(keeps ? { keeps } : {}) };
      const { arrays, steps, learner } = await arraysOf([keeping]);
      await using _learner = learner;
      expect(arrays).toBe(steps);
    }
  });

  test("without a trace in what is learnt", async () => {
    const { learner } = await arraysOf([]);
    const { learner: other } = await arraysOf([{ name: "keeping" }]);
    expect(bitsOf(learner)).toEqual(bitsOf(other));
    await learner[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  test("what a callback keeps is one of two words", async () => {
    await using learner = cornerLearner();
    const wrong = { name: "wrong", keeps: "all" } as never;
    await expect(learner.fit(1, { cbs: [wrong] })).rejects.toThrow('a callback that keeps "all" at index 0');
  });
});

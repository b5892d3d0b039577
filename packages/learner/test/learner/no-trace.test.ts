import { describe, expect, test } from "vitest";
import type { Trainer } from "../../../lrfind/src/finder/index.js";
import { lrFind } from "../../../lrfind/src/finder/index.js";
import type { Learner } from "../../src/learner/index.js";
import { groupedLearner } from "./grouped.js";
import { bitsOf, cornerLearner } from "./toy.js";

/** Trains on, and gives all that can be seen of it: losses in order, and the final bits. */
async function trainOn(learner: Learner): Promise<{ losses: number[]; bits: Record<string, string> }> {
  const losses: number[] = [];
  await learner.fit(2, { lr: 0.05, onStep: ({ loss }) => losses.push(loss) });
  return { losses, bits: bitsOf(learner) };
}

const searches: Record<string, (learner: Learner) => Promise<unknown>> = {
  "that completes": (learner) => learner.lrFind({ numIt: 20, stopDiv: false, endLr: 1 }),
  "that diverges to NaN": async (learner) => {
    const { curve } = await learner.lrFind({ numIt: 40, startLr: 1, endLr: 1e30, stopDiv: false });
    expect(curve.stop).toBe("nonFinite");
  },
  "of several runs": (learner) => learner.lrFind({ numIt: 10, runs: 3 }),
  "on the validation loss": (learner) => learner.lrFind({ numIt: 8, lossOn: "validation" }),
  "that is aborted half way": async (learner) => {
    const controller = new AbortController();
    const { curve } = await learner.lrFind({
      numIt: 20,
      signal: controller.signal,
      onPoint: (_, { done }) => {
        if (done === 10) controller.abort();
      },
    });
    expect(curve.stop).toBe("aborted");
  },
  "whose step throws": async (learner) => {
    const failing: Trainer = {
      async startTrial(options) {
        const trial = await learner.startTrial(options);
        let steps = 0;
        return {
          step: async (lr) => {
            const loss = await trial.step(lr);
            if (++steps === 5) throw new Error("the disk is full");
            return loss;
          },
          [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
        };
      },
    };
    await expect(lrFind(failing, { numIt: 20 })).rejects.toThrow("the disk is full");
  },
};

describe("lrFind leaves no trace: training goes on bit for bit as if it had never run", () => {
  for (const [name, search] of Object.entries(searches)) {
    test(`a search ${name}`, async () => {
      await using searched = cornerLearner();
      await using untouched = cornerLearner();
      for (const learner of [searched, untouched]) await learner.fit(1, { lr: 0.05 });
      const before = bitsOf(searched);
      await search(searched);
      expect(bitsOf(searched)).toEqual(before);
      expect(await trainOn(searched)).toEqual(await trainOn(untouched));
    });
  }

  test("a search before the first step", async () => {
    await using searched = cornerLearner();
    await using untouched = cornerLearner();
    await searched.lrFind({ numIt: 10, runs: 2 });
    expect(await trainOn(searched)).toEqual(await trainOn(untouched));
  });

  test("a search during training, from a callback's point of view", async () => {
    await using searched = cornerLearner();
    await using untouched = cornerLearner();
    const trial = await searched.startTrial();
    await trial.step(0.1);
    const alongside = trainOn(searched);
    for (let i = 0; i < 5; i++) await trial.step(0.1);
    await trial[Symbol.asyncDispose]();
    await trial[Symbol.asyncDispose]();
    expect(await alongside).toEqual(await trainOn(untouched));
    await expect(trial.step(0.1)).rejects.toThrow("expected an open trial");
  });
});

/** Learners with Adam, batch-norm and dropout; all trained, or with a frozen body. */
const kinds: Record<string, () => Learner> = {
  "with batch-norm and dropout": () => groupedLearner(),
  "with all but the last group frozen": () => {
    const learner = groupedLearner();
    learner.freeze();
    return learner;
  },
  "with a frozen body and frozen batch-norm": () => {
    const learner = groupedLearner({ trainBn: false });
    learner.freezeTo(1);
    return learner;
  },
  "that has been thawed": () => {
    const learner = groupedLearner();
    learner.freeze();
    return learner;
  },
};

describe("of learners", () => {
  for (const [name, make] of Object.entries(kinds)) {
    test(`${name}, a search over all groups or each leaves no trace`, async () => {
      await using searched = make();
      await using untouched = make();
      for (const learner of [searched, untouched]) {
        await learner.fit(1, { lr: 0.01 });
        if (name === "that has been thawed") learner.unfreeze();
      }
      const before = bitsOf(searched);
      const { state } = searched;
      const recorded = searched.recorder;
      await searched.lrFind({ numIt: 10 });
      await searched.lrFind({ numIt: 8, groups: "each", runs: 2 });
      expect(bitsOf(searched)).toEqual(before);
      expect(searched.state).toBe(state);
      expect(searched.recorder).toBe(recorded);
      expect(await trainOn(searched)).toEqual(await trainOn(untouched));
    });
  }
});

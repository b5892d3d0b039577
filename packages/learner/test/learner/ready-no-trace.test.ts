import { describe, expect, test } from "vitest";
import type { Learner } from "../../src/learner/index.js";
import { readyLearners } from "./ready-learners.js";
import { bitsOf } from "./toy.js";

async function trainOn(learner: Learner): Promise<{ losses: number[]; bits: Record<string, string> }> {
  const losses: number[] = [];
  await learner.fit(1, { lr: 0.01, onStep: ({ loss }) => losses.push(loss) });
  return { losses, bits: bitsOf(learner) };
}

const freezings: Readonly<Record<string, (learner: Learner) => void>> = {
  frozen: (learner) => learner.freeze(),
  unfrozen: (learner) => learner.unfreeze(),
};

describe.each(Object.entries(readyLearners))("lrFind leaves no trace in a learner: %s", (_, make) => {
  test.each(Object.entries(freezings))("%s", async (_, freezing) => {
    await using searched = await make();
    await using untouched = await make();
    for (const learner of [searched, untouched]) {
      freezing(learner);
      await learner.fit(1, { lr: 0.01 });
    }
    const before = bitsOf(searched);
    await searched.lrFind({ numIt: 12, stopDiv: false, endLr: 1 });
    await searched.lrFind({ numIt: 6, groups: "each" });
    expect(bitsOf(searched)).toEqual(before);
    expect(await trainOn(searched)).toEqual(await trainOn(untouched));
  });

  test("freezing leaves all but the last group and normalisation bit for bit as it was", async () => {
    await using learner = await make();
    learner.freeze();
    const before = bitsOf(learner);
    await learner.fit(1, { lr: 0.01 });
    const after = bitsOf(learner);
    const trained = learner.trained;
    expect(trained.size).toBeGreaterThan(0);
    expect(trained.size).toBeLessThan(learner.model.parameters.length);
    for (const { name } of learner.model.parameters) {
      const key = `param:${name}`;
      if (trained.has(name)) expect(after[key], name).not.toBe(before[key]);
      else expect(after[key], name).toBe(before[key]);
    }
  });
});

import { describe, expect, test } from "vitest";
import type { Batch, DataLoader } from "../../../src/data/index.js";
import { batchesOfEpoch, batchesOfStep } from "../../../src/learner/fit/mini-batches.js";
import type { Callback } from "../../../src/learner/index.js";
import { bitsOf, cornerLearner, cornerLoaders } from "../toy.js";

// 90 rows in mini-batches of 16: five, and a short one.
const train = cornerLoaders({ count: 112 }).train.with({ dropLast: false });

/** What all mini-batches of an epoch hold, and how many arrays of inputs they hold it in. */
async function epochOf(loader: DataLoader, options: { accumulate: number; recycle: boolean }) {
  const seen: Batch[] = [];
  const arrays = new Set<unknown>();
  for await (const batches of batchesOfEpoch(loader, { epoch: 1, ...options })) {
    for (const batch of batches) {
      seen.push(structuredClone(batch));
      arrays.add(batch.inputs[0]!.data);
    }
  }
  return { seen, arrays: arrays.size };
}

describe.each([1, 2, 4])("batchesOfEpoch, %d for a step", (accumulate) => {
  test("gives the same mini-batches in fewer arrays where they are recycled", async () => {
    const fresh = await epochOf(train, { accumulate, recycle: false });
    const recycled = await epochOf(train, { accumulate, recycle: true });
    expect(fresh.arrays).toBe(train.batchesPerEpoch);
    expect(recycled.seen).toEqual(fresh.seen);
    if (accumulate === 1) expect(recycled.arrays).toBeLessThan(fresh.arrays);
  });
});

test("batchesOfStep gives the same mini-batches when written over others", async () => {
  const at = { epoch: 0, step: 1, accumulate: 2 };
  const fresh = await batchesOfStep(train, at);
  const spare = await batchesOfStep(train, { ...at, step: 0 });
  const again = await batchesOfStep(train, at, spare);
  expect(again).toEqual(fresh);
  expect(again[1]!.inputs[0]!.data).toBe(spare[1]!.inputs[0]!.data);
});

test("a fit keeps its hands off mini-batches that a callback may keep, and trains alike", async () => {
  const kept: Batch[] = [];
  const copies: Batch[] = [];
  const keep: Callback = {
    name: "keep",
    beforeBatch(loop) {
      kept.push(...loop.batches);
      copies.push(...structuredClone(loop.batches));
    },
  };
  await using watched = cornerLearner();
  await using alone = cornerLearner();
  await watched.fit(2, { lr: 0.1, cbs: [keep] });
  await alone.fit(2, { lr: 0.1 });
  expect(kept).toEqual(copies);
  expect(bitsOf(alone)).toEqual(bitsOf(watched));
});

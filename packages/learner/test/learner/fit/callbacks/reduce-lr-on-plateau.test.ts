import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Callback, LearnerError, reduceLrOnPlateau } from "../../../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../grouped.js";
import { bitsOf } from "../../toy.js";
import { checkpoints, pretend } from "./power.js";

/** Two steps an epoch. */
const dls = stripeLoaders({ batchSize: 24 });

/** fastai's `ReduceLROnPlateau`, line by line, for one rate: the rate of each epoch. */
function fastai(
  losses: readonly number[],
  start: number,
  o: { patience: number; factor: number; minLr: number; minDelta: number },
) {
  let [best, wait, lr] = [Number.POSITIVE_INFINITY, 0, start];
  return losses.map((loss) => {
    const used = lr;
    if (best - loss > o.minDelta) [best, wait] = [loss, 0];
    else if (++wait >= o.patience) [lr, wait] = [Math.max(lr / o.factor, Math.min(lr, o.minLr)), 0];
    return used;
  });
}

/** The rates of each epoch's first step. */
async function ratesOf(losses: readonly number[], options: object, more: readonly Callback[] = []) {
  await using learner = groupedLearner({ dls });
  await learner.fit(losses.length, {
    lr: [0.01, 0.02, 0.02],
    cbs: [pretend(losses), reduceLrOnPlateau(options), ...more],
  });
  return learner.recorder.lrs.filter((_, step) => step % 2 === 0);
}

describe("reduceLrOnPlateau", () => {
  test("lowers the rates as fastai does, for whatever losses", async () => {
    const loss = fc.constantFrom(0.9, 0.8, 0.79, 0.5, 0.49, 0.1, Number.NaN);
    await fc.assert(
      fc.asyncProperty(
        fc.array(loss, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0, 0.02),
        async (losses, patience, minDelta) => {
          const options = { patience, factor: 4, minLr: 1e-3, minDelta };
          const rates = await ratesOf(losses, options);
          const expected = [0.01, 0.02, 0.02].map((start) => fastai(losses, start, options));
          for (const [epoch, lrs] of rates.entries()) {
            for (const [group, lr] of lrs.entries()) {
              // A power and repeated division differ in the last bit.
              expect(lr / expected[group]![epoch]!).toBeCloseTo(1, 12);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("divides by ten after an epoch without improvement, by default; and again", async () => {
    const rates = await ratesOf([0.5, 0.5, 0.5], {});
    expect(rates.map(([lr]) => lr)).toEqual([0.01, 0.01, 0.001]);
  });

  test("lowers all that is left of a schedule", async () => {
    const halving: Callback = {
      name: "halving",
      order: 60,
      beforeBatch(loop) {
        loop.lrs = [0.02, 0.04, 0.04].map((lr) => lr * (1 - loop.position));
      },
    };
    const plain = await ratesOf([0.5, 0.6, 0.7, 0.8], { patience: 10 }, [halving]);
    const lowered = await ratesOf([0.5, 0.6, 0.7, 0.8], { patience: 2, factor: 2 }, [halving]);
    expect(lowered.map(([lr], i) => lr! / plain[i]![0]!)).toEqual([1, 1, 1, 0.5]);
  });

  test("is part of a checkpoint: a fit that is cut off goes on bit for bit", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lrfind-plateau-"));
    try {
      const losses = [0.5, 0.5, 0.6, 0.4, 0.45, 0.44];
      const cbs = () => [pretend(losses), reduceLrOnPlateau({ patience: 2, factor: 3 })];
      await using whole = groupedLearner({ dls });
      await whole.fit(6, { lr: 0.01, cbs: cbs() });
      for (let dieAfter = 0; dieAfter < 5; dieAfter++) {
        const path = join(folder, "checkpoint.safetensors");
        const power = checkpoints(path, { order: 90, dieAfter });
        await using cut = groupedLearner({ dls });
        await expect(cut.fit(6, { lr: 0.01, cbs: [...cbs(), power] })).rejects.toThrow("power failure");
        await using resumed = groupedLearner({ dls });
        await resumed.load(path);
        await resumed.fit(6, { lr: 0.01, startEpoch: dieAfter + 1, cbs: cbs() });
        expect(bitsOf(resumed)).toEqual(bitsOf(whole));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([{ waited: -1, times: 0 }, { waited: 0, times: 0.5 }, {}, null])(
    "refuses the state %j",
    (state) => {
      expect(() => reduceLrOnPlateau().restore!(state, {} as never)).toThrow(LearnerError);
    },
  );
});

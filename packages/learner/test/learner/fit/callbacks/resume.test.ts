import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Callback } from "../../../../src/learner/index.js";
import { decodeSafetensors, earlyStopping, LearnerError, saveBest } from "../../../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../grouped.js";
import { bitsOf } from "../../toy.js";
import { checkpoints, pretend } from "./power.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-resume-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Two steps an epoch. */
const dls = stripeLoaders({ batchSize: 24 });

describe("a fit that is resumed from a checkpoint", () => {
  const losses = [0.5, 0.035, 0.3, 0.295, 0.4, 0.28];

  test.each([0, 66, 90])(
    "goes on with the best value and the patience, wherever it was cut off (saved at order %d)",
    async (order) => {
      const best = join(folder, "best.safetensors");
      const path = join(folder, "checkpoint.safetensors");
      const trackers = () => [saveBest({ path: best }), earlyStopping({ patience: 4 })];
      await using whole = groupedLearner({ dls });
      const all = await whole.fit(6, { lr: 0.01, cbs: [pretend(losses), ...trackers()] });
      expect(all.length).toBe(6);
      const bestOfWhole = decodeSafetensors(await readFile(best), "best").tensors;

      for (let dieAfter = 0; dieAfter < 5; dieAfter++) {
        await using cut = groupedLearner({ dls });
        const power = checkpoints(path, { order, dieAfter });
        const fit = cut.fit(6, { lr: 0.01, cbs: [pretend(losses), power, ...trackers()] });
        await expect(fit).rejects.toThrow("power failure");

        await using resumed = groupedLearner({ dls });
        await resumed.load(path);
        const options = { lr: 0.01, startEpoch: dieAfter + 1 };
        const rest = await resumed.fit(6, { ...options, cbs: [pretend(losses), ...trackers()] });
        expect(rest.map(({ epoch }) => epoch)).toEqual(all.slice(dieAfter + 1).map(({ epoch }) => epoch));
        expect(bitsOf(resumed)).toEqual(bitsOf(whole));
        expect(decodeSafetensors(await readFile(best), "best").tensors).toEqual(bestOfWhole);
      }
    },
  );

  test("stops when the patience of both parts is used up", async () => {
    const path = join(folder, "patience.safetensors");
    const worse = [0.1, 0.2, 0.3, 0.4, 0.5];
    await using cut = groupedLearner({ dls });
    const power = checkpoints(path, { order: 0, dieAfter: 1 });
    const cbs = [pretend(worse), earlyStopping({ patience: 3 })];
    await expect(cut.fit(5, { cbs: [...cbs, power] })).rejects.toThrow("power failure");
    await using resumed = groupedLearner({ dls });
    await resumed.load(path);
    expect(await resumed.fit(5, { startEpoch: 2, cbs })).toHaveLength(2);
  });

  test("goes on in the same learner, without a checkpoint, too", async () => {
    await using learner = groupedLearner({ dls });
    const cbs = [pretend([0.1, 0.2, 0.3, 0.4, 0.5]), earlyStopping({ patience: 3 })];
    await learner.fit(2, { cbs });
    expect(await learner.fit(5, { startEpoch: 2, cbs })).toHaveLength(2);
    // A fit from the start remembers nothing.
    expect(await learner.fit(5, { cbs })).toHaveLength(4);
  });

  test("refuses another measure than the one that was watched, and a best epoch that is gone", async () => {
    const best = join(folder, "gone.safetensors");
    const path = join(folder, "other.safetensors");
    await using learner = groupedLearner({ dls });
    await learner.fit(1, { cbs: [saveBest({ path: best })] });
    await learner.save(path);
    await learner.load(path);
    const other = learner.fit(2, { startEpoch: 1, cbs: [saveBest({ path: best, monitor: "accuracy" })] });
    await expect(other).rejects.toThrow(
      'expected the state of a tracker of "accuracy", got that of one of "validLoss"',
    );
    await rm(best);
    await learner.load(path);
    const gone = learner.fit(2, { startEpoch: 1, cbs: [saveBest({ path: best })] });
    await expect(gone).rejects.toThrow(
      "expected the file of the best epoch before the fit was interrupted, got none",
    );
    expect(learner.state.epoch).toBe(1);
  });

  test("gives callbacks of your own their state back, by name and order", async () => {
    const path = join(folder, "own.safetensors");
    const counter = (name: string) => {
      const callback = {
        name,
        count: 0,
        restored: [] as unknown[],
        afterEpoch() {
          callback.count++;
        },
        state: () => ({ count: callback.count, text: "ü", nothing: null }),
        restore(state: unknown) {
          callback.restored.push(state);
        },
      };
      return callback;
    };
    const [a, b, c] = [counter("same"), counter("same"), counter("else")];
    b.count = 10;
    await using learner = groupedLearner({ dls });
    await learner.fit(2, { cbs: [a, b, c] });
    await learner.save(path);
    await using other = groupedLearner({ dls });
    await other.load(path);
    const [x, y, z] = [counter("same"), counter("same"), counter("new")];
    await other.fit(3, { startEpoch: 2, cbs: [x, z, y] });
    expect(x.restored).toEqual([{ count: 2, text: "ü", nothing: null }]);
    expect(y.restored).toEqual([{ count: 12, text: "ü", nothing: null }]);
    expect(z.restored).toEqual([]);
    await other.fit(3, { cbs: [x] });
    expect(x.restored).toHaveLength(1);
  });

  test("weights alone bring no callback's state along", async () => {
    const path = join(folder, "weights.safetensors");
    await using learner = groupedLearner({ dls });
    const cbs = [pretend([0.1, 0.2]), earlyStopping({ patience: 2 })];
    await learner.fit(2, { cbs });
    await learner.save(path);
    await using other = groupedLearner({ dls });
    await other.load(path, { weightsOnly: true });
    expect(
      await other.fit(4, { startEpoch: 2, cbs: [pretend([0, 0, 0.5, 0.6]), earlyStopping({ patience: 2 })] }),
    ).toHaveLength(2);
  });

  test("a state that JSON cannot hold is refused by the callback's name", async () => {
    await using learner = groupedLearner({ dls });
    const odd: Callback = {
      name: "odd",
      state: () => 1n,
      afterEpoch: ({ learner }) => learner.save(join(folder, "odd.safetensors")),
    };
    await expect(learner.fit(1, { cbs: [odd] })).rejects.toThrow(LearnerError);
    await expect(learner.fit(1, { cbs: [odd] })).rejects.toThrow(
      'callback "odd" state: expected data that JSON can hold',
    );
  });
});

describe("fineTune resumed", () => {
  test("loses no epoch of either part, and ends with the same bits", async () => {
    const path = join(folder, "fine-tune.safetensors");
    const options = { baseLr: 0.01, freezeEpochs: 2 };
    await using whole = groupedLearner({ dls });
    const all = await whole.fineTune(3, options);
    expect(all.length).toBe(5);
    for (let done = 1; done < 5; done++) {
      await using cut = groupedLearner({ dls });
      let count = 0;
      const power: Callback = {
        name: "power",
        async afterEpoch({ learner }) {
          await learner.save(path);
          if (++count === done) throw new Error("power failure");
        },
      };
      await expect(cut.fineTune(3, { ...options, cbs: [power] })).rejects.toThrow("power failure");
      await using same = groupedLearner({ dls });
      await same.load(path);
      const rest = await same.fineTune(3, { ...options, startEpoch: done });
      expect(rest.map(({ epoch }) => epoch)).toEqual(all.slice(done).map(({ epoch }) => epoch));
      expect(bitsOf(same)).toEqual(bitsOf(whole));
    }
  });

  test("refuses an epoch beyond both parts, before it freezes anything", async () => {
    await using learner = groupedLearner({ dls });
    const trained = learner.trained.size;
    for (const [startEpoch, message] of [
      [5, "fit startEpoch: expected a whole number from 0 to nEpoch = 4, got 5"],
      [-1, "fineTune: expected startEpoch to be an integer at least 0, got -1"],
      [0.5, "fineTune: expected startEpoch to be an integer at least 0, got 0.5"],
    ] as const) {
      await expect(learner.fineTune(3, { startEpoch })).rejects.toThrow(message);
    }
    await expect(learner.fineTune(3, { wd: Number.NaN })).rejects.toThrow("fineTune: expected wd");
    await expect(learner.fineTune(3, { freezeEpochs: -1 })).rejects.toThrow(
      "fineTune: expected freezeEpochs to be an integer at least 0, got -1",
    );
    expect(learner.trained.size).toBe(trained);
  });
});

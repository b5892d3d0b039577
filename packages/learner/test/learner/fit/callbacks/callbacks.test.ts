import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  Callback,
  CancelScope,
  EpochRecord,
  FitLoop,
  HookName,
  Metric,
} from "../../../../src/learner/index.js";
import {
  accuracy,
  Cancel,
  cancelBatch,
  cancelEpoch,
  cancelFit,
  cancelTrain,
  cancelValidate,
  earlyStopping,
  errorRate,
  f1Score,
  HOOKS,
  LearnerError,
  perplexity,
  saveBest,
} from "../../../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../grouped.js";
import { bitsOf } from "../../toy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-callbacks-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Two steps an epoch. */
const dls = stripeLoaders({ batchSize: 24 });

/** A callback that says which of its hooks are called. */
function logger(log: string[], name = "", order?: number): Callback {
  const hooks = [...HOOKS, "finish" as const].map((hook) => [hook, () => void log.push(`${name}${hook}`)]);
  return { name, ...(order === undefined ? {} : { order }), ...Object.fromEntries(hooks) };
}

const step = ["beforeBatch", "beforeStep", "afterStep", "afterBatch"];
const validation = ["beforeValidate", "afterValidate"];

describe("hooks", () => {
  test("are called in the order of the fit", async () => {
    await using learner = groupedLearner({ dls });
    const log: string[] = [];
    await learner.fit(2, { cbs: [logger(log)] });
    const epoch = ["beforeEpoch", "beforeTrain", ...step, ...step, "afterTrain", ...validation, "afterEpoch"];
    expect(log).toEqual(["beforeFit", ...epoch, ...epoch, "afterFit", "finish"]);
  });

  test("of several callbacks are called by their order, and as given among equals", async () => {
    const log: string[] = [];
    await using learner = groupedLearner({ dls, cbs: [logger(log, "a"), logger(log, "late", 90)] });
    await learner.fit(0, { cbs: [logger(log, "b"), logger(log, "early", -1)] });
    expect(
      log.filter((entry) => entry.endsWith("beforeFit")).map((entry) => entry.replace("beforeFit", "")),
    ).toEqual(["early", "a", "b", "late"]);
  });

  test("are waited for", async () => {
    await using learner = groupedLearner({ dls });
    let slow = 0;
    const cb: Callback = {
      name: "slow",
      async beforeBatch() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        slow++;
      },
      afterStep: () => expect(slow).toBeGreaterThan(0),
    };
    await learner.fit(1, { cbs: [cb] });
    expect(slow).toBe(2);
  });

  test("may change mini-batches, rates and hyper-parameters of the next step", async () => {
    await using changed = groupedLearner({ dls });
    await using plain = groupedLearner({ dls });
    const cb: Callback = {
      name: "change",
      beforeBatch(loop) {
        loop.batches = loop.batches.map((batch) => ({
          ...batch,
          inputs: batch.inputs.map((input) => ({
            ...input,
            data: (input.data as Float32Array).map((x) => -x),
          })),
        }));
      },
      beforeStep(loop) {
        loop.lrs = [0.1, 0.2, 0.3];
        loop.hyper = { ...loop.hyper, mom: 0.5 };
      },
    };
    await changed.fit(1, { cbs: [cb] });
    await plain.fit(1);
    expect(changed.recorder.lrs).toEqual([
      [0.1, 0.2, 0.3],
      [0.1, 0.2, 0.3],
    ]);
    expect(changed.recorder.moms).toEqual([0.5, 0.5]);
    expect(changed.recorder.losses[0]).not.toBe(plain.recorder.losses[0]);
  });
});

describe("cancelling", () => {
  const cases: [CancelScope, HookName, (reason?: string) => never, string[]][] = [
    ["batch", "beforeStep", cancelBatch, [...step.slice(0, 2), "afterBatch"]],
    ["train", "afterBatch", cancelTrain, [...step, "afterTrain", ...validation, "afterEpoch"]],
    ["validate", "beforeValidate", cancelValidate, ["beforeValidate", "afterValidate", "afterEpoch"]],
    ["epoch", "afterStep", cancelEpoch, [...step.slice(0, 3), "afterEpoch"]],
    ["fit", "afterStep", cancelFit, [...step.slice(0, 3), "afterFit"]],
  ];
  for (const [scope, hook, cancel, follow] of cases) {
    test(`the ${scope} ends it, and what comes after goes on`, async () => {
      await using learner = groupedLearner({ dls });
      const log: string[] = [];
      const canceller: Callback = { name: "canceller", order: 99, [hook]: () => cancel("enough") };
      const records = await learner.fit(1, { cbs: [logger(log), canceller] });
      const text = log.join(" ");
      expect(text).toContain(follow.join(" "));
      expect(text.endsWith("afterFit finish")).toBe(true);
      expect(records.length).toBe(scope === "epoch" || scope === "fit" ? 0 : 1);
      // All but a cancelled fit have the next epoch's mini-batches before them.
      expect(learner.state.epoch).toBe(scope === "fit" ? 0 : 1);
    });
  }

  test("a part from outside of it is an error that says so", async () => {
    await using learner = groupedLearner({ dls });
    const cb: Callback = { name: "lost", afterEpoch: () => cancelBatch("too late") };
    const error = await learner.fit(1, { cbs: [cb] }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Cancel);
    expect((error as Cancel).message).toBe(
      "Cancel: expected a hook within the batch to cancel it (too late), got one outside of it",
    );
  });
});

describe("an error in a callback", () => {
  test("ends the fit with the last finished step, and everybody is told to finish", async () => {
    await using learner = groupedLearner({ dls });
    await using twin = groupedLearner({ dls });
    const log: string[] = [];
    const failing: Callback = {
      name: "failing",
      afterStep({ step }) {
        if (step === 1) throw new Error("no space left on device");
      },
    };
    await expect(learner.fit(3, { cbs: [failing, logger(log)] })).rejects.toThrow("no space left on device");
    expect(log.at(-1)).toBe("finish");
    expect(log).not.toContain("afterFit");
    await twin.fit(1, {
      cbs: [{ name: "stop", afterBatch: ({ step }) => (step === 1 ? cancelFit() : undefined) }],
    });
    expect(learner.state.step).toBe(2);
    expect(bitsOf(learner)).toEqual(bitsOf(twin));
    // The learner can be trained on.
    expect((await learner.fit(1)).length).toBe(1);
  });

  test("in finish does not keep the others from finishing", async () => {
    await using learner = groupedLearner({ dls });
    const log: string[] = [];
    const failing: Callback = {
      name: "failing",
      finish() {
        throw new Error("cannot close");
      },
    };
    await expect(learner.fit(1, { cbs: [failing, logger(log)] })).rejects.toThrow("cannot close");
    expect(log.at(-1)).toBe("finish");
  });
});

describe("a fit", () => {
  test("can be aborted before validation; the epoch's training is kept", async () => {
    await using learner = groupedLearner({ dls });
    const controller = new AbortController();
    const cb: Callback = { name: "abort", beforeValidate: () => controller.abort() };
    await expect(learner.fit(2, { cbs: [cb], signal: controller.signal })).rejects.toThrow("aborted");
    expect(learner.state).toMatchObject({ step: 2, epoch: 1 });
  });

  test("cannot run beside another", async () => {
    await using learner = groupedLearner({ dls });
    const cb: Callback = {
      name: "nested",
      beforeEpoch: () =>
        expect(learner.fit(1)).rejects.toThrow("fit: expected no other fit to be running, got one that is"),
    };
    expect((await learner.fit(1, { cbs: [cb] })).length).toBe(1);
  });

  test("that a loss ends keeps the state before that step", async () => {
    await using learner = groupedLearner({ dls });
    let before: Record<string, string> = {};
    const cb: Callback = {
      name: "spoil",
      beforeStep(loop) {
        if (loop.step === 0) return;
        before = bitsOf(learner);
        loop.batches = loop.batches.map((batch) => ({
          ...batch,
          inputs: batch.inputs.map((input) => ({
            ...input,
            data: input.data.slice().fill(Number.NaN as never),
          })),
        })) as never;
      },
    };
    await expect(learner.fit(1, { cbs: [cb] })).rejects.toThrow(
      "fit: expected a finite loss at step 1, got NaN",
    );
    expect(learner.state.step).toBe(1);
    expect(bitsOf(learner)).toEqual(before);
  });
});

/** Makes epochs look as if they had these validation losses. */
function pretend(losses: readonly number[]): Callback {
  return {
    name: "pretend",
    order: 1,
    afterEpoch(loop: FitLoop) {
      Object.assign(loop.record!, {
        validLoss: losses[loop.epoch],
        metrics: { accuracy: -losses[loop.epoch]! },
      });
    },
  };
}

const epochsOf = (records: readonly EpochRecord[]) => records.length;

describe("earlyStopping", () => {
  test("stops after `patience` epochs without an improvement", async () => {
    const losses = [3, 2, 2.5, 2.4, 1, 1.5, 1.4, 1.3, 0];
    for (const [patience, epochs] of [
      [1, 3],
      [2, 4],
      [3, 8],
    ] as const) {
      await using learner = groupedLearner({ dls });
      const cbs = [pretend(losses), earlyStopping({ patience })];
      expect(epochsOf(await learner.fit(9, { cbs }))).toBe(epochs);
    }
  });

  test("knows which way is better, and what counts as a change", async () => {
    await using learner = groupedLearner({ dls });
    const rising = pretend([5, 4, 3.95, 3.9]);
    expect(epochsOf(await learner.fit(4, { cbs: [rising, earlyStopping({ monitor: "accuracy" })] }))).toBe(4);
    expect(epochsOf(await learner.fit(4, { cbs: [rising, earlyStopping({ minDelta: 0.1 })] }))).toBe(3);
    expect(epochsOf(await learner.fit(4, { cbs: [rising, earlyStopping({ better: "larger" })] }))).toBe(2);
    const broken = pretend([Number.NaN, Number.NaN, 1]);
    expect(epochsOf(await learner.fit(3, { cbs: [broken, earlyStopping({ patience: 2 })] }))).toBe(2);
  });

  test("does not count an epoch whose validation was cancelled", async () => {
    await using learner = groupedLearner({ dls });
    const cb: Callback = { name: "skip", beforeValidate: () => cancelValidate() };
    expect(epochsOf(await learner.fit(3, { cbs: [cb, earlyStopping()] }))).toBe(3);
  });
});

describe("a monitored measure", () => {
  /** A metric with a value for each validation. */
  const own = (values: readonly number[], better?: "smaller" | "larger", name = "own"): Metric => {
    let i = 0;
    return {
      name,
      ...(better ? { better } : {}),
      start: () => ({ add() {}, value: () => values[i++ % values.length]! }),
    };
  };

  test("is better as the metric says, whatever its name", async () => {
    const best = async (monitor: string, better: "smaller" | "larger") => {
      await using learner = groupedLearner({ dls, metrics: [own([5, 3, 9, 4], better, monitor)] });
      const states: Record<string, string>[] = [];
      const keep: Callback = { name: "keep", order: 2, afterEpoch: () => void states.push(bitsOf(learner)) };
      const path = join(folder, "monitored.safetensors");
      await learner.fit(4, { cbs: [keep, saveBest({ monitor, path })] });
      return states.findIndex((state) => state["param:8.weight"] === bitsOf(learner)["param:8.weight"]);
    };
    for (const name of ["mse", "mape", "nll", "rmsle", "accuracy"]) {
      expect(await best(name, "smaller"), name).toBe(1);
      expect(await best(name, "larger"), name).toBe(2);
    }
  });

  test("of ours needs no word: the best epoch is the one with the best value", async () => {
    await using learner = groupedLearner({ dls, metrics: [accuracy, errorRate, perplexity] });
    for (const [monitor, smaller] of [
      ["accuracy", false],
      ["errorRate", true],
      ["perplexity", true],
      ["validLoss", true],
      ["trainLoss", true],
    ] as const) {
      let best: number | undefined;
      const path = join(folder, "ours.safetensors");
      const keeper = saveBest({ monitor, path, restore: false });
      const saved: number[] = [];
      const measureOf = ({ trainLoss, validLoss, metrics }: EpochRecord) => {
        const values: Record<string, number> = { ...metrics, trainLoss, validLoss: validLoss! };
        return values[monitor]!;
      };
      const cb: Callback = {
        ...keeper,
        async afterEpoch(loop) {
          await rm(path, { force: true });
          await keeper.afterEpoch!(loop);
          const value = measureOf(loop.record!);
          const isBest = best === undefined || (smaller ? value < best : value > best);
          expect(existsSync(path), `${monitor} ${value} after ${best}`).toBe(isBest);
          if (isBest) best = value;
          saved.push(value);
        },
      };
      await learner.fit(4, { lr: 0.5, cbs: [cb] });
      expect(saved.length).toBe(4);
    }
  });

  test("that does not say which way is better must be told, before the fit begins", async () => {
    await using learner = groupedLearner({ dls, metrics: [own([3, 2, 1])] });
    const path = join(folder, "own.safetensors");
    for (const cb of [earlyStopping({ monitor: "own" }), saveBest({ monitor: "own", path })]) {
      await expect(learner.fit(3, { cbs: [cb] })).rejects.toThrow(
        'monitor: expected better to be "smaller" or "larger", as the metric "own" does not say, got undefined; try { monitor: "own", better: "smaller" }',
      );
    }
    expect(learner.state.step).toBe(0);
    const stop = earlyStopping({ monitor: "own", better: "smaller" });
    expect(epochsOf(await learner.fit(3, { cbs: [stop] }))).toBe(3);
  });

  test("that there is not is refused before the fit begins, with the names there are", async () => {
    await using learner = groupedLearner({ dls });
    const path = join(folder, "unknown.safetensors");
    for (const [monitor, message] of [
      ["f1", 'monitor: expected one of trainLoss, validLoss, accuracy, got "f1"'],
      ["acuracy", 'got "acuracy"; try accuracy'],
      ["valid_loss", 'got "valid_loss"; try validLoss'],
    ] as const) {
      for (const cb of [earlyStopping({ monitor }), saveBest({ monitor, path })]) {
        await expect(learner.fit(1, { cbs: [cb] })).rejects.toThrow(message);
        await expect(learner.fitOneCycle(1, { cbs: [cb] })).rejects.toThrow(LearnerError);
      }
    }
    expect(learner.state.step).toBe(0);
    await using blind = groupedLearner({ dls: { train: dls.train } });
    for (const monitor of ["validLoss", "accuracy"]) {
      await expect(blind.fit(1, { cbs: [earlyStopping({ monitor })] })).rejects.toThrow(
        `monitor: expected one of trainLoss, got "${monitor}" without a validation set; try data loaders with a validation set`,
      );
    }
    expect((await blind.fit(1, { cbs: [earlyStopping({ monitor: "trainLoss" })] })).length).toBe(1);
  });

  test("has a name of its own in each learner", () => {
    expect(() => groupedLearner({ dls, metrics: [accuracy, f1Score(), f1Score({ positive: 1 })] })).toThrow(
      'Learner metrics: expected metrics with names of their own, got two named "f1Score"',
    );
    expect(() => groupedLearner({ dls, metrics: [own([1], "smaller", "validLoss")] })).toThrow(
      'got one named "validLoss", as a loss is',
    );
  });

  test("does not overwrite another in the record", async () => {
    const metrics = [f1Score({ positive: 0 }), f1Score({ positive: 2 }), f1Score({ average: "macro" })];
    await using learner = groupedLearner({ dls, metrics });
    const [record] = await learner.fit(1);
    expect(Object.keys(record!.metrics)).toEqual(["f1Score of 0", "f1Score of 2", "f1Score macro"]);
  });
});

describe("saveBest", () => {
  test("saves the best epoch and restores its weights at the end, whoever ends the fit", async () => {
    await using learner = groupedLearner({ dls });
    const path = join(folder, "best.safetensors");
    const states: Record<string, string>[] = [];
    const keep: Callback = { name: "keep", order: 2, afterEpoch: () => void states.push(bitsOf(learner)) };
    const cbs = [pretend([3, 1, 2, 2]), keep, saveBest({ path }), earlyStopping({ patience: 2 })];
    await learner.fit(6, { cbs });
    expect(states.length).toBe(4);
    const weights = (bits: Record<string, string>) =>
      Object.fromEntries(Object.entries(bits).filter(([name]) => !name.startsWith("slot:")));
    expect(weights(bitsOf(learner))).toEqual(weights(states[1]!));
    // Optimizer and counters go on.
    expect(bitsOf(learner)["slot:mean:8.weight"]).toBe(states[3]!["slot:mean:8.weight"]);
    expect(learner.state.epoch).toBe(4);
    await learner.load(path);
    expect(bitsOf(learner)).toEqual(states[1]);
    expect(learner.state.epoch).toBe(2);
  });

  test("a file that cannot be written ends the fit before its first step", async () => {
    await using learner = groupedLearner({ dls });
    const file = join(folder, "file");
    await writeFile(file, "");
    for (const path of [folder, join(file, "best.safetensors"), join(folder, "x".repeat(300)), "\0", ""]) {
      const run = async () => learner.fit(2, { cbs: [saveBest({ path })] });
      const error = await run().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: "LearnerError" });
      expect(learner.state.step).toBe(0);
    }
  });

  test("makes the folder that is not there", async () => {
    await using learner = groupedLearner({ dls });
    const path = join(folder, "not", "there", "best.safetensors");
    await learner.fit(1, { cbs: [saveBest({ path })] });
    await learner.load(path);
  });

  test("writes nothing where no epoch is best", async () => {
    await using learner = groupedLearner({ dls });
    const path = join(folder, "none.safetensors");
    await learner.fit(1, { cbs: [pretend([Number.NaN]), saveBest({ path })] });
    expect(existsSync(path)).toBe(false);
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});

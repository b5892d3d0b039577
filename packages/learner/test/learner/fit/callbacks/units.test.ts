import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallbackList } from "../../../../src/learner/fit/callbacks/callback.js";
import { Monitor } from "../../../../src/learner/fit/callbacks/monitor.js";
import { recording } from "../../../../src/learner/fit/callbacks/recorder.js";
import { stepReporter } from "../../../../src/learner/fit/callbacks/step-reporter.js";
import type {
  Callback,
  EpochRecord,
  FitLoop,
  FitStep,
  ParamSchedules,
} from "../../../../src/learner/index.js";
import {
  Cancel,
  cancelBatch,
  cancelEpoch,
  cancelFit,
  cancelTrain,
  cancelValidate,
  earlyStopping,
  LearnerError,
  paramScheduler,
  saveBest,
} from "../../../../src/learner/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-callback-units-"));
});
afterAll(() => rm(folder, { recursive: true }));

const loopOf = (parts: object) => parts as FitLoop;
const recordOf = (validLoss: number | undefined, metrics: Record<string, number> = {}): EpochRecord => ({
  epoch: 0,
  trainLoss: 1,
  ...(validLoss === undefined ? {} : { validLoss }),
  metrics,
  durationMs: 1,
});
/** What an error says and is. */
const caught = async (act: () => unknown) => {
  try {
    await act();
  } catch (error) {
    return error as LearnerError & Cancel;
  }
  return expect.fail("nothing was thrown");
};

describe("cancelling", () => {
  test.each([
    ["batch", cancelBatch],
    ["train", cancelTrain],
    ["validate", cancelValidate],
    ["epoch", cancelEpoch],
    ["fit", cancelFit],
  ] as const)("the %s says so, and why", async (scope, cancel) => {
    const bare = await caught(() => cancel());
    expect(bare).toBeInstanceOf(Cancel);
    expect(bare).toMatchObject({ name: "Cancel", scope, reason: "no reason given" });
    const { message, reason } = await caught(() => cancel("enough"));
    expect(reason).toBe("enough");
    expect(message).toBe(
      `Cancel: expected a hook within the ${scope} to cancel it (enough), got one outside of it`,
    );
  });
});

describe("a list of callbacks", () => {
  const loop = loopOf({ epoch: 3 });

  test("calls hooks by order, 0 where none is given, and as given among equals", async () => {
    const log: string[] = [];
    const cb = (name: string, order?: number): Callback => ({
      name,
      ...(order === undefined ? {} : { order }),
      afterStep: (given) => void log.push(`${name}${given.epoch}`),
    });
    const list = new CallbackList([cb("a", 1), cb("b"), cb("c", -1), cb("d", 0), cb("e", 1), { name: "f" }]);
    await list.call("afterStep", loop);
    expect(log).toEqual(["c3", "b3", "d3", "a3", "e3"]);
  });

  test("gives states as JSON has them, without those that are none", () => {
    const live = { list: [1, { a: undefined }] };
    const list = new CallbackList([
      { name: "b", order: 2, state: () => live },
      { name: "none" },
      { name: "nothing", state: () => undefined },
      { name: "function", state: () => () => 1 },
      { name: "null", order: 1, state: () => null },
      { name: "epoch", order: 3, state: ({ epoch }) => epoch },
    ]);
    const states = list.states(loop);
    live.list.push(2);
    expect(states).toEqual([
      { name: "null", state: null },
      { name: "b", state: { list: [1, {}] } },
      { name: "epoch", state: 3 },
    ]);
  });

  test("refuses what JSON cannot hold, by the callback's name", async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const [state, got] of [
      [1n, "1n"],
      [cyclic, "an object"],
    ] as const) {
      const error = await caught(() => new CallbackList([{ name: "odd", state: () => state }]).states(loop));
      expect(error).toBeInstanceOf(LearnerError);
      expect(error.where).toBe('callback "odd" state');
      expect(error.message).toContain(`expected data that JSON can hold, got ${got}`);
      expect(error.cause).toBeInstanceOf(TypeError);
    }
  });

  test("gives each state to one callback of its name that takes it, in order, and waits for it", async () => {
    const log: unknown[] = [];
    const cb = (name: string, label: string, order = 0): Callback => ({
      name,
      order,
      async restore(state, given) {
        await Promise.resolve();
        log.push([label, state, given.epoch]);
      },
    });
    const list = new CallbackList([cb("x", "late", 5), { name: "x" }, cb("x", "first"), cb("y", "other")]);
    await list.restore(
      [
        { name: "z", state: 0 },
        { name: "x", state: 1 },
        { name: "x", state: 2 },
        { name: "x", state: 3 },
      ],
      loop,
    );
    expect(log).toEqual([
      ["first", 1, 3],
      ["late", 2, 3],
    ]);
  });

  test("finishes all, and throws the first error", async () => {
    const log: string[] = [];
    const fail = (name: string): Callback => ({
      name,
      async finish() {
        log.push(name);
        throw new Error(name);
      },
    });
    const list = new CallbackList([fail("a"), { name: "none" }, fail("b")]);
    await expect(list.finish(loop)).rejects.toThrow("a");
    expect(log).toEqual(["a", "b"]);
    await new CallbackList([{ name: "c", finish: () => void log.push("c") }]).finish(loop);
    expect(log.at(-1)).toBe("c");
  });
});

/** Learners as trackers look at them. */
const learnerOf = (metrics: readonly { name: string; better?: string }[] = [], valid = true) => ({
  learner: { dls: valid ? { valid: {} } : {}, metrics },
});
const monitorOf = (options: object, metrics?: readonly { name: string; better?: string }[]) => {
  const monitor = new Monitor(options);
  monitor.reset(learnerOf(metrics) as never);
  return monitor;
};

describe("a monitor", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  test.each<[string, object, readonly number[], readonly boolean[]]>([
    ["smaller", {}, [3, 2, 2, 2.5, 1], [true, true, false, false, true]],
    ["larger", { better: "larger" }, [3, 2, 3, 4, 4], [true, false, false, true, false]],
    ["by a delta", { minDelta: 0.5 }, [3, 2.5, 2.49, 2, 1.98], [true, false, true, false, true]],
    [
      "by a delta, larger",
      { better: "larger", minDelta: 0.5 },
      [1, 1.5, 1.51, 2],
      [true, false, true, false],
    ],
    ["never NaN", {}, [nan, 2, nan, 1], [false, true, false, true]],
    ["from infinity down", {}, [inf, inf, 5, -inf, -inf], [true, false, true, true, false]],
    ["any first value", { minDelta: 100 }, [1, 0, -99, -99.5], [true, false, false, true]],
  ])("knows what is better: %s", (_, options, values, better) => {
    const monitor = monitorOf(options);
    let best: number | undefined;
    values.forEach((value, i) => {
      expect(monitor.improves(recordOf(value)), `value ${i}`).toBe(better[i]);
      if (better[i]) best = value;
      expect(monitor.best).toBe(best);
    });
  });

  test("takes the way from the option, then from the metric; losses are better smaller", () => {
    const metrics = [
      { name: "up", better: "larger" },
      { name: "down", better: "smaller" },
    ];
    const rises = (options: object) => {
      const monitor = monitorOf(options, metrics);
      const record = (x: number) => ({ ...recordOf(x, { up: x, down: x }), trainLoss: x });
      monitor.improves(record(1));
      return monitor.improves(record(2));
    };
    expect(rises({ monitor: "up" })).toBe(true);
    expect(rises({ monitor: "down" })).toBe(false);
    expect(rises({ monitor: "up", better: "smaller" })).toBe(false);
    expect(rises({ monitor: "down", better: "larger" })).toBe(true);
    expect(rises({ monitor: "trainLoss" })).toBe(false);
    expect(rises({})).toBe(false);
    expect(rises({ better: "larger" })).toBe(true);
  });

  test("reads the measure of its name; an epoch without it is none", () => {
    const record: EpochRecord = { ...recordOf(2, { own: 3, trainLoss: 9, validLoss: 9 }), trainLoss: 1 };
    expect(new Monitor({ monitor: "own" }).valueOf(record)).toBe(3);
    expect(new Monitor({ monitor: "trainLoss" }).valueOf(record)).toBe(1);
    expect(new Monitor({}).valueOf(record)).toBe(2);
    const monitor = monitorOf({});
    expect(monitor.improves(recordOf(undefined))).toBe(false);
    expect(monitor.best).toBeUndefined();
  });

  test.each<[object, readonly { name: string; better?: string }[], boolean, string]>([
    [{ monitor: "f1" }, [{ name: "mae" }], true, 'expected one of trainLoss, validLoss, mae, got "f1"'],
    [{ monitor: "trainLos" }, [], true, 'got "trainLos"; try trainLoss'],
    [
      {},
      [],
      false,
      'expected one of trainLoss, got "validLoss" without a validation set; try data loaders with a validation set',
    ],
    [{ monitor: "mae" }, [{ name: "mae" }], false, 'got "mae" without a validation set; try data loaders'],
    [{ monitor: "trainLos" }, [{ name: "mae" }], false, 'one of trainLoss, got "trainLos"; try trainLoss'],
    [
      { monitor: "mae" },
      [{ name: "mae" }],
      true,
      'expected better to be "smaller" or "larger", as the metric "mae" does not say, got undefined; try { monitor: "mae", better: "smaller" }, or the field better of the metric',
    ],
    [{ monitor: "mae" }, [{ name: "mae", better: "less" }], true, 'does not say, got "less"'],
  ])("%j of %j is refused", async (options, metrics, valid, words) => {
    const error = await caught(() => new Monitor(options).reset(learnerOf(metrics, valid) as never));
    expect(error).toBeInstanceOf(LearnerError);
    expect(error.where).toBe("monitor");
    expect(error.message).toContain(words);
    expect(error.message.includes("without a validation set")).toBe(words.includes("without"));
  });

  test("remembers the best value, as JSON holds it, and nothing of another measure", async () => {
    for (const value of [undefined, 0, -3.5, Infinity, -Infinity]) {
      const monitor = monitorOf({});
      if (value !== undefined) monitor.improves(recordOf(value));
      const state = JSON.parse(JSON.stringify(monitor.state())) as object;
      expect(state).toEqual({
        monitor: "validLoss",
        ...(value === undefined ? {} : { best: Number.isFinite(value) ? value : String(value) }),
      });
      const other = monitorOf({});
      other.improves(recordOf(-1e9));
      other.restore(state, "here");
      expect(other.best).toBe(value);
      other.reset(learnerOf() as never);
      expect(other.best).toBeUndefined();
    }
    const cases: [unknown, string][] = [
      [
        undefined,
        'the state of a tracker of "validLoss", got that of one of undefined; try the monitor that',
      ],
      [null, "got that of one of undefined"],
      [{ monitor: "accuracy", best: 1 }, 'got that of one of "accuracy"'],
      ...["NaN", "1", null, true, {}, Number.NaN, Infinity].map((best): [unknown, string] => [
        { monitor: "validLoss", best },
        "expected best to be a number, got ",
      ]),
    ];
    for (const [state, words] of cases) {
      const monitor = monitorOf({});
      monitor.improves(recordOf(5));
      const error = await caught(() => monitor.restore(state, "here"));
      expect(error).toBeInstanceOf(LearnerError);
      expect(error.where).toBe("here");
      expect(error.message).toContain(words);
      expect(monitor.best).toBe(5);
    }
  });
});

describe("earlyStopping", () => {
  const start = (options: object = {}) => {
    const cb = earlyStopping(options);
    cb.beforeFit!(loopOf(learnerOf()));
    return cb;
  };
  /** The reason for which an epoch ends the fit. */
  const reasonAfter = async (cb: Callback, record: EpochRecord | undefined) => {
    try {
      await cb.afterEpoch!(loopOf({ record }));
    } catch (error) {
      expect(error).toMatchObject({ name: "Cancel", scope: "fit" });
      return (error as Cancel).reason;
    }
    return undefined;
  };

  test("says what has not improved, and for how long", async () => {
    const cb = start({ patience: 2 });
    for (const value of [2, 2]) expect(await reasonAfter(cb, recordOf(value))).toBeUndefined();
    expect(await reasonAfter(cb, recordOf(3))).toBe("validLoss has not improved for 2 epoch(s)");
    expect(cb).toMatchObject({ name: "earlyStopping", order: 70 });
    const first = start();
    expect(await reasonAfter(first, recordOf(1))).toBeUndefined();
    expect(await reasonAfter(first, recordOf(1))).toBe("validLoss has not improved for 1 epoch(s)");
  });

  test("counts an epoch once, also where its state is asked for first, and none without a value", async () => {
    const cb = start({ patience: 2 });
    await reasonAfter(cb, recordOf(1));
    const worse = recordOf(2);
    for (let i = 0; i < 3; i++) {
      expect(cb.state!(loopOf({ record: worse }))).toEqual({ monitor: "validLoss", best: 1, waited: 1 });
    }
    expect(await reasonAfter(cb, worse)).toBeUndefined();
    expect(await reasonAfter(cb, undefined)).toBeUndefined();
    expect(await reasonAfter(cb, recordOf(undefined))).toBeUndefined();
    expect(cb.state!(loopOf({ record: undefined }))).toMatchObject({ waited: 1 });
    expect(await reasonAfter(cb, recordOf(3))).toContain("for 2 epoch(s)");
    // The patience is used up: an epoch that says nothing does not end the fit again.
    expect(await reasonAfter(cb, recordOf(undefined))).toBeUndefined();
    expect(await reasonAfter(cb, recordOf(0))).toBeUndefined();
    expect(cb.state!(loopOf({}))).toMatchObject({ best: 0, waited: 0 });
  });

  test("begins each fit anew, or with what it remembered", async () => {
    const cb = start({ patience: 3 });
    for (const value of [1, 2, 3]) await reasonAfter(cb, recordOf(value));
    const state = cb.state!(loopOf({}));
    cb.beforeFit!(loopOf(learnerOf()));
    expect(cb.state!(loopOf({}))).toEqual({ monitor: "validLoss", waited: 0 });
    cb.restore!(state, loopOf({}));
    expect(cb.state!(loopOf({}))).toEqual({ monitor: "validLoss", best: 1, waited: 2 });
    expect(await reasonAfter(cb, recordOf(1))).toContain("for 3 epoch(s)");
  });

  test("refuses a state that is none, and stays as it is", async () => {
    const cb = start();
    await reasonAfter(cb, recordOf(1));
    for (const waited of [-1, 0.5, "1", null, undefined, Number.NaN]) {
      const error = await caught(() => cb.restore!({ monitor: "validLoss", best: 3, waited }, loopOf({})));
      expect(error).toBeInstanceOf(LearnerError);
      expect(error.message).toContain("earlyStopping restore: expected waited to be an integer at least 0");
    }
    for (const state of [null, undefined]) {
      expect(await caught(() => cb.restore!(state, loopOf({})))).toBeInstanceOf(LearnerError);
    }
    const other = await caught(() => cb.restore!({ monitor: "accuracy", waited: 0 }, loopOf({})));
    expect(other.where).toBe("earlyStopping restore");
    expect(cb.state!(loopOf({}))).toEqual({ monitor: "validLoss", best: 1, waited: 0 });
  });
});

describe("saveBest", () => {
  /** A learner that notes what is saved and loaded. */
  function fake() {
    const log: unknown[] = [];
    const learner = {
      ...learnerOf().learner,
      fails: false,
      async save(path: unknown) {
        if (learner.fails) throw new Error("no space left");
        log.push(["save", path]);
      },
      async load(path: unknown, options: unknown) {
        log.push(["load", path, options]);
      },
    };
    return { log, learner };
  }
  const setUp = async (options: object = {}) => {
    const path = join(folder, "fake.safetensors");
    const cb = saveBest({ path, ...options });
    const { log, learner } = fake();
    await cb.beforeFit!(loopOf({ learner }));
    const epoch = (value: number | undefined) =>
      cb.afterEpoch!(loopOf({ record: value === undefined ? undefined : recordOf(value), learner }));
    const state = () => cb.state!(loopOf({ learner }));
    return { cb, log, learner, path, epoch, state };
  };

  test("saves each better epoch, and gives back the weights of the best, unless it is not to", async () => {
    for (const restore of [undefined, true, false]) {
      const { cb, log, learner, path, epoch } = await setUp(restore === undefined ? {} : { restore });
      for (const value of [3, 4, undefined, 2, Number.NaN]) await epoch(value);
      expect(log).toEqual([
        ["save", path],
        ["save", path],
      ]);
      await cb.afterFit!(loopOf({ learner }));
      expect(log.slice(2)).toEqual(restore === false ? [] : [["load", path, { weightsOnly: true }]]);
      expect(cb).toMatchObject({ name: "saveBest", order: 65 });
    }
  });

  test("gives back nothing where no epoch was the best", async () => {
    const { cb, log, learner, epoch } = await setUp();
    await epoch(Number.NaN);
    await cb.afterFit!(loopOf({ learner }));
    expect(log).toEqual([]);
  });

  test("remembers whether the file is there, and saves what it could not save before", async () => {
    const { cb, log, learner, epoch, state } = await setUp();
    expect(state()).toEqual({ monitor: "validLoss", isSaved: true });
    const record = recordOf(3);
    // Another callback's checkpoint, before this one's turn.
    expect(cb.state!(loopOf({ record, learner }))).toEqual({ monitor: "validLoss", best: 3, isSaved: false });
    await cb.afterEpoch!(loopOf({ record, learner }));
    expect(state()).toEqual({ monitor: "validLoss", best: 3, isSaved: true });
    learner.fails = true;
    await expect(epoch(2)).rejects.toThrow("no space left");
    expect(state()).toEqual({ monitor: "validLoss", best: 2, isSaved: false });
    learner.fails = false;
    await epoch(5);
    expect(log).toHaveLength(2);
    expect(state()).toEqual({ monitor: "validLoss", best: 2, isSaved: true });
    await cb.beforeFit!(loopOf({ learner }));
    expect(state()).toEqual({ monitor: "validLoss", isSaved: true });
  });

  test("its own file says that it is there", async () => {
    const { cb, learner } = await setUp();
    let inFile: unknown;
    learner.save = async () => {
      inFile = cb.state!(loopOf({ learner }));
    };
    await cb.afterEpoch!(loopOf({ record: recordOf(1), learner }));
    expect(inFile).toEqual({ monitor: "validLoss", best: 1, isSaved: true });
  });

  test("resumed, saves what was not, or looks for its file", async () => {
    const { cb, log, learner, path } = await setUp();
    const resume = (state: object) =>
      cb.restore!({ monitor: "validLoss", ...state }, loopOf({ learner })) as Promise<void>;
    await rm(path, { force: true });
    await resume({ best: 1, isSaved: false });
    expect(log).toEqual([["save", path]]);
    await resume({ isSaved: true });
    const error = await caught(() => resume({ best: 1, isSaved: true }));
    expect(error.message).toBe(
      `saveBest "${path}": expected the file of the best epoch before the fit was interrupted, got none; try to put it back, or to begin anew without startEpoch`,
    );
    expect(error).toBeInstanceOf(LearnerError);
    expect(error.cause).toMatchObject({ code: "ENOENT" });
    await writeFile(path, "");
    await resume({ best: 1, isSaved: true });
    expect(log).toHaveLength(1);
    const other = await caught(() => resume({ monitor: "accuracy" }));
    expect(other.where).toBe(`saveBest "${path}"`);
  });

  test("finds out before the first epoch that its file cannot be written", async () => {
    const cb = saveBest({ path: folder });
    const { learner } = fake();
    await expect(cb.beforeFit!(loopOf({ learner }))).rejects.toThrow("a file to write, got a folder");
  });
});

describe("paramScheduler", () => {
  const before = () => ({ position: 0.25, lrs: [1, 2], hyper: { mom: 0.9, wd: 0.1 } });
  const set = (schedules: ParamSchedules) => {
    const loop = before();
    const cb = paramScheduler(schedules);
    expect(cb).toMatchObject({ name: "paramScheduler", order: 60 });
    cb.beforeBatch!(loopOf(loop));
    return { lrs: loop.lrs, ...loop.hyper };
  };

  test.each<[ParamSchedules, object]>([
    [{}, {}],
    [{ lr: (p: number) => 4 * p }, { lrs: [1, 1] }],
    [{ lr: [(p: number) => 4 * p, () => 7] }, { lrs: [1, 7] }],
    [{ mom: (p: number) => p }, { mom: 0.25 }],
    [{ wd: (p: number) => p }, { wd: 0.25 }],
    [
      { mom: () => 0, wd: () => 0, lr: () => 0 },
      { mom: 0, wd: 0, lrs: [0, 0] },
    ],
  ])("sets what it has a schedule for: %o", (schedules, change) => {
    expect(set(schedules)).toEqual({ lrs: [1, 2], mom: 0.9, wd: 0.1, ...change });
  });
});

describe("the recorder", () => {
  test("smooths losses by their weights, as its formula says", () => {
    const { recorder, callback } = recording();
    const steps = Array.from({ length: 30 }, (_, i) => ({ loss: 2 + Math.sin(i), weight: 1 + (i % 5) }));
    for (const [i, step] of steps.entries()) {
      callback.afterStep!(loopOf({ ...step, lrs: [i, 2 * i], hyper: { mom: i / 100, wd: 3 } }));
    }
    steps.forEach((_, n) => {
      // Σ βⁿ⁻ⁱ wᵢ lossᵢ / Σ βⁿ⁻ⁱ wᵢ
      let [sum, weights] = [0, 0];
      for (let i = 0; i <= n; i++) {
        sum += 0.98 ** (n - i) * steps[i]!.weight * steps[i]!.loss;
        weights += 0.98 ** (n - i) * steps[i]!.weight;
      }
      expect(recorder.smoothedLosses[n]).toBeCloseTo(sum / weights, 12);
    });
    expect(recorder.losses).toEqual(steps.map(({ loss }) => loss));
    expect(recorder.weights).toEqual(steps.map(({ weight }) => weight));
    expect(recorder.lrs[7]).toEqual([7, 14]);
    expect(recorder.moms[7]).toBe(0.07);
    expect(callback).toMatchObject({ name: "recorder", order: 50 });
  });

  test("keeps equal losses equal, and epochs that were not cancelled", () => {
    const { recorder, callback } = recording();
    for (const weight of [3, 1, 7, 2]) callback.afterStep!(loopOf({ loss: 0.1, weight, lrs: [], hyper: {} }));
    expect(recorder.smoothedLosses).toEqual([0.1, 0.1, 0.1, 0.1]);
    const record = recordOf(1);
    for (const given of [record, undefined]) callback.afterEpoch!(loopOf({ record: given }));
    expect(recorder.epochs).toEqual([record]);
  });
});

test("the step reporter tells of a step, after schedules and trackers, and waits for the answer", async () => {
  const told: FitStep[] = [];
  let answered = false;
  const cb = stepReporter(async (step) => {
    told.push(step);
    await new Promise((resolve) => setTimeout(resolve, 5));
    answered = true;
  });
  await cb.afterStep!(
    loopOf({ epoch: 1, step: 2, stepsPerEpoch: 3, lrs: [4], loss: 5, weight: 6, learner: 7 }),
  );
  expect(answered).toBe(true);
  expect(told).toEqual([{ epoch: 1, step: 2, stepsPerEpoch: 3, lrs: [4], loss: 5 }]);
  expect(cb).toMatchObject({ name: "stepReporter", order: 80 });
});

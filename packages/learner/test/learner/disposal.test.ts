import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@lrfind/engine";
import { expect, test } from "vitest";
import { type Learner, LearnerError } from "../../src/learner/index.js";
import { groupedLearner } from "./grouped.js";

const message = /expected a learner in use, got one that has been disposed/;

test("a disposed learner refuses every call by its name, and writes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lrfind-disposed-"));
  const path = join(folder, "file");
  const learner = groupedLearner();
  await learner.fit(1);
  const calls: Record<string, (learner: Learner) => unknown> = {
    fit: () => learner.fit(1),
    fitOneCycle: () => learner.fitOneCycle(1),
    fitFlatCos: () => learner.fitFlatCos(1),
    fitSgdr: () => learner.fitSgdr(1, 1),
    fineTune: () => learner.fineTune(1),
    lrFind: () => learner.lrFind(),
    startTrial: () => learner.startTrial(),
    validate: () => learner.validate(),
    getPreds: () => learner.getPreds(),
    predict: () => learner.predict(1),
    decode: () => learner.decode({ predictions: tensor("float32", [1, 1], [0]) }),
    topLosses: () => learner.topLosses(),
    tta: () => learner.tta(),
    confusionMatrix: () => learner.confusionMatrix(),
    export: () => learner.export(path),
    save: () => learner.save(path),
    load: () => learner.load(path),
    freeze: () => learner.freeze(),
    freezeTo: () => learner.freezeTo(1),
    unfreeze: () => learner.unfreeze(),
    summary: () => learner.summary(),
    useAverage: () => learner.useAverage(),
  };
  await learner[Symbol.asyncDispose]();
  await learner[Symbol.asyncDispose]();
  // No public method is left out.
  const methods = prototypesOf(learner).flatMap((prototype) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(
        ([name, { value }]) =>
          typeof value === "function" && !["constructor", "validateState"].includes(name),
      )
      .map(([name]) => name),
  );
  expect(Object.keys(calls).sort()).toEqual(methods.sort());
  for (const [name, call] of Object.entries(calls)) {
    const error = await Promise.resolve()
      .then(() => call(learner))
      .catch((caught: unknown) => caught);
    expect(error, name).toBeInstanceOf(LearnerError);
    expect((error as Error).message).toMatch(message);
    expect((error as LearnerError).where).toBe(name);
  }
  // What it knows can still be read.
  expect(learner.state.step).toBe(6);
  expect(learner.recorder.losses).toHaveLength(6);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

test.each(["beforeFit", "afterStep", "afterTrain", "afterEpoch", "afterFit", "finish"] as const)(
  "a fit whose learner is disposed in %s rejects",
  async (hook) => {
    const learner = groupedLearner();
    const disposer = { name: "disposer", [hook]: () => learner[Symbol.asyncDispose]() };
    const error = await learner.fit(1, { cbs: [disposer] }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LearnerError);
    expect((error as Error).message).toMatch(message);
  },
);

test("a fit or a search whose learner is disposed from outside rejects", async () => {
  for (const start of [
    (learner: Learner) => learner.fit(100),
    (learner: Learner) => learner.lrFind({ numIt: 1000, stopDiv: false }),
    (learner: Learner) => learner.lrFind({ numIt: 1000, lossOn: "validation", stopDiv: false }),
  ]) {
    const learner = groupedLearner();
    const work = start(learner).catch((caught: unknown) => caught);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await learner[Symbol.asyncDispose]();
    const error = await work;
    expect(error).toBeInstanceOf(LearnerError);
    expect((error as Error).message).toMatch(message);
  }
});

test("a trial of a disposed learner makes no step", async () => {
  const learner = groupedLearner();
  await using trial = await learner.startTrial();
  await trial.step(0.01);
  await learner[Symbol.asyncDispose]();
  await expect(trial.step(0.01)).rejects.toThrow(message);
  await expect(trial.validate!()).rejects.toThrow(message);
});

/** Everything that an object takes its methods from, but what every object has. */
function prototypesOf(value: object): object[] {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype ? [] : [prototype, ...prototypesOf(prototype)];
}

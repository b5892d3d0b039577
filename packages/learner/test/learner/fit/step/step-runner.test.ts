import { describe, expect, test } from "vitest";
import { dropout, linear, modelOf, mse, relu, sequential, sgd } from "../../../../../engine/src/nn/index.js";
import { type Tensor, tensor } from "../../../../../engine/src/onnx/index.js";
import { fillDropoutMask } from "../../../../../engine/src/random/index.js";
import { batchFeeds, lossOf } from "../../../../src/learner/fit/step/feeds.js";
import type { Compiled, SessionCache } from "../../../../src/learner/fit/step/session-cache.js";
import { StepRunner } from "../../../../src/learner/fit/step/step-runner.js";
import { initialState } from "../../../../src/learner/state.js";

const model = modelOf(sequential(linear(3, 4), relu(), dropout(0.25), linear(4, 1)));
const names = model.parameters.map(({ name }) => name);
const batchOf = (rows: number) => ({
  size: rows,
  inputs: [
    tensor(
      "float32",
      [rows, 3],
      Float32Array.from({ length: 3 * rows }, (_, i) => Math.sin(i)),
    ),
  ],
  targets: [
    tensor(
      "float32",
      [rows, 1],
      Float32Array.from({ length: rows }, (_, i) => i),
    ),
  ],
});

/** A runner whose feeds can be read: nothing is kept, and each run is written down. */
function watched(optFunc = sgd({ mom: 0.9 })) {
  const keys: string[] = [];
  const feeds: Record<string, Tensor>[] = [];
  const into: Record<string, Tensor>[] = [];
  const sessions = {
    async use(key: string, make: () => Promise<Compiled>, act: (compiled: Compiled) => Promise<unknown>) {
      keys.push(key);
      const compiled = await make();
      const run = compiled.session.run.bind(compiled.session);
      const session = Object.create(compiled.session) as typeof compiled.session;
      Object.assign(session, {
        run(given: Record<string, Tensor>, options: { into?: Record<string, Tensor> }) {
          feeds.push(structuredClone(given));
          into.push(options.into ?? {});
          return run(given, options as never);
        },
      });
      const result = await act({ ...compiled, session });
      await compiled.session[Symbol.asyncDispose]();
      return result;
    },
  } as unknown as SessionCache;
  const runner = new StepRunner({
    model,
    lossFunc: mse(),
    optimizer: optFunc,
    groups: [
      { name: "body", parameters: names.slice(0, 2) },
      { name: "head", parameters: names.slice(2) },
    ],
    decayed: new Set(names),
    runtime: { threads: 1 },
    sessions,
  });
  return { runner, keys, feeds, into };
}
const told = { lrs: [0.1, 0.2], hyper: { mom: 0.9, wd: 0 }, trained: new Set(names), seed: 5 };

describe("a step is fed", () => {
  test("dropout masks of its seed, its number and the mini-batch's place in it", async () => {
    const { runner, feeds } = watched();
    let state = initialState(model, 0);
    for (let i = 0; i < 2; i++) {
      state = (await runner.step(state, [batchOf(2), batchOf(2), batchOf(3)], told)).state;
    }
    expect(feeds).toHaveLength(6);
    feeds.forEach((given, i) => {
      const [name, mask] = Object.entries(given).find(([key]) => key.startsWith("mask:"))!;
      const expected = new Float32Array(4 * (i % 3 === 2 ? 3 : 2));
      const key = { seed: 5, stream: name, step: Math.floor(i / 3), epoch: i % 3 };
      fillDropoutMask(expected, { keepProb: 0.75, scale: 1 / 0.75 }, key);
      expect(mask.data).toEqual(expected);
    });
  });

  test("the rate of each group, the state, and zeros for what is not there yet", async () => {
    const { runner, feeds } = watched();
    const first = initialState(model, 0);
    const { state, made } = await runner.step(first, [batchOf(2)], told);
    await runner.step(state, [batchOf(2)], { ...told, lrs: [0.3, 0.4] });
    const rate = (i: number, group: number) => feeds[i]![`lr:${group}`]!.data[0];
    for (const [group, lr] of [0.1, 0.2].entries()) expect(rate(0, group)).toBeCloseTo(lr, 6);
    for (const [group, lr] of [0.3, 0.4].entries()) expect(rate(1, group)).toBeCloseTo(lr, 6);
    for (const name of names) {
      expect(feeds[0]![`param:${name}`]!.data).toEqual(first.tensors[`param:${name}`]!.data);
      expect(feeds[1]![`param:${name}`]!.data).toEqual(made[`param:${name}`]!.data);
    }
    const slots = Object.keys(feeds[0]!).filter((key) => key.startsWith("slot:"));
    expect(slots.length).toBeGreaterThan(0);
    for (const slot of slots) {
      expect(
        feeds[0]![slot]!.data.every((x) => x === 0),
        slot,
      ).toBe(true);
      expect(feeds[1]![slot]!.data).toEqual(made[slot]!.data);
    }
  });
});

describe("a step", () => {
  test("counts itself and those that took part, and leaves the state before as it was", async () => {
    const { runner } = watched();
    const before = { ...initialState(model, 0), step: 7, epoch: 2, ages: { [names[0]!]: 3, [names[3]!]: 5 } };
    const copy = structuredClone(before);
    const { state } = await runner.step(before, [batchOf(2)], {
      ...told,
      trained: new Set(names.slice(0, 2)),
    });
    expect(before).toEqual(copy);
    expect(state).toMatchObject({
      step: 8,
      epoch: 2,
      ages: { [names[0]!]: 4, [names[1]!]: 1, [names[3]!]: 5 },
    });
    for (const name of names.slice(2))
      expect(state.tensors[`param:${name}`]).toBe(before.tensors[`param:${name}`]);
  });

  test("has a session for each shape, part of a step, set of parameters and weight decay or none", async () => {
    const { runner, keys } = watched();
    const state = initialState(model, 0);
    const part = new Set(names.slice(2));
    await runner.step(state, [batchOf(2)], told);
    await runner.step(state, [batchOf(2)], { ...told, lrs: [1, 2], seed: 9, hyper: { mom: 0.1, wd: 0 } });
    await runner.step(state, [batchOf(3)], told);
    await runner.step(state, [batchOf(2)], { ...told, trained: part });
    await runner.step(state, [batchOf(2)], { ...told, hyper: { mom: 0.9, wd: 0.1 } });
    await runner.step(state, [batchOf(2), batchOf(2), batchOf(2)], told);
    const [a, b, c, d, e, f, g, h] = keys;
    expect(b).toBe(a);
    expect(g).toBe(f);
    expect(new Set([a, c, d, e, f, h]).size).toBe(6);
    await runner.step({ ...state, ages: { [names[0]!]: 1 } }, [batchOf(2)], told);
    expect(keys.at(-1)).not.toBe(a);
  });

  test("writes into what is to be recycled, but never into what it reads", async () => {
    const { runner, into } = watched();
    const state = initialState(model, 0);
    const key = `param:${names[0]!}`;
    const spare = structuredClone(state.tensors[key]!);
    await runner.step(state, [batchOf(2)], { ...told, recycle: { [key]: spare } });
    expect(into[0]).toEqual({ [`next:${key}`]: spare });
    await runner.step(state, [batchOf(2)], { ...told, recycle: { [key]: state.tensors[key]! } });
    expect(into[1]).toEqual({});
    await runner.step(state, [batchOf(2)], told);
    expect(into[2]).toEqual({});
  });
});

test("the loss of a mini-batch is its sum and weight, or a mean times a weight", () => {
  const one = (value: number) => tensor("float32", [], [value]);
  expect(lossOf({ loss: one(0.5) }, { weight: 8 })).toEqual({ sum: 4, weight: 8 });
  expect(lossOf({ loss: one(9), lossSum: one(6), lossWeight: one(3) }, { weight: undefined })).toEqual({
    sum: 6,
    weight: 3,
  });
  const { inputs, targets } = batchOf(2);
  expect(batchFeeds({ inputs: [...inputs, ...targets], targets })).toEqual({
    "input:0": inputs[0],
    "input:1": targets[0],
    "target:0": targets[0],
  });
});

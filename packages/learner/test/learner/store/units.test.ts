import { describe, expect, test } from "vitest";
import { adam, type Model, type Optimizer, sgd } from "../../../../engine/src/nn/index.js";
import { type Tensor, tensor } from "../../../../engine/src/onnx/index.js";
import type { CallbackState } from "../../../src/learner/index.js";
import { LearnerError } from "../../../src/learner/index.js";
import { checkpointOf, checkRestoreOptions, stateOf } from "../../../src/learner/store/checkpoint.js";

const spec = (name: string, shape: readonly number[]) => ({ name, shape, role: "weight", initial: () => [] });
const model = {
  parameters: ["a", "b", "c"].map((name) => spec(name, [2])),
  buffers: [spec("mean", [1])],
} as unknown as Model;
const two = (...values: number[]) => tensor("float32", [2], values);
const one = (value: number) => tensor("float32", [1], [value]);
const weights = { "param:a": two(1, 2), "param:b": two(3, 4), "param:c": two(5, 6), "buffer:mean": one(7) };
const slotsOf = (...names: string[]) =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`slot:mean:${name}`, two(1, -1)],
      [`slot:squares:${name}`, two(0, 2)],
    ]),
  );
/** a has aged with the learner, b was frozen for a while, c always. */
const state = {
  tensors: { ...weights, ...slotsOf("a", "b") },
  step: 6,
  epoch: 2,
  ages: { a: 6, b: 1, c: 0 },
};
const current = {
  tensors: { ...weights, "param:a": two(9, 9), ...slotsOf("c") },
  step: 1,
  epoch: 1,
  ages: { c: 1 },
};

interface Change {
  readonly tensors?: Readonly<Record<string, Tensor | undefined>>;
  readonly metadata?: Readonly<Record<string, string | undefined>>;
}

/** Reads a checkpoint of the state, changed. */
function read(
  change: Change = {},
  { optimizer = adam() as Optimizer, written = adam() as Optimizer, options = {} } = {},
) {
  const file = checkpointOf(state, { optimizer: written });
  const present = (entries: object) => Object.entries(entries).filter(([, value]) => value !== undefined);
  const tensors = new Map<string, Tensor>(
    present({ ...Object.fromEntries(file.tensors), ...change.tensors }) as [string, Tensor][],
  );
  const metadata = Object.fromEntries(present({ ...file.metadata, ...change.metadata }));
  return stateOf({ tensors, metadata }, { model, optimizer, current, where: "here" }, options);
}

describe("a checkpoint", () => {
  test("holds the state, and comes back as it was", () => {
    expect(read()).toEqual({ state, callbacks: [] });
    const { metadata, tensors } = checkpointOf(state, { optimizer: adam() });
    expect(metadata).toMatchObject({
      format: "lrfind-checkpoint-1",
      optimizer: "adam",
      step: "6",
      epoch: "2",
      ages: '{"a":6,"b":1,"c":0}',
    });
    expect(Object.keys(metadata).sort()).toEqual(["ages", "epoch", "format", "lrfind", "optimizer", "step"]);
    expect(Object.fromEntries(tensors)).toEqual(state.tensors);
  });

  test("has its own word before what else the file is to say, and what callbacks remember", () => {
    const callbacks: CallbackState[] = [
      { name: "x", state: { n: 1 } },
      { name: "y", state: null },
    ];
    const description = { format: "other", who: "me" };
    const { metadata } = checkpointOf(state, { optimizer: adam(), description, callbacks });
    expect(metadata).toMatchObject({ format: "lrfind-checkpoint-1", who: "me" });
    expect(read({ metadata: { callbacks: metadata["callbacks"]! } }).callbacks).toEqual(callbacks);
    expect("callbacks" in checkpointOf(state, { optimizer: adam(), callbacks: [] }).metadata).toBe(false);
  });

  test("names those that have aged without optimizer state, where the optimizer has any", () => {
    const slotless = (ages: Record<string, number>, optimizer: Optimizer = adam()) =>
      checkpointOf({ ...state, ages }, { optimizer }).metadata["slotless"];
    expect(slotless({ a: 6, b: 1, c: 0 })).toBeUndefined();
    expect(slotless({ a: 6, b: 1, c: 2 })).toBe('["c"]');
    const plain = sgd({ mom: 0 });
    if (plain.slots.length === 0) expect(slotless({ a: 6, c: 2 }, plain)).toBeUndefined();
    expect(slotless({ c: 2 }, { ...adam(), slots: [] })).toBeUndefined();
    // One slot of two is there: it is no parameter that the model never asks for.
    const partly = { ...state, tensors: { ...weights, "slot:mean:a": two(0, 0) }, ages: { a: 1 } };
    expect(checkpointOf(partly, { optimizer: adam() }).metadata["slotless"]).toBeUndefined();
    expect(read({ metadata: { ages: '{"a":6,"b":1,"c":2}', slotless: '["c"]' } }).state.ages).toEqual({
      a: 6,
      b: 1,
      c: 2,
    });
  });

  test("read for its weights only, leaves all else as it is", () => {
    const foreign = { optimizer: "lion", step: "x", ages: "x", callbacks: "x", slotless: "x" };
    for (const change of [{}, { metadata: foreign }, { tensors: { "slot:strange:a": two(0, 0) } }]) {
      const { state: got, callbacks } = read(change, { options: { weightsOnly: true } });
      expect(got).toEqual({ ...current, tensors: { ...current.tensors, ...weights } });
      expect(callbacks).toBeUndefined();
    }
  });

  test("read for a fresh optimizer, drops what the old one kept", () => {
    const change = {
      metadata: { optimizer: "lion", ages: "x", slotless: "x" },
      tensors: { "slot:x:a": two(0, 0) },
    };
    expect(read(change, { options: { freshOptimizer: true } })).toEqual({
      state: { tensors: weights, step: 6, epoch: 2, ages: {} },
      callbacks: [],
    });
    for (const metadata of [{ step: "x" }, { epoch: "x" }, { callbacks: "x" }]) {
      expect(() => read({ metadata }, { options: { freshOptimizer: true } })).toThrow(LearnerError);
    }
  });

  const anew = "{ freshOptimizer: true }, or { weightsOnly: true } to keep the learner's counters too";
  const written = "the model that the file was written for";
  test.each<[Change, expected: string, got: string, hint: string | undefined]>([
    [
      { metadata: { format: undefined } },
      'a file that save() wrote (format "lrfind-checkpoint-1")',
      "a safetensors file of something else",
      undefined,
    ],
    [
      { metadata: { format: "x" } },
      'a file that save() wrote (format "lrfind-checkpoint-1")',
      'format "x"',
      undefined,
    ],
    [{ tensors: { "param:d": two(0, 0) } }, "tensors of this model only", '"param:d"', written],
    [{ tensors: { "param:b": undefined } }, '"param:b" to be float32[2]', "none of that name", written],
    [{ tensors: { "buffer:mean": two(0, 0) } }, '"buffer:mean" to be float32[1]', "float32[2]", written],
    [
      { tensors: { "param:b": tensor("int32", [2], [0, 0]) } },
      '"param:b" to be float32[2]',
      "int32[2]",
      written,
    ],
    [{ metadata: { optimizer: "lion" } }, 'the state of the optimizer "adam"', 'that of "lion"', anew],
    [{ tensors: { "slot:velocity:a": two(0, 0) } }, 'a slot of "adam"', '"slot:velocity:a"', undefined],
    [{ tensors: { "slot:mean:d": two(0, 0) } }, 'a slot of "adam"', '"slot:mean:d"', undefined],
    [{ tensors: { "slot:mean": two(0, 0) } }, 'a slot of "adam"', '"slot:mean"', undefined],
    [{ tensors: { "slot:mean:a": one(0) } }, '"slot:mean:a" to be float32[2]', "float32[1]", written],
    [
      { tensors: { "slot:squares:a": two(0, -0.5) } },
      '"slot:squares:a" of at least 0',
      "-0.5 at 1",
      "{ weightsOnly: true }",
    ],
    [
      { tensors: { "slot:squares:a": two(Number.NaN, 1) } },
      '"slot:squares:a" of at least 0',
      "NaN at 0",
      "{ weightsOnly: true }",
    ],
    [
      { tensors: { "slot:mean:a": undefined } },
      'the state of the optimizer "adam" for every parameter that it has trained',
      "none of slot:mean:a",
      anew,
    ],
    [
      { tensors: { "slot:mean:a": undefined, "slot:squares:a": undefined, "slot:mean:b": undefined } },
      'the state of the optimizer "adam" for every parameter that it has trained',
      "none of slot:mean:a, slot:squares:a, slot:mean:b",
      anew,
    ],
    [
      { tensors: Object.fromEntries(Object.keys(slotsOf("a", "b")).map((name) => [name, undefined])) },
      'the state of the optimizer "adam" for every parameter that it has trained',
      "none of slot:mean:a, slot:squares:a, slot:mean:b and 1 more",
      anew,
    ],
    [
      { metadata: { ages: '{"a":6,"b":0}' } },
      'the age of parameter "b", whose "slot:mean:b" is there',
      "none in the metadata",
      anew,
    ],
    [
      { tensors: slotsOf("c") },
      'the age of parameter "c", whose "slot:mean:c" is there',
      "none in the metadata",
      anew,
    ],
    [
      { metadata: { slotless: '["a"]' } },
      'the age of parameter "a", whose "slot:mean:a" is there',
      "none in the metadata",
      anew,
    ],
    [{ metadata: { ages: "x" } }, "the parameters' ages in the metadata, as JSON", "x", undefined],
    [{ metadata: { ages: "null" } }, "the parameters' ages in the metadata, as JSON", "null", undefined],
    [{ metadata: { ages: "[]" } }, "the parameters' ages in the metadata, as JSON", "[]", undefined],
    [{ metadata: { ages: "3" } }, "the parameters' ages in the metadata, as JSON", "3", undefined],
    [
      { metadata: { ages: undefined } },
      "the parameters' ages in the metadata, as JSON",
      "undefined",
      undefined,
    ],
    [{ metadata: { ages: '{"d":1}' } }, "ages of this model's parameters", '"d"', written],
    ...["7", "-1", "0.5", '"1"', "null"].map((age): [Change, string, string, undefined] => [
      { metadata: { ages: `{"a":${age}}` } },
      'the age of "a" in the metadata to be an integer from 0 to 6, the steps made',
      age,
      undefined,
    ]),
    ...["", " 1", "+1", "0x1", "1.0", "9007199254740992", "many"].map(
      (step): [Change, string, string, undefined] => [
        { metadata: { step } },
        "a whole number of steps in the metadata",
        step,
        undefined,
      ],
    ),
    [{ metadata: { epoch: undefined } }, "a whole number of epochs in the metadata", "undefined", undefined],
    ...["{}", "[1]", '"a"', "x"].map((slotless): [Change, string, string, undefined] => [
      { metadata: { slotless } },
      "names of parameters without optimizer state in the metadata, as JSON",
      slotless,
      undefined,
    ]),
    ...[
      "{}",
      "[null]",
      "[1]",
      '[{"name":"a"}]',
      '[{"name":1,"state":1}]',
      '[{"state":1}]',
      `x${"y".repeat(99)}`,
    ].map((callbacks): [Change, string, string, undefined] => [
      { metadata: { callbacks } },
      "what the callbacks remember in the metadata, as JSON",
      callbacks.slice(0, 80),
      undefined,
    ]),
  ])("that does not fit is refused: %j", (change, expected, got, hint) => {
    let error: unknown;
    try {
      read(change);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(LearnerError);
    const { where, expected: words, got: said, hint: advice } = error as LearnerError;
    expect({ where, words, said, advice }).toEqual({
      where: "here",
      words: expected,
      said: got,
      advice: hint,
    });
  });

  test("takes ages from 0 to the steps made, and counters of any digits", () => {
    const { state: got } = read({
      metadata: { ages: '{"a":6,"b":6}', step: "006", epoch: "9007199254740991" },
    });
    expect(got).toMatchObject({ step: 6, epoch: Number.MAX_SAFE_INTEGER, ages: { a: 6, b: 6 } });
  });
});

test("the options of loading exclude each other, and are true or false", () => {
  for (const options of [
    {},
    { weightsOnly: true },
    { freshOptimizer: true },
    { weightsOnly: false, freshOptimizer: true },
  ]) {
    checkRestoreOptions("load", options);
  }
  expect(() => checkRestoreOptions("load", { weightsOnly: true, freshOptimizer: true })).toThrow(
    "load: expected weightsOnly, which keeps the learner's optimizer state, or freshOptimizer, which drops it, got both",
  );
  for (const name of ["weightsOnly", "freshOptimizer"]) {
    for (const value of [1, "true", null, {}]) {
      expect(() => checkRestoreOptions("load", { [name]: value })).toThrow(
        `load: expected ${name} to be true or false`,
      );
    }
  }
});

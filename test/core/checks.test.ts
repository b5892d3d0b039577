import { expect, it, describe as suite } from "vitest";
import {
  abortSignal,
  arrayOf,
  boolean,
  type Check,
  checkArgument,
  checkOptions,
  describe,
  didYouMean,
  either,
  instanceOf,
  integer,
  LrfindError,
  made,
  number,
  oneOf,
  range,
  required,
  string,
  tuple,
  withHint,
} from "../../src/core/index.js";

suite("checkOptions", () => {
  interface Options {
    readonly batchSize?: number;
    readonly shuffle?: boolean;
  }
  const checks = { batchSize: integer({ min: 1 }), shuffle: boolean };
  const check = (options: unknown) => checkOptions<Options>("loaders", options, checks);

  it.each([
    [{ batchsize: 8 }, 'loaders: expected a known option, got "batchsize"; try batchSize'],
    [{ batch_size: 8 }, 'loaders: expected a known option, got "batch_size"; try batchSize'],
    [{ shufle: true }, 'loaders: expected a known option, got "shufle"; try shuffle'],
    [{ bs: 8 }, 'loaders: expected a known option, got "bs"; try batchSize'],
    [{ batchSize: 0 }, "loaders: expected batchSize to be an integer at least 1, got 0"],
    [{ batchSize: null }, "loaders: expected batchSize to be an integer at least 1, got null"],
    [{ shuffle: "no" }, 'loaders: expected shuffle to be true or false, got "no"'],
    [0.01, "loaders: expected an options object, got 0.01; try { batchSize: … }"],
    [[], "loaders: expected an options object, got []; try { batchSize: … }"],
    [null, "loaders: expected an options object, got null; try { batchSize: … }"],
    [undefined, "loaders: expected an options object, got undefined; try { batchSize: … }"],
  ])("%o: %s", (options, message) => {
    expect(() => check(options)).toThrow(expect.objectContaining({ message }));
  });

  it("takes known options, and undefined as left out", () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ batchSize: 1, shuffle: false })).not.toThrow();
    expect(() => check({ batchSize: undefined, foreign: undefined })).not.toThrow();
  });

  it.each([
    [new Date(), "an instance of Date"],
    [new Map([["batchSize", 3]]), "an instance of Map"],
    [new Float32Array(2), "Float32Array(2)"],
    [Promise.resolve({}), "an instance of Promise"],
    [() => ({}), "a function"],
    ["batchSize", '"batchSize"'],
  ])("takes no %o for options", (options, got) => {
    expect(() => check(options)).toThrow(`loaders: expected an options object, got ${got}`);
  });

  it("asks for what is required", () => {
    expect(() => checkOptions<{ size: number }>("resize", {}, { size: required(integer()) })).toThrow(
      "resize: expected size to be an integer, got undefined",
    );
  });

  it("says the same in fields", () => {
    const received = "many";
    try {
      check({ batchSize: received });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(LrfindError);
      expect(error).toMatchObject({
        name: "OptionError",
        where: "loaders",
        option: "batchSize",
        expected: "batchSize to be an integer at least 1",
        received,
      });
    }
  });
});

suite("didYouMean", () => {
  it.each([
    ["lossfunc", "lossFunc"],
    ["loss_func", "lossFunc"],
    ["optFun", "optFunc"],
    ["optimizer", "optFunc"],
    ["criterion", "lossFunc"],
    ["learning_rate", "lr"],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["foo", undefined],
    ["", undefined],
  ])("%s: %s", (name, meant) => expect(didYouMean(name, ["lossFunc", "optFunc", "lr"])).toBe(meant));
});

suite("checks", () => {
  const sgd = () => ({ update: () => {} });
  const cases: [Check, accepted: unknown[], refused: unknown[]][] = [
    [number(), [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, "1", null, 1n]],
    [number({ min: 0, below: 1 }), [0, 0.99], [-0.01, 1]],
    [number({ above: 0, max: 1 }), [0.01, 1], [0, 1.01]],
    [integer({ min: 1, max: 3 }), [1, 3], [0, 4, 1.5, "2"]],
    [abortSignal, [new AbortController().signal], [new AbortController(), {}, null, undefined]],
    [instanceOf(Map), [new Map()], [Map, {}, null]],
    [tuple(string, boolean), [["a", true]], [["a"], ["a", true, 1], ["a", 1], "ab", null]],
    [
      range,
      [
        [0, 1],
        [-1, 0.5],
      ],
      [[1, 1], [1, 0], [0, Number.NaN], [0, Infinity], [0], [0, 1, 2], "01", null],
    ],
    [oneOf("a", null), ["a", null], ["b", undefined]],
    [arrayOf(string, { minLength: 1 }), [["a"]], [[], [1], "a", new Array(1)]],
    [either(string, boolean), ["a", true], [1]],
    [made("an optimizer", ["update"], "sgd()"), [sgd()], [sgd, {}, null, "sgd"]],
  ];
  it.each(cases)("%o", (check, accepted, refused) => {
    for (const value of accepted) expect(check.accepts(value), describe(value)).toBe(true);
    for (const value of refused) expect(check.accepts(value), describe(value)).toBe(false);
  });

  it("hints at the call where the function itself came", () => {
    const check = made("an optimizer", ["update"], "adam()");
    expect(() => checkArgument("Learner", "optFunc", sgd, check)).toThrow(
      "Learner: expected optFunc to be an optimizer, got function sgd; try sgd()",
    );
    expect(() => checkArgument("Learner", "optFunc", 3, check)).toThrow("got 3; try adam()");
    expect(() => checkArgument("Learner", "all", [sgd], arrayOf(check))).toThrow("try sgd()");
  });
});

suite("messages of checks", () => {
  it.each<[Check, value: unknown, message: string]>([
    [number({ min: 0, below: 1 }), 1, "expected x to be a finite number in [0, 1), got 1"],
    [number({ above: 0, max: 1 }), 0, "expected x to be a finite number in (0, 1], got 0"],
    [
      arrayOf(number()),
      [1, Number.NaN],
      "expected x to be an array, each element a finite number, got NaN at index 1",
    ],
    [
      arrayOf(number(), { minLength: 1 }),
      [],
      "expected x to be an array of at least 1, each element a finite number, got []",
    ],
    [
      either(number(), arrayOf(string)),
      ["a", 1],
      "expected x to be a finite number, or an array, each element a string, got 1 at index 1",
    ],
    [range, [2, 1], "expected x to be two finite numbers, the lesser first, got [2, 1]; try [1, 2]"],
    [
      abortSignal,
      new AbortController(),
      "expected x to be an AbortSignal, got an instance of AbortController; try its signal",
    ],
    [oneOf("mean", "sum"), "Sum", 'expected x to be "mean" or "sum", got "Sum"; try sum'],
    [withHint(string, '"a"'), 1, 'expected x to be a string, got 1; try "a"'],
  ])("%o of %o", (check, value, message) => {
    expect(() => checkArgument("f", "x", value, check)).toThrow(
      expect.objectContaining({ message: `f: ${message}` }),
    );
  });
});

suite("describe", () => {
  it.each([
    ["a", '"a"'],
    [1n, "1n"],
    [Number.NaN, "NaN"],
    [[1, "a"], '[1, "a"]'],
    [[1, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, … 7 in all]"],
    [new Float32Array(3), "Float32Array(3)"],
    [{}, "an object"],
    [new Map(), "an instance of Map"],
    [Object.create(null), "an object"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [
      new Proxy(
        {},
        {
          get() {
            throw new Error("trap");
          },
        },
      ),
      "a value that cannot be read",
    ],
  ])("%#", (value, text) => expect(describe(value)).toBe(text));
});

import fc from "fast-check";
import { expect, it, describe as suite } from "vitest";
import {
  abortSignal,
  anything,
  arrayOf,
  boolean,
  type Check,
  checkArgument,
  checkOptions,
  describe,
  didYouMean,
  either,
  func,
  type Interval,
  instanceOf,
  integer,
  LrfindError,
  made,
  number,
  OptionError,
  oneOf,
  range,
  required,
  sentence,
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
    [{ nonsense: 1 }, 'loaders: expected a known option, got "nonsense"; try one of batchSize, shuffle'],
    [
      { batchSize: 1, shuffle: 0, nonsense: 1 },
      'loaders: expected a known option, got "nonsense"; try one of batchSize, shuffle',
    ],
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

  it("names the one option that there is, or none where there is none", () => {
    const one = { size: integer() };
    expect(() => checkOptions<{ size?: number }>("f", { nonsense: 1 }, one)).toThrow(/; try size$/);
    expect(() => checkOptions<object>("f", { nonsense: 1 }, {})).toThrow(/got "nonsense"$/);
    expect(() => checkOptions<object>("f", 3, {})).toThrow(/got 3; try \{\}$/);
    expect(() => checkOptions<object>("f", {}, {})).not.toThrow();
  });

  it("passes on what the value's own check has to say", () => {
    const parts: { parts: Check } = { parts: arrayOf(oneOf("mean", "sum")) };
    expect(() => checkOptions<{ parts?: string[] }>("f", { parts: ["mean", "Sum"] }, parts)).toThrow(
      /^f: expected parts to be an array, each element "mean" or "sum", got "Sum" at index 1; try sum$/,
    );
  });

  it("leaves the error to whoever asks", () => {
    const problems: unknown[] = [];
    const fail = (problem: unknown): never => {
      problems.push(problem);
      throw new RangeError("own");
    };
    const one = { size: withHint(integer({ min: 1 }), "2") };
    for (const options of [3, { sizes: 1 }, { size: 0 }]) {
      expect(() => checkOptions<{ size?: number }>("f", options, one, fail)).toThrow("own");
    }
    expect(() => checkArgument("f", "size", 0, one.size, fail)).toThrow("own");
    const wrong = {
      where: "f",
      expected: "size to be an integer at least 1",
      got: "0",
      hint: "2",
      option: "size",
      received: 0,
    };
    expect(problems).toEqual([
      {
        where: "f",
        expected: "an options object",
        got: "3",
        hint: "{ size: … }",
        option: "options",
        received: 3,
      },
      {
        where: "f",
        expected: "a known option",
        got: '"sizes"',
        hint: "size",
        option: "sizes",
        received: "sizes",
      },
      wrong,
      wrong,
    ]);
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

suite("didYouMean, by Levenshtein's distance", () => {
  /** By its recursive definition. */
  function distance(a: string, b: string): number {
    if (a === "" || b === "") return a.length + b.length;
    if (a[0] === b[0]) return distance(a.slice(1), b.slice(1));
    const others = [
      [a.slice(1), b],
      [a, b.slice(1)],
      [a.slice(1), b.slice(1)],
    ] as const;
    return 1 + Math.min(...others.map(([x, y]) => distance(x, y)));
  }
  // No letters of the names that other frameworks have.
  const name = fc.string({ unit: fc.constantFrom("q", "z"), minLength: 1, maxLength: 7 });

  it("takes a third of the longer name for a slip, and of several names the nearest", () => {
    fc.assert(
      fc.property(name, fc.uniqueArray(name, { minLength: 1, maxLength: 3 }), (given, known) => {
        const near = known
          .filter((other) => distance(given, other) <= Math.floor(Math.max(given.length, other.length) / 3))
          .map((other) => distance(given, other));
        const meant = didYouMean(given, known);
        expect(meant === undefined ? undefined : distance(given, meant)).toBe(
          near.length === 0 ? undefined : Math.min(...near),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("reads the first 60 characters", () => {
    expect(didYouMean(`${"_".repeat(58)}lr`, ["lr"])).toBe("lr");
    expect(didYouMean(`${"_".repeat(59)}lr`, ["lr"])).toBeUndefined();
  });

  it("prefers the first meaning that the caller knows", () => {
    expect(didYouMean("dropout", ["drop", "ps", "p"])).toBe("p");
    expect(didYouMean("dropout", ["drop", "ps"])).toBe("ps");
    expect(didYouMean("momentum", ["moms", "wd"])).toBe("moms");
    expect(didYouMean("bs", ["shuffle"])).toBeUndefined();
  });
});

suite("checks", () => {
  const sgd = () => ({ update: () => {} });
  const withUpdate = Object.assign(() => {}, { update: () => {} });
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
    [made("an optimizer", ["update"], "sgd()"), [sgd()], [sgd, {}, null, "sgd", withUpdate, { update: 1 }]],
    [made("a pair", ["a", "b"], "pair()"), [{ a: sgd, b: sgd }], [{ a: sgd }, { b: sgd }]],
    [made("anything made", [], "x"), [{}], [null, sgd, "x"]],
    [anything, [undefined, null, 1], []],
    [boolean, [true, false], [0, 1, "true", null, undefined]],
    [string, ["", "a"], [1, null, undefined, ["a"]]],
    [func, [sgd], [{}, "sgd", null]],
    [tuple(string, string), [["a", "b"]], ["ab", ["a"], ["a", "b", "c"], { 0: "a", 1: "b", length: 2 }]],
    [tuple(), [[]], [[1], null]],
    [
      arrayOf(number()),
      [[], [1]],
      [[Number.NaN], [1, "2"], [1, undefined], { length: 0 }, "", new Float32Array(1)],
    ],
    [
      arrayOf(string, { minLength: 2 }),
      [
        ["a", "b"],
        ["a", "b", "c"],
      ],
      [[], ["a"]],
    ],
    [number({ above: 0, below: 1 }), [Number.MIN_VALUE, 0.5], [0, 1, -1, 2]],
    [number({ max: 1 }), [1, -1e300], [1 + Number.EPSILON, Number.NEGATIVE_INFINITY]],
    [integer(), [0, -1, Number.MAX_SAFE_INTEGER], [2 ** 53, 0.5, Number.NaN, Infinity, 1n, "1", null, [1]]],
    [integer({ min: 0, below: 3 }), [0, 2], [-1, 3]],
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

suite("intervals in words", () => {
  it.each<[Interval, string]>([
    [{}, "a finite number"],
    [{ min: 1 }, "a finite number at least 1"],
    [{ above: 0 }, "a finite number above 0"],
    [{ max: 2 }, "a finite number at most 2"],
    [{ below: 0 }, "a finite number below 0"],
    [{ min: 0, max: 2 }, "a finite number in [0, 2]"],
    [{ min: 0, below: 2 }, "a finite number in [0, 2)"],
    [{ above: 0, max: 2 }, "a finite number in (0, 2]"],
    [{ above: 0, below: 2 }, "a finite number in (0, 2)"],
  ])("%o: %s", (interval, words) => {
    expect(number(interval).expected).toBe(words);
    expect(integer(interval).expected).toBe(words.replace("a finite number", "an integer"));
  });
});

suite("messages of checks", () => {
  const named = { name: "sgd" };
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
    [withHint(oneOf("mean"), '"a"'), "Mean", 'expected x to be "mean", got "Mean"; try mean'],
    [oneOf("a", "b", "c"), 1, 'expected x to be "a", "b" or "c", got 1'],
    [oneOf(1, -1), 2, "expected x to be 1 or -1, got 2"],
    [oneOf("mean"), 7, 'expected x to be "mean", got 7'],
    [
      arrayOf(number()),
      [Number.NaN],
      "expected x to be an array, each element a finite number, got NaN at index 0",
    ],
    [arrayOf(number()), "12", 'expected x to be an array, each element a finite number, got "12"'],
    [arrayOf(oneOf("ab")), "Ab", 'expected x to be an array, each element "ab", got "Ab"; try ab'],
    [
      arrayOf(oneOf("ab")),
      ["ab", "Ab"],
      'expected x to be an array, each element "ab", got "Ab" at index 1; try ab',
    ],
    [either(number(), string), [1], "expected x to be a finite number, or a string, got [1]"],
    [
      either(number(), oneOf("mean")),
      "Mean",
      'expected x to be a finite number, or "mean", got "Mean"; try mean',
    ],
    [range, [1, 1], "expected x to be two finite numbers, the lesser first, got [1, 1]"],
    [range, "10", 'expected x to be two finite numbers, the lesser first, got "10"'],
    [abortSignal, {}, "expected x to be an AbortSignal, got an object; try new AbortController().signal"],
    [instanceOf(Map), {}, "expected x to be a Map, got an object"],
    [instanceOf(Map, "a table"), 1, "expected x to be a table, got 1"],
    [
      made("an optimizer", ["update"], "sgd()"),
      () => 1,
      "expected x to be an optimizer, got a function; try sgd()",
    ],
    [
      made("an optimizer", ["update"], "adam()"),
      named,
      "expected x to be an optimizer, got an object; try adam()",
    ],
    [tuple(string, boolean), ["a"], 'expected x to be [a string, true or false], got ["a"]'],
  ])("%o of %o", (check, value, message) => {
    expect(() => checkArgument("f", "x", value, check)).toThrow(
      expect.objectContaining({ message: `f: ${message}` }),
    );
  });
});

suite("errors", () => {
  const problem = { where: "f", expected: "x to be 1", got: "2", option: "x", received: 2 };
  it("say a hint where there is one", () => {
    expect(sentence(problem)).toBe("f: expected x to be 1, got 2");
    expect(sentence({ ...problem, hint: "1" })).toBe("f: expected x to be 1, got 2; try 1");
  });

  it("carry their parts and their cause", () => {
    const cause = new Error("below");
    const error = new OptionError({ ...problem, hint: "1" }, { cause });
    expect({ ...error, message: error.message, cause: error.cause }).toEqual({
      ...{
        name: "OptionError",
        where: "f",
        option: "x",
        expected: "x to be 1",
        got: "2",
        received: 2,
        hint: "1",
      },
      ...{ message: "f: expected x to be 1, got 2; try 1", cause },
    });
    expect(new OptionError(problem).hint).toBeUndefined();
    expect(new LrfindError({ where: "f", expected: "x" })).toMatchObject({
      ...{ name: "LrfindError", message: "f: expected x", where: "f", expected: "x" },
      ...{ got: undefined, hint: undefined },
    });
  });
});

suite("describe", () => {
  it.each([
    ["a", '"a"'],
    ["a".repeat(80), `"${"a".repeat(80)}"`],
    ["a".repeat(81), `"${"a".repeat(80)}…"`],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [[], "[]"],
    [[1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, 6]"],
    [new DataView(new ArrayBuffer(5)), "DataView(5)"],
    [new (class {})(), "an object"],
    [function named() {}, "function named"],
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

import { describe, expect, it } from "vitest";
import {
  above0,
  type Boundary,
  below1,
  boundary,
  expectArgument,
  expectBoundaries,
  from0,
  text,
  whole,
  words,
} from "../../../../test/support/boundaries.js";
import {
  ContractError,
  type Curve,
  curveToJson,
  denoise,
  diagnose,
  divergenceWatch,
  edge,
  LrfindError,
  lrFind,
  minimum,
  rangeTest,
  slide,
  smooth,
  smoother,
  suggest,
  suggester,
  sweepLr,
  type Trainer,
  type Trial,
  trimCurve,
  valley,
} from "../../src/finder/index.js";

const column = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);
const curve: Curve = { numIt: 20, stop: "completed", lr: column, loss: column, smoothed: column };
const above1 = boundary([1 + Number.EPSILON, 4], [1, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, "4", null]);
const curves = boundary([curve], [null, 1, {}, [], "{}", { ...curve, lr: 1 }, { ...curve, numIt: "20" }]);
const losses = boundary([[], [1, Number.NaN]], [null, 1, ["1"], [null], "12", new Array(2)]);
const bounds = { start: 1e-7, end: 10, numIt: 100 };

describe("arguments of the finder at the boundary", () => {
  it.each<[string, (value: never) => unknown, Boundary]>([
    ["divergenceWatch", divergenceWatch, above1],
    ["smoother", smoother, below1],
    ["smooth beta", (beta) => smooth([1], beta), below1],
    ["smooth losses", smooth, losses],
    ["denoise", denoise, losses],
    ["trimCurve", trimCurve, curves],
    ["curveToJson", curveToJson, curves],
    ["diagnose", diagnose, curves],
    [
      "diagnose suggestions",
      (given) => diagnose(curve, given),
      boundary(
        [{}, { a: { lr: null, reason: "none" } }, { a: { lr: 1, point: { lr: 1, loss: 1 } } }],
        [
          null,
          1,
          [],
          { a: null },
          { a: { lr: 0, point: { lr: 1, loss: 1 } } },
          { a: { lr: 1 } },
          { a: { lr: "1" } },
        ],
      ),
    ],
    ["suggest", suggest, curves],
    ["sweepLr sweep", (sweep) => sweepLr(sweep, bounds, 1), words("linear", "exponential")],
    ["sweepLr start", (start) => sweepLr("linear", { ...bounds, start }, 1), above0],
    ["sweepLr end", (end) => sweepLr("linear", { ...bounds, end }, 1), above0],
    ["sweepLr numIt", (numIt) => sweepLr("linear", { ...bounds, numIt }, 1), whole(1)],
    [
      "sweepLr bounds",
      (given) => sweepLr("linear", given, 1),
      boundary([bounds], [null, {}, { start: 1 }, 3]),
    ],
    ["sweepLr step", (step) => sweepLr("linear", bounds, step), from0],
    [
      "suggester name",
      (name) => suggester(name, () => ({ lr: null, reason: "" })),
      boundary(["a"], ["", 1, null]),
    ],
    ["suggester suggest", (func) => suggester("a", func), boundary([() => 1], [null, {}, "a"])],
    ["suggester.as", (name) => valley.as(name), boundary(["a"], ["", 1, null, Symbol("a")])],
    [
      "suggester.suggest",
      (input) => valley.suggest(input),
      boundary(
        [{ lr: [], loss: [], curve }],
        [null, {}, { lr: [], loss: [] }, { lr: [1], loss: ["1"], curve }],
      ),
    ],
  ])("%s", (_, call, values) => expectArgument(call, values));

  it("options of suggesters", () => {
    expectBoundaries((o) => slide.with(o), { lrDiff: whole(1), thresh: from0, adjustValue: above0 });
    expectBoundaries((o) => minimum.with(o), { divisor: above0 });
    expectBoundaries((o) => edge.with(o), { schedule: words("oneCycle", "constant") });
    expectBoundaries((o) => suggester("a", () => ({ lr: null, reason: "" }), o), {
      summary: text,
      defaults: boundary([{}, { a: 1 }], [null, 1, []]),
      check: boundary([() => {}], [null, 1, {}]),
    });
    expectBoundaries((o) => suggest(curve, o), {
      suggestFuncs: boundary([[valley]], [[], null, valley, [null], [valley, valley], 3]),
    });
    expect(() => valley.with({ lrDiff: 3 } as never)).toThrow(
      'valley.with: expected no options, got "lrDiff"',
    );
    expect(() => valley.with(null as never)).toThrow(LrfindError);
    expect(valley.with({}).name).toBe("valley");
  });

  it("keeps the present value of an option that is undefined", () => {
    const { lr } = minimum.with({ divisor: undefined as never }).suggest({ lr: [1, 2], loss: [2, 1], curve });
    expect(lr).toBe(0.2);
  });
});

describe("a trainer that does not keep its side of the contract", () => {
  const trial: Trial = { step: async () => 1, async [Symbol.asyncDispose]() {} };
  const trainerOf = (given: unknown) => ({ startTrial: async () => given }) as Trainer;

  it.each<[name: string, trainer: Trainer, member: string]>([
    ["no trial", trainerOf(undefined), "trainer.startTrial"],
    ["null", trainerOf(null), "trainer.startTrial"],
    ["a number", trainerOf(3), "trainer.startTrial"],
    ["a trial without step", trainerOf({ ...trial, step: undefined }), "trial.step"],
    ["a trial without dispose", trainerOf({ step: async () => 1 }), "trial[Symbol.asyncDispose]"],
    [
      "a dispose that is none",
      trainerOf({ ...trial, [Symbol.asyncDispose]: 1 }),
      "trial[Symbol.asyncDispose]",
    ],
    ["a validate that is none", trainerOf({ ...trial, validate: 1 }), "trial.validate"],
    ["a step of no number", trainerOf({ ...trial, step: async () => "1" }), "trial.step"],
    ["groups that are none", { ...trainerOf(trial), paramGroups: "body" as never }, "trainer.paramGroups"],
    ["no groups", { ...trainerOf(trial), paramGroups: [] }, "trainer.paramGroups"],
    ["groups without names", { ...trainerOf(trial), paramGroups: [1] as never }, "trainer.paramGroups"],
  ])("%s", async (_, trainer, member) => {
    const found = await lrFind(trainer, { numIt: 6 }).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(ContractError);
    expect(found).toMatchObject({ member });
    await expect((async () => rangeTest(trainer, { numIt: 6 }).next())()).rejects.toThrow(ContractError);
  });

  it("takes a trial that disposes of itself at once", async () => {
    let disposed = 0;
    const synchronous = { step: async () => 1, [Symbol.dispose]: () => disposed++ };
    await lrFind(trainerOf(synchronous), { numIt: 6 });
    expect(disposed).toBe(1);
  });
});

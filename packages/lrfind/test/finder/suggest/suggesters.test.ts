import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  ContractError,
  type Curve,
  edge,
  LrFindOptionError,
  minimum,
  type Suggestion,
  slide,
  smooth,
  steep,
  suggest,
  suggester,
  trimCurve,
  valley,
} from "../../../src/finder/index.js";
import { curveFrom, curveOf, tasks } from "../recorded.js";

const all = [minimum, steep, valley, slide, edge] as const;
const suggestAll = (curve: Curve) => suggest(curve, { suggestFuncs: all });

// Halving the smallest doubles loses bits, so that they cannot be scaled.
const number = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => (Math.abs(x) < 1e-200 ? 0 : x));

/** Losses of a plausible training: any scale, noise, sign; and the real ones. */
const losses = fc.oneof(
  fc.array(number, { minLength: 30, maxLength: 120 }),
  fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 30, maxLength: 120 }),
  fc.constantFrom(...tasks.flatMap(({ curves }) => curves.map(({ loss }) => loss.map(Number)))),
);
const curves = losses.map((loss) => curveFrom(loss));
const powersOfTwo = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);

describe("every suggester, on a curve that supports no rate", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  it.each<[string, readonly number[]]>([
    ["no points", []],
    ["one point", [1]],
    ["five points", [5, 4, 3, 2, 1]],
    ["all losses equal", Array(100).fill(2.3)],
    ["all losses zero", Array(100).fill(0)],
    ["all losses NaN", Array(100).fill(nan)],
    ["NaN first", [nan, ...Array.from({ length: 99 }, (_, i) => 9 - i / 11)]],
    ["an infinite loss first", [inf, ...Array.from({ length: 99 }, (_, i) => 9 - i / 11)]],
    ["all losses infinite", Array(100).fill(inf)],
    ["all losses minus infinite", Array(100).fill(-inf)],
    ["infinities of both signs", Array.from({ length: 100 }, (_, i) => (i % 2 ? inf : -inf))],
  ])("says why: %s", (_, loss) => {
    for (const [name, found] of Object.entries(suggestAll(curveFrom(loss)))) {
      expect(found.lr, name).toBeNull();
      expect(found, name).toHaveProperty("reason", expect.stringMatching(/^[^.]{10,}$/));
    }
  });

  it("does not read past the first loss that is not finite", () => {
    const fall = Array.from({ length: 60 }, (_, i) => 2 - i / 60);
    for (const bad of [nan, inf, -inf]) {
      const found = suggestAll(curveFrom([...fall, bad, ...Array(39).fill(-100)]));
      for (const { lr } of Object.values(found))
        expect(lr).toBeLessThanOrEqual(curveFrom(Array(100).fill(0)).lr[60]!);
    }
  });

  it("finds a rate where losses are negative or cross zero", () => {
    for (const offset of [-1, -2, -50]) {
      const valleyShape = Array.from(
        { length: 100 },
        (_, i) => offset + 2 - Math.min(i, 70) / 50 + (Math.max(i, 80) - 80) / 10,
      );
      for (const [name, found] of Object.entries(suggestAll(curveFrom(valleyShape)))) {
        expect(found.lr, `${name} at ${offset}`).not.toBeNull();
      }
    }
  });

  it("gives no number for a curve that only rises (steep, valley)", () => {
    const found = suggestAll(curveFrom(Array.from({ length: 100 }, (_, i) => 1 + i)));
    expect(found.steep).toEqual({ lr: null, reason: "the loss falls nowhere" });
    expect(found.valley).toEqual({ lr: null, reason: "no loss is below an earlier one" });
  });

  it("never throws, and answers with a rate above 0 or a reason, whatever the losses", () => {
    const anything = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, -0, 1e308, -1e308, 5e-324)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(anything, fc.integer({ min: 6, max: 100 }), (loss, planned) => {
        const numIt = Math.max(planned, loss.length);
        for (const found of Object.values(suggestAll(curveFrom(loss, { numIt })))) {
          if (found.lr === null) expect(found.reason).not.toBe("");
          else expect(found.lr).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe("what holds for every curve", () => {
  it("scaling the losses by a power of two moves no suggestion but slide's, whose threshold is absolute", () => {
    fc.assert(
      fc.property(curves, powersOfTwo, (curve, factor) => {
        const scaled = curveFrom(curve.loss.map((loss) => loss * factor));
        for (const name of ["minimum", "steep", "valley", "edge"] as const) {
          expect(suggestAll(scaled)[name].lr, name).toBe(suggestAll(curve)[name].lr);
        }
      }),
    );
  });

  it("scaling the rates by a power of two scales every suggestion exactly", () => {
    fc.assert(
      fc.property(curves, powersOfTwo, (curve, factor) => {
        const before = suggestAll(curve);
        const after = suggestAll({ ...curve, lr: curve.lr.map((lr) => lr * factor) });
        for (const { name } of all) {
          const { lr } = before[name];
          expect(after[name].lr, name).toBe(lr === null ? null : lr * factor);
        }
      }),
    );
  });

  it("a suggestion lies in the swept range (minimum: a tenth of it; edge: a fifth, or a tenth when flat)", () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const below = { minimum: 10, steep: 1, valley: 1, slide: 1, edge: 5 };
        const found = suggestAll(curve);
        for (const { name } of all) {
          const { lr } = found[name];
          if (lr === null) continue;
          const flat = name === "edge" && found.edge.lr !== null && found.edge.branch === "flat";
          const divisor = flat ? 10 : below[name];
          expect(lr, name).toBeGreaterThanOrEqual(curve.lr[0]! / divisor);
          expect(lr, name).toBeLessThanOrEqual(curve.lr.at(-1)! / divisor);
        }
      }),
    );
  });

  it("a point lies on the trimmed curve", () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const { edge: _, ...found } = suggestAll(curve);
        const { lr, loss } = trimCurve(curve);
        for (const [name, suggestion] of Object.entries(found)) {
          if (suggestion.lr === null) continue;
          const { point } = suggestion;
          expect(loss[lr.indexOf(point.lr)], name).toBe(point.loss);
        }
      }),
    );
  });

  it("leaves the curve as it was", () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const before = structuredClone(curve);
        suggestAll(curve);
        expect(curve).toEqual(before);
      }),
    );
  });
});

describe("valley", () => {
  /** The definition, pair by pair: end and length of the longest strictly decreasing subsequence. */
  function byAllPairs(loss: readonly number[]): { end: number; length: number } {
    const lengths = loss.map(() => 1);
    let end = 0;
    for (let i = 0; i < loss.length; i++) {
      for (let j = 0; j < i; j++)
        if (loss[i]! < loss[j]!) lengths[i] = Math.max(lengths[i]!, lengths[j]! + 1);
      if (lengths[i]! > lengths[end]!) end = i;
    }
    return { end, length: lengths[end] ?? 0 };
  }

  it("gives the answer of the scan over all pairs", () => {
    // Few distinct values make ties, on which the first end must win.
    const values = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.double({ noNaN: true, min: -1, max: 1 }));
    fc.assert(
      fc.property(fc.array(values, { minLength: 3, maxLength: 80 }), (loss) => {
        const lr = loss.map((_, i) => i + 1);
        const { end, length } = byAllPairs(loss);
        const i = end - length + Math.floor(length / 3) + Math.floor(length / 6);
        const found = valley.suggest({ lr, loss, curve: curveFrom(loss) });
        if (length < 2 || i < 0) expect(found.lr).toBeNull();
        else expect(found).toEqual({ lr: lr[i], point: { lr: lr[i], loss: loss[i] } });
      }),
      { numRuns: 500 },
    );
  });

  it("does not take the last two of three points for less than they are", () => {
    const found = valley.suggest({ lr: [1, 2, 3], loss: [3, 2, 1], curve: curveFrom([3, 2, 1]) });
    expect(found).toEqual({ lr: 1, point: { lr: 1, loss: 3 } });
  });
});

describe("slide", () => {
  const loss = Array.from({ length: 40 }, (_, i) => 3 - i / 20 + Math.max(0, i - 30) ** 2 / 10);
  const input = { lr: loss.map((_, i) => 2 ** i), loss, curve: curveFrom(loss) };

  it("stops where the gradient is even across the interval", () => {
    const found = slide.suggest(input);
    // The gradient is even up to step 29, so the interval's left end stops one below 29 - 15 + 1.
    expect(found.lr).toBe(2 ** 15);
  });

  it("takes a narrower interval, another threshold and a factor", () => {
    expect(slide.with({ lrDiff: 5 }).suggest(input).lr).toBe(2 ** 25);
    expect(slide.with({ thresh: 100 }).suggest(input).lr).toBe(2 ** 24);
    expect(slide.with({ adjustValue: 0.5 }).suggest(input).lr).toBe(2 ** 14);
  });

  it("interpolates the loss over log rate where the factor leads between two points", () => {
    const found = slide.with({ adjustValue: 2 ** 0.5 }).suggest(input);
    if (found.lr === null) expect.fail(found.reason);
    expect(found.point.loss).toBeCloseTo((loss[15]! + loss[16]!) / 2, 12);
  });

  it("needs one point more than its interval", () => {
    const short = { lr: [1, 2, 3], loss: [3, 2, 1], curve: curveFrom([3, 2, 1]) };
    expect(slide.suggest(short)).toEqual({ lr: null, reason: "3 readable points, at least 16 are needed" });
  });
});

describe("options of suggesters", () => {
  it.each<[string, () => unknown]>([
    ["slide.with: expected lrDiff to be an integer >= 1, got 0; try 15", () => slide.with({ lrDiff: 0 })],
    ["slide.with: expected lrDiff to be an integer >= 1, got 1.5; try 15", () => slide.with({ lrDiff: 1.5 })],
    ["slide.with: expected thresh >= 0, got -1; try 0.005", () => slide.with({ thresh: -1 })],
    [
      "slide.with: expected thresh to be a number, got NaN; try 0.005",
      () => slide.with({ thresh: Number.NaN }),
    ],
    ["slide.with: expected adjustValue > 0, got 0; try 1", () => slide.with({ adjustValue: 0 })],
    ["minimum.with: expected divisor > 0, got -3; try 10", () => minimum.with({ divisor: -3 })],
    [
      'slide.with: expected a known option, got "lr_diff"; try lrDiff',
      // @ts-expect-error: no such option
      () => slide.with({ lr_diff: 3 }),
    ],
    [
      'edge.with: expected schedule "oneCycle" or "constant", got "cosine"; try "oneCycle"',
      // @ts-expect-error: no such schedule
      () => edge.with({ schedule: "cosine" }),
    ],
    [
      'valley.with: expected no options, got "depth"; try leaving it out',
      // @ts-expect-error: no options
      () => valley.with({ depth: 3 }),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(LrFindOptionError);
    expect(call).toThrow(message);
  });

  it("leave the original as it was", () => {
    slide.with({ lrDiff: 3 });
    const five = { lr: [1, 2, 3, 4, 5], loss: [5, 4, 3, 2, 1], curve: curveFrom([]) };
    expect(slide.suggest(five).lr).toBeNull();
    expect(slide.with({ lrDiff: 3 }).with({ adjustValue: 2 }).suggest(five).lr).not.toBeNull();
  });
});

describe("a user's own suggester", () => {
  const first = suggester(
    "first",
    ({ lr, loss }): Suggestion => ({ lr: lr[0]!, point: { lr: lr[0]!, loss: loss[0]! } }),
  );

  it("stands beside the others, under its name", () => {
    const found = suggest(curveOf(tasks[0]!.curves[0]!), {
      suggestFuncs: [valley, first, first.as("again")],
    });
    expect(Object.keys(found)).toEqual(["valley", "first", "again"]);
    expect(found.again).toEqual(found.first);
    expectTypeOf(found).toHaveProperty("again");
    expectTypeOf(found).not.toHaveProperty("slide");
  });

  it("has options with defaults, if it declares them", () => {
    const nth = suggester("nth", ({ lr }, { n }) => ({ lr: lr[n]!, point: { lr: lr[n]!, loss: 0 } }), {
      defaults: { n: 3 },
      summary: "the n-th rate",
    });
    const curve = curveFrom(Array.from({ length: 50 }, (_, i) => 50 - i));
    const found = suggest(curve, { suggestFuncs: [nth, nth.with({ n: 4 }).as("fourth")] });
    expect([found.nth.lr, found.fourth.lr]).toEqual([curve.lr[5 + 3], curve.lr[5 + 4]]);
  });

  it("is held to its contract", () => {
    const wrong = suggester("wrong", () => ({ lr: Number.NaN, point: { lr: 1, loss: 1 } }));
    const call = () => suggest(curveFrom([]), { suggestFuncs: [wrong] });
    expect(call).toThrow(ContractError);
    expect(call).toThrow(
      'expected suggester "wrong" to return a rate above 0 with its point, or lr null with a reason',
    );
  });
});

describe("suggest", () => {
  it("asks valley, if nobody else is named", () => {
    const found = suggest(curveOf(tasks[0]!.curves[0]!));
    expect(Object.keys(found)).toEqual(["valley"]);
    expectTypeOf(found).not.toHaveProperty("slide");
  });

  it("knows edge's branch by its type", () => {
    const { edge: found } = suggest(curveOf(tasks[0]!.curves[0]!), { suggestFuncs: [edge] });
    if (found.lr !== null) expectTypeOf(found.branch).toEqualTypeOf<"edge" | "flat">();
    expect(found.lr).not.toBeNull();
  });

  it.each<[string, unknown]>([
    ["suggest: expected suggestFuncs to be a list of at least one suggester, got []; try [valley]", []],
    ['suggest: expected suggestFuncs[0] to be a suggester, got "valley"; try valley', ["valley"]],
    [
      'suggest: expected suggestFuncs of different names, got ["slide", "slide"]; try slide.with(…).as("another name")',
      [slide, slide.with({ lrDiff: 5 })],
    ],
  ])("%s", (message, suggestFuncs) => {
    expect(() => suggest(curveFrom([]), { suggestFuncs: suggestFuncs as [] })).toThrow(message);
  });

  it("trims a tenth of numIt and five points, and what follows a bad value", () => {
    const curve = curveFrom(Array.from({ length: 100 }, (_, i) => 100 - i));
    expect(trimCurve(curve)).toMatchObject({ from: 10, to: 95 });
    expect(trimCurve(curve).loss).toEqual(smooth(curve.loss).slice(10, 95));
    const smoothed = curve.smoothed.with(50, Number.NaN);
    expect(trimCurve({ ...curve, smoothed })).toMatchObject({ from: 10, to: 50 });
    expect(trimCurve(curveFrom([1, 2, 3]))).toMatchObject({ lr: [], loss: [] });
  });
});

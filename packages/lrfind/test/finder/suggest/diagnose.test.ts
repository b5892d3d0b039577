import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/finder/index.js";
import { curveFrom, curveOf, tasks } from "../recorded.js";

/** Losses over 100 steps, with an even scatter of the given size. */
function losses(of: (step: number) => number, scatter = 0): number[] {
  return Array.from({ length: 100 }, (_, i) => of(i) + scatter * Math.sin(i * i));
}

const valleyShaped = (i: number) => (i < 30 ? 2 : i < 75 ? 2 - (i - 30) / 45 : 1 + (i - 75) / 20);
const found = (lr: number) => ({ lr, point: { lr, loss: 1 } });

describe("diagnostics", () => {
  it("are none for a curve as it should be", () => {
    expect(diagnose(curveFrom(losses(valleyShaped, 0.02)))).toEqual([]);
  });

  it.each([
    ["neverFell", "Raise endLr", curveFrom(losses(() => 2.3, 0.001))],
    ["neverFell", "Raise endLr", curveFrom(losses(() => 0))],
    ["stillFalling", "Raise endLr", curveFrom(losses((i) => 2 - i / 100, 0.01))],
    [
      "blewUpBeforeFalling",
      "Lower startLr",
      curveFrom(
        losses((i) => 2 + Math.max(0, i - 60) ** 2 / 10),
        { stop: "diverged" },
      ),
    ],
    ["tooNoisy", "Raise numIt to 400", curveFrom(losses(valleyShaped, 1))],
    ["tooFewPoints", "lower startLr", curveFrom([2, 2, 9], { numIt: 100, stop: "diverged" })],
    ["tooFewPoints", "Raise numIt (now 12)", curveFrom(losses((i) => 2 - i / 10).slice(0, 12))],
    ["tooFewPoints", "Loss 0 is already NaN", curveFrom([Number.NaN], { numIt: 100, stop: "nonFinite" })],
    ["aborted", "before its first step", curveFrom([], { numIt: 100, stop: "aborted" })],
  ])("%s: %s", (kind, advice, curve) => {
    const [first] = diagnose(curve);
    expect(first).toMatchObject({ kind, message: expect.stringContaining(advice) });
  });

  it("suggestersDisagree: by more than a factor of 10, with who says what", () => {
    const curve = curveFrom(losses(valleyShaped, 0.02));
    expect(diagnose(curve, { a: found(0.001), b: found(0.01), c: { lr: null, reason: "" } })).toEqual([]);
    expect(diagnose(curve, { a: found(0.03), b: found(0.001) })).toMatchObject([
      {
        kind: "suggestersDisagree",
        message: expect.stringContaining("a factor of 30, from 0.001 (b) to 0.03 (a)"),
      },
    ]);
  });

  it("find no fault with real curves, save where the test hardly learned", () => {
    for (const { task, curves } of tasks) {
      for (const curve of curves) {
        const kinds = diagnose(curveOf(curve)).map(({ kind }) => kind);
        expect(kinds, task).toEqual(curve.edge.kind === "flat" ? ["blewUpBeforeFalling"] : []);
      }
    }
  });
});

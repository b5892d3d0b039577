import { describe, expect, it } from "vitest";
import { denoise, edge, suggest } from "../../../src/finder/index.js";
import { curveFrom, curveOf, tasks } from "../recorded.js";

const read = (loss: readonly number[]) => suggest(curveFrom(loss), { suggestFuncs: [edge] }).edge;

describe("edge", () => {
  const recorded = tasks.flatMap(({ task, curves }) => curves.map((curve) => ({ task, curve })));

  it("has real curves of both branches to be tried on", () => {
    expect(new Set(recorded.map(({ curve }) => curve.edge.kind))).toEqual(new Set(["edge", "flat"]));
    expect(recorded.length).toBeGreaterThan(150);
  });

  it.each(recorded)("gives the reference answer for $task, seed $curve.seed", ({ curve }) => {
    const found = suggest(curveOf(curve), { suggestFuncs: [edge] }).edge;
    if (found.lr === null) expect.fail(found.reason);
    // The recorded losses are rounded to nine digits.
    expect(Math.abs(found.lr / curve.edge.lr - 1)).toBeLessThan(1e-6);
    expect(found.branch).toBe(curve.edge.kind);
  });

  it("suggests a fifth of the rate where a clean valley ends", () => {
    const loss = Array.from({ length: 100 }, (_, i) =>
      i < 40 ? 2 : i < 80 ? 2 - (i - 40) / 40 : 1 + (i - 80) / 5,
    );
    const found = read(loss);
    if (found.lr === null) expect.fail(found.reason);
    const curve = curveFrom(loss);
    expect(found.lr).toBeCloseTo(found.point.lr / 5, 12);
    expect(found.point.lr).toBeGreaterThan(curve.lr[78]!);
    expect(found.point.lr).toBeLessThan(curve.lr[84]!);
  });

  it("takes the last rate for the edge where nothing blows up", () => {
    const curve = curveFrom(Array.from({ length: 100 }, (_, i) => 2 - i / 100));
    const found = suggest(curve, { suggestFuncs: [edge] }).edge;
    expect(found).toMatchObject({ branch: "edge", lr: curve.lr[99]! / 5 });
  });

  it("is capped where the test itself solved the task", () => {
    const loss = Array.from({ length: 100 }, (_, i) => Math.max(0.01, 2 - Math.max(0, i - 30) / 5));
    const curve = curveFrom(loss);
    const found = suggest(curve, { suggestFuncs: [edge] }).edge;
    if (found.lr === null) expect.fail(found.reason);
    // 2 falls below 0.2 at step 39, and the smooth loss with it.
    expect(curve.lr.indexOf(found.lr)).toBeGreaterThanOrEqual(38);
    expect(curve.lr.indexOf(found.lr)).toBeLessThanOrEqual(41);
    expect(found.lr).toBeLessThan(found.point.lr / 5);
  });

  it("is capped at the first rate with a tenth of the loss exactly", () => {
    const loss = Array.from({ length: 120 }, (_, i) => (i < 30 ? 10 : i < 90 ? 1 : 0));
    const found = read(loss);
    // A plateau of 1 after one of 10: the Gaussian, 25 steps to either side, is 1 from step 55 at the latest.
    const { smooth, start } = denoise(loss)!;
    expect(start).toBe(10);
    const first = smooth.indexOf(1);
    expect(first).toBeLessThanOrEqual(55);
    expect(smooth.findIndex((value) => value < 1)).toBeGreaterThan(first);
    expect(found.lr).toBe(curveFrom(loss).lr[first]);
  });

  it("bears 0.4 of the rate when held constant", () => {
    for (const { curves } of tasks) {
      const curve = curveOf(curves[0]!);
      const found = suggest(curve, { suggestFuncs: [edge, edge.with({ schedule: "constant" }).as("held")] });
      expect(found.held.lr! / found.edge.lr!).toBeCloseTo(0.4, 12);
    }
  });

  it("sees nothing after the first loss that is not finite", () => {
    const loss = Array.from({ length: 60 }, (_, i) => 2 - i / 60);
    const cut = suggest(curveFrom([...loss, Number.NaN, 0, 0, 0, 0]), { suggestFuncs: [edge] }).edge;
    const whole = suggest(curveFrom([...loss, 9, 0, 0, 0, 0]), { suggestFuncs: [edge] }).edge;
    expect(cut.lr).toBe(curveFrom([...loss, 0, 0, 0, 0, 0]).lr[59]! / 5);
    expect(whole.lr).not.toBe(cut.lr);
  });
});

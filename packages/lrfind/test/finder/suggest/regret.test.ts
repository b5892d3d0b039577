import { describe, expect, it } from "vitest";
import { regretTable } from "../../../../../bench/regret-table.js";
import { tasks } from "../recorded.js";

describe("the regret of the suggested rates, on recorded trainings", () => {
  const rows = regretTable(tasks);
  const mean = (name: string) => rows.find((row) => row.name === name)!.mean;

  it("is least for edge, and less still over three runs", () => {
    expect(mean("edge, 3 runs")).toBeLessThan(mean("edge"));
    for (const other of ["minimum", "slide", "steep", "valley"])
      expect(mean("edge")).toBeLessThan(mean(other));
  });

  it("is never below zero: nothing beats the best rate of the grid", () => {
    for (const { mean, worst } of rows) {
      expect(mean).toBeGreaterThan(0);
      expect(worst.regret).toBeGreaterThanOrEqual(mean);
    }
  });

  it("leaves out no curve", () => {
    expect(rows.map(({ silent }) => silent)).toEqual(rows.map(() => 0));
  });

  it("is nothing at the best rate, and the whole distance at a rate that diverges", () => {
    // Losses fall with the rate down to 1 at 0.1, and training diverges at 1: capped at 1.5 times 2.
    const curve = tasks[0]!.curves[0]!;
    const task = { ...tasks[0]!, curves: [curve], initialLoss: [2], grid: [0.01, 0.1, 1] };
    const rate = curve.edge.lr;
    const at = (losses: readonly (number | "NaN")[], grid: readonly number[]) =>
      regretTable([{ ...task, grid, oneCycle: [losses] }]).find(({ name }) => name === "edge")!.mean;
    expect(at([2, 1, "NaN"], [rate / 10, rate, rate * 10])).toBeCloseTo(0, 5);
    expect(at([1, "NaN"], [rate / 10, rate])).toBeCloseTo(Math.log(3), 5);
    expect(at([1, 2], [rate / 10, rate * 10])).toBeCloseTo(Math.log(1.5), 5);
  });
});

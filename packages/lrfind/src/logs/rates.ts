import type { Check } from "../core/index.js";
import type { Column, Roles } from "./columns.js";

/** A rate for each recorded step: a function, or the two ends of a sweep. */
export type LoggedRates =
  | ((step: number) => number)
  | {
      /** The rate of the first recorded step, above 0. */
      readonly from: number;
      /** The rate of the last. */
      readonly to: number;
      /** How the rate grew. @default "exponential" */
      readonly sweep?: "exponential" | "linear";
    };

/** The check of the two ends. */
export const loggedRates: Check = {
  expected: "{ from, to }, two rates above 0 of which the second is larger",
  accepts(value) {
    if (typeof value !== "object" || value === null) return false;
    const { from, to, sweep = "exponential" } = value as Record<string, unknown>;
    const rates = [from, to].every((rate) => typeof rate === "number" && rate > 0 && Number.isFinite(rate));
    return rates && (from as number) < (to as number) && (sweep === "exponential" || sweep === "linear");
  },
  hint: () => "{ from: 1e-7, to: 10 }",
};

/** The rate of each row that has a loss, by its step. */
export function rateColumn({ loss, step }: Roles, rates: LoggedRates): Column | undefined {
  if (loss === undefined) return undefined;
  const steps = loss.cells.map((cell, i) => (cell === undefined ? undefined : (step?.cells[i] ?? i)));
  const recorded = steps.filter((at) => at !== undefined);
  const rateAt = typeof rates === "function" ? rates : sweepOver(recorded, rates);
  return { name: "rates", cells: steps.map((at) => (at === undefined ? undefined : rateAt(at))) };
}

function sweepOver(
  steps: readonly number[],
  { from, to, sweep = "exponential" }: Exclude<LoggedRates, (step: number) => number>,
): (step: number) => number {
  const first = steps.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = steps.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return (step) => {
    const share = last > first ? (step - first) / (last - first) : 0;
    return sweep === "linear" ? from + share * (to - from) : from * (to / from) ** share;
  };
}

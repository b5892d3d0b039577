import { describe } from "lrfind/core";
import { LearnerError } from "../../errors.js";

/** What a null in a rate's place is, and what to do about it. */
export const NULL_RATE =
  "to look at result.diagnostics: null is the rate of a search that found none (lr: result says why)";

/**
 * Checks a number that a schedule is made of: in arithmetic a null would count as 0.
 *
 * @throws {LearnerError} when it is not finite.
 */
export function checkValue(where: string, name: string, value: unknown): void {
  if (typeof value === "number" && Number.isFinite(value)) return;
  const hint = value === null ? { hint: NULL_RATE } : {};
  throw new LearnerError({ where, expected: `${name} to be a finite number`, got: describe(value), ...hint });
}

import { checkValue } from "./check-value.js";
import type { Schedule } from "./schedule.js";

/**
 * A straight line: `start + position (end - start)`.
 *
 * @param start - Value at position 0.
 * @param end - Value at position 1.
 * @throws {LearnerError} when one is no finite number.
 *
 * @example
 * ```ts
 * linearSchedule(0, 10)(0.25); // 2.5
 * ```
 *
 * Source: fastai's `SchedLin`.
 */
export function linearSchedule(start: number, end: number): Schedule {
  checkValue("linearSchedule", "start", start);
  checkValue("linearSchedule", "end", end);
  return (position) => start + position * (end - start);
}

import type { Schedule } from "./schedule.js";

/**
 * A straight line: `start + position (end - start)`.
 *
 * @param start - Value at position 0.
 * @param end - Value at position 1.
 *
 * @example
 * ```ts
 * linearSchedule(0, 10)(0.25); // 2.5
 * ```
 *
 * Source: fastai's `SchedLin`.
 */
export function linearSchedule(start: number, end: number): Schedule {
  return (position) => start + position * (end - start);
}

import { checkValue } from "./check-value.js";
import type { Schedule } from "./schedule.js";

/**
 * Half a cosine, flat at both ends: `start + (1 + cos(π (1 - position))) (end - start) / 2`.
 *
 * @param start - Value at position 0.
 * @param end - Value at position 1.
 * @throws {LearnerError} when one is no finite number.
 *
 * @example
 * ```ts
 * cosineSchedule(0, 10)(0.5); // 5
 * ```
 *
 * Source: Loshchilov and Hutter (2016), equation 5, as fastai's `SchedCos` writes it.
 */
export function cosineSchedule(start: number, end: number): Schedule {
  checkValue("cosineSchedule", "start", start);
  checkValue("cosineSchedule", "end", end);
  return (position) => start + ((1 + Math.cos(Math.PI * (1 - position))) * (end - start)) / 2;
}

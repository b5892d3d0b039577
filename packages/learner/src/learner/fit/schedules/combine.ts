import { arrayOf } from "lrfind/core";
import { check } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import type { Schedule } from "./schedule.js";

/** A schedule and the part of the whole that it takes. */
export interface ScheduleSegment {
  /** In [0, 1]. */
  readonly pct: number;
  readonly schedule: Schedule;
}

const SEGMENTS = arrayOf(
  {
    expected: "a part { pct, schedule }",
    accepts: (value) => {
      const { pct, schedule } = Object(value) as Partial<ScheduleSegment>;
      return typeof pct === "number" && typeof schedule === "function";
    },
  },
  { minLength: 1 },
);

/** Parts are sums of decimal fractions, which binary numbers do not hold exactly. */
const SUM_TOLERANCE = 1e-9;

/**
 * How far a position may be from a border and still be at it. Borders are sums of parts, positions one quotient of whole
 * steps: equal ones differ by a few 1e-16. A step of a fit is longer than this up to 1e11 steps.
 */
export const BORDER_TOLERANCE = 1e-12;

/**
 * Schedules one after another, each stretched over its part of the whole.
 *
 * At a border the later schedule counts; a part of 0 is skipped.
 *
 * @param segments - Their parts add up to 1.
 * @throws {LearnerError} when there is none, a part is outside [0, 1], or they do not add up to 1.
 *
 * @example
 * ```ts
 * const warmUp = combineSchedules([
 *   { pct: 0.1, schedule: linearSchedule(0, 1) },
 *   { pct: 0.9, schedule: cosineSchedule(1, 0) },
 * ]);
 * warmUp(0.05); // 0.5
 * ```
 *
 * Source: fastai's `combine_scheds`.
 */
export function combineSchedules(segments: readonly ScheduleSegment[]): Schedule {
  check("combineSchedules", "segments", segments, SEGMENTS);
  const sum = segments.reduce((total, { pct }) => total + pct, 0);
  const bad = segments.find(({ pct }) => !(pct >= 0 && pct <= 1));
  if (bad || Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new LearnerError({
      where: "combineSchedules",
      expected: "parts in [0, 1] that add up to 1",
      got: `[${segments.map(({ pct }) => pct).join(", ")}]`,
    });
  }
  const starts: number[] = [];
  let start = 0;
  for (const { pct } of segments) {
    starts.push(start);
    start += pct;
  }
  return joined(
    segments.map(({ pct, schedule }, i) => ({ start: starts[i]!, length: pct, schedule })),
    BORDER_TOLERANCE,
  );
}

/** A schedule and where it lies, in any unit. */
export interface PlacedSchedule {
  readonly start: number;
  readonly length: number;
  readonly schedule: Schedule;
}

/**
 * Schedules one after another, by where each starts. At a start the later one counts and is at its position 0 exactly.
 *
 * @param tolerance - How far before a start a position is already at it.
 */
export function joined(parts: readonly PlacedSchedule[], tolerance: number): Schedule {
  const last = parts.findLastIndex(({ length }) => length > 0);
  return (position) => {
    let i = 0;
    for (let next = 1; next <= last; next++) if (position >= parts[next]!.start - tolerance) i = next;
    const { start, length, schedule } = parts[i]!;
    if (length === 0) return schedule(1);
    const within = (position - start) / length;
    return schedule(Math.abs(position - start) <= tolerance ? 0 : within);
  };
}

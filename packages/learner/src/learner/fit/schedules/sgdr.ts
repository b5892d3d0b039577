import { anything, describe } from "lrfind/core";
import { checkLearnerOptions } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import { checkValue } from "./check-value.js";
import { BORDER_TOLERANCE, joined } from "./combine.js";
import { cosineSchedule } from "./cosine.js";
import type { Schedule } from "./schedule.js";

/** Far beyond any fit: more would fill the memory. */
const MAX_CYCLES = 1_000_000;

/** The cycles of a schedule with warm restarts. */
export interface SgdrCycles {
  /** A whole number from 1 up. */
  readonly nCycles: number;
  /** Epochs of the first cycle: a whole number from 1 up. */
  readonly cycleLen: number;
  /**
   * Each cycle is this many times as long as the one before: a whole number from 1 up.
   * @default 2
   */
  readonly cycleMult?: number;
}

/**
 * Epochs of each cycle: `cycleLen cycleMult^i` for i = 0 … nCycles - 1.
 *
 * @throws {LearnerError} when a number is not a whole one from 1 up.
 *
 * @example
 * ```ts
 * sgdrEpochs({ nCycles: 3, cycleLen: 1 }); // [1, 2, 4]
 * ```
 */
export function sgdrEpochs(cycles: SgdrCycles): number[] {
  checkLearnerOptions<SgdrCycles>("sgdr", cycles, {
    nCycles: anything,
    cycleLen: anything,
    cycleMult: anything,
  });
  const { nCycles, cycleLen, cycleMult = 2 } = cycles;
  for (const [name, value] of Object.entries({ nCycles, cycleLen, cycleMult })) {
    if (Number.isSafeInteger(value) && value >= 1 && value <= MAX_CYCLES) continue;
    throw new LearnerError({
      where: `fitSgdr ${name}`,
      expected: "a whole number from 1 up",
      got: describe(value),
    });
  }
  return Array.from({ length: nCycles }, (_, i) => cycleLen * cycleMult ** i);
}

/**
 * Stochastic gradient descent with warm restarts: in each cycle half a cosine from `lrMax` down to 0.
 *
 * @param lrMax - The rate at the start of each cycle.
 * @throws {LearnerError} when the rate is no finite number, or a number of the cycles not a whole one from 1 up.
 *
 * @example
 * ```ts
 * const lr = sgdr(0.1, { nCycles: 2, cycleLen: 1 }); // 3 epochs: one, then two
 * [lr(0), lr(1 / 6), lr(1 / 3)]; // [0.1, 0.05, 0.1]
 * ```
 *
 * Source: Loshchilov and Hutter, SGDR (2016), equation 5 with a minimum of 0; fastai's `fit_sgdr`.
 */
export function sgdr(lrMax: number, cycles: SgdrCycles): Schedule {
  checkValue("sgdr", "lrMax", lrMax);
  const epochs = sgdrEpochs(cycles);
  const schedule = cosineSchedule(lrMax, 0);
  let total = 0;
  const parts = epochs.map((length) => {
    const start = total;
    total += length;
    return { start, length, schedule };
  });
  // Cycles are placed by whole epochs: only the position, one quotient, is rounded.
  const inEpochs = joined(parts, total * BORDER_TOLERANCE);
  return (position) => inEpochs(position * total);
}

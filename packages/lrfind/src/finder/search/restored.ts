import { formatLoss } from "../../core/index.js";
import type { Curve } from "../curve/curve.js";
import { denoise } from "../curve/denoise.js";
import type { Diagnostic } from "../suggest/diagnose.js";

/** Starts that differ by more than this factor are no chance: those of 21 recorded tasks differ by 1.42 at most. */
const CHANCE = 2;
/** How much of the way to where the sweep before ended makes a start suspicious, if that way was worth half the loss. */
const SHARE_OF_WAY = 0.75;
const WORTHWHILE = 0.5;
/** Starts nearer than so many standard errors are the same start. */
const STANDARD_ERRORS = 5;

/** A sweep, and what to call it within a message: `"run 2"`. */
export interface NamedSweep {
  readonly name: string;
  readonly curve: Curve;
}

/**
 * Whether a later sweep began somewhere else than the first, though a trial takes everything back: weights that stay
 * as the sweep before left them make every further curve worthless, however well they agree.
 *
 * The starts are means over the first `steps` losses, in which the rates hardly move anything yet; seeds with other
 * mini-batches and initial weights make them differ by chance. It is not chance where one is more than twice the other,
 * or where the later one lies three quarters of the way to where the sweep before ended, and that way was half the
 * loss; in both cases by more than 5 standard errors. Nor is it where one sweep ended in NaN and the next begins with it.
 *
 * @param first - The first sweep of the search.
 * @param before - The one that was made just before; perhaps the first.
 * @param later - The one to judge.
 * @param steps - How many losses count as the start.
 * @returns The warning, or undefined where the starts agree or there is none to compare.
 */
export function notRestored(
  first: NamedSweep,
  before: NamedSweep,
  later: NamedSweep,
  steps: number,
): Diagnostic | undefined {
  const wanted = mean(first.curve.loss.slice(0, steps));
  const start = mean(later.curve.loss.slice(0, steps));
  if (!Number.isFinite(wanted) || later.curve.loss.length === 0) return undefined;
  const left = mean(before.curve.loss.slice(-steps));
  const difference = Math.abs(start - wanted);
  const way = left - wanted;
  const apart = difference > (CHANCE - 1) * Math.min(Math.abs(start), Math.abs(wanted));
  const along = Math.abs(way) > WORTHWHILE * Math.abs(wanted) && (start - wanted) / way > SHARE_OF_WAY;
  const noise = denoise(first.curve.loss)?.noise ?? 0;
  const visible = difference > STANDARD_ERRORS * noise * Math.sqrt(2 / steps);
  const brokenStill = before.curve.stop === "nonFinite" && !Number.isFinite(later.curve.loss[0]);
  if (!brokenStill && !(visible && (apart || along))) return undefined;
  return {
    kind: "notRestored",
    message: `${later.name[0]!.toUpperCase()}${later.name.slice(1)} started at a loss of ${formatLoss(start)}, ${first.name} at ${formatLoss(wanted)}: the trainer was not as it had been before. Disposing a trial must put back weights, optimizer state and place in the data; until it does, only ${first.name} counts.`,
  };
}

/**
 * Compares every sweep with the first of its search.
 *
 * @param steps - How many losses count as the start.
 * @returns A function from the next sweep to the warning it calls for, if any.
 */
export function restoreWatch(steps: number): (sweep: NamedSweep) => Diagnostic[] {
  let first: NamedSweep | undefined;
  let before: NamedSweep | undefined;
  return (sweep) => {
    const warning = first && before && notRestored(first, before, sweep, steps);
    first ??= sweep;
    before = sweep;
    return warning === undefined ? [] : [warning];
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { type DenoisedLoss, denoise } from "../../curve/denoise.js";
import { LrFindOptionError } from "../../errors.js";
import type { FoundSuggestion, NoSuggestion } from "../suggestion.js";
import { CONSTANT_REASON, isConstant } from "./constant.js";
import { suggester } from "./suggester.js";

/** Options of `edge`. */
export interface EdgeOptions {
  /**
   * How the rate will be used: as the peak of a one-cycle schedule, or held constant, which bears only 0.4 of
   * it. @default "oneCycle"
   */
  readonly schedule: "oneCycle" | "constant";
}

/**
 * What `edge` returns: a `Suggestion` that also tells how it came about. `"edge"`: the loss fell, and the
 * point is where it begins to blow up. `"flat"`: the loss hardly fell, and the point is the last rate that did
 * no harm.
 */
export type EdgeSuggestion = (FoundSuggestion & { readonly branch: "edge" | "flat" }) | NoSuggestion;

/** How far below the edge to stay. */
const BELOW_EDGE = 5;
/** How far below the last harmless rate to stay, where there is no edge. */
const BELOW_FLAT = 10;
/** What a constant rate bears of the peak of a one-cycle schedule. */
const CONSTANT_SHARE = 0.4;

/**
 * A fifth of the rate at which the loss begins to blow up.
 *
 * The other suggesters read a lagging average; this one reads the raw losses of the whole curve through a
 * symmetric Gaussian, with an estimate of their noise (see `denoise`). With g that smooth loss, `st` the loss
 * at the start, m the running minimum of g, drop = st − m, tot = st − min g, and se the standard error of g:
 *
 * 1. Flat, if tot < 3 se or tot < 1 % of |st|: the last rate with g ≤ st + max(3 se, 0.1 |st|) (or the last
 *    rate), divided by 10.
 * 2. Otherwise the edge is the earlier of two rates: the first at or after argmin g with g ≥ min g + 0.25 tot;
 *    and, once drop ≥ 0.7 tot, the first with g ≥ m + max(min(0.25 drop, 0.5 |m|), 3 se). If there is neither, it
 *    is the last rate. The suggestion is a fifth of it.
 * 3. If st > 0 and g falls below 10 % of st before the edge, the test itself has solved the task, and a larger
 *    rate says nothing: the suggestion is at most the first rate with g ≤ 0.1 st.
 * 4. For `schedule: "constant"`, 0.4 times that.
 *
 * Gives no rate for fewer than 8 finite losses, or where every one of them is the same.
 *
 * @example
 * ```ts
 * const { edge: found } = suggest(curve, { suggestFuncs: [edge.with({ schedule: "constant" })] });
 * if (found.lr !== null) console.log(found.lr, found.branch);
 * ```
 *
 * Source: ours. `bench/regret.ts` compares it with the others on recorded trainings.
 */
export const edge = suggester(
  "edge",
  ({ curve }, { schedule }: EdgeOptions): EdgeSuggestion => {
    const denoised = denoise(curve.loss);
    if (denoised === null) return { lr: null, reason: whyNot(curve.loss) };
    if (isConstant(curve.loss.slice(0, denoised.length))) return { lr: null, reason: CONSTANT_REASON };
    const { branch, at } = edgeOf(denoised);
    let lr = curve.lr[at]! / (branch === "flat" ? BELOW_FLAT : BELOW_EDGE);
    if (branch === "edge") lr = Math.min(lr, curve.lr[solvedAt(denoised, at)] ?? lr);
    if (schedule === "constant") lr *= CONSTANT_SHARE;
    return { lr, point: { lr: curve.lr[at]!, loss: denoised.smooth[at]! }, branch };
  },
  {
    summary: "a fifth of the rate where the loss blows up",
    explain({ curve }, { schedule }) {
      const denoised = denoise(curve.loss);
      if (denoised === null || isConstant(curve.loss.slice(0, denoised.length))) return null;
      const { branch, at } = edgeOf(denoised);
      const { smooth, start, lowest } = denoised;
      const share =
        schedule === "constant" ? ` A rate that is held constant bears ${CONSTANT_SHARE} of that.` : "";
      const place = { lr: curve.lr[at]!, loss: smooth[at]! };
      const begin = { label: "start", loss: start };
      if (branch === "flat") {
        const text = `The loss never fell: the rate is a tenth of the last one that does no harm.${share}`;
        return { text, levels: [begin], places: [{ label: "last harmless rate", ...place }] };
      }
      const low = { label: "lowest", lr: curve.lr[lowest.index]!, loss: lowest.loss };
      const back = { label: "a quarter back", loss: lowest.loss + 0.25 * (start - lowest.loss) };
      const came = at >= lowest.index && place.loss >= back.loss;
      const what = came
        ? "Behind its lowest point the loss comes back by a quarter of its fall"
        : at === smooth.length - 1
          ? "The loss did not come back up to the last rate"
          : "The loss rises out of a dip on its way down";
      return {
        text: `${what}; the rate is a fifth of that there, or less where the loss was all but gone before.${share}`,
        levels: came ? [begin, back] : [begin],
        places: [low, { label: "edge", ...place }],
      };
    },
    defaults: { schedule: "oneCycle" },
    check({ schedule }, where) {
      if (schedule === "oneCycle" || schedule === "constant") return;
      const expected = 'schedule "oneCycle" or "constant"';
      throw new LrFindOptionError(where, {
        option: "schedule",
        expected,
        received: schedule,
        hint: '"oneCycle"',
      });
    },
  },
);

/** Which kind of curve it is, and the index at which the rate is read. */
function edgeOf(denoised: DenoisedLoss): { readonly branch: "edge" | "flat"; readonly at: number } {
  return isFlat(denoised)
    ? { branch: "flat", at: lastHarmless(denoised) }
    : { branch: "edge", at: blowUp(denoised) };
}

/** Whether the loss fell by no more than its noise, or by next to nothing. */
function isFlat({ start, lowest, standardError }: DenoisedLoss): boolean {
  const fall = start - lowest.loss;
  return fall < 3 * standardError || fall < 0.01 * Math.abs(start);
}

/** Index of the last rate at which the loss is not above its start. */
function lastHarmless({ smooth, start, standardError }: DenoisedLoss): number {
  const limit = start + Math.max(3 * standardError, 0.1 * Math.abs(start));
  const last = smooth.findLastIndex((loss) => loss <= limit);
  return last < 0 ? smooth.length - 1 : last;
}

/** Index at which the loss has left its valley for good, or risen out of a dip on the way; else the last. */
function blowUp({ smooth, start, lowest, standardError }: DenoisedLoss): number {
  const fall = start - lowest.loss;
  let runningLow = Number.POSITIVE_INFINITY;
  for (let i = 0; i < smooth.length; i++) {
    const loss = smooth[i]!;
    runningLow = Math.min(runningLow, loss);
    if (i >= lowest.index && loss >= lowest.loss + 0.25 * fall) return i;
    const drop = start - runningLow;
    const rise = Math.max(Math.min(0.25 * drop, 0.5 * Math.abs(runningLow)), 3 * standardError);
    if (drop >= 0.7 * fall && loss >= runningLow + rise) return i;
  }
  return smooth.length - 1;
}

/** Index at which nine tenths of a positive loss were gone, up to the edge; −1 if they never were. */
function solvedAt({ smooth, start }: DenoisedLoss, edgeIndex: number): number {
  if (start <= 0) return -1;
  const solved = smooth.subarray(0, edgeIndex + 1).some((loss) => loss < 0.1 * start);
  return solved ? smooth.findIndex((loss) => loss <= 0.1 * start) : -1;
}

/** Why `denoise` returned nothing. */
function whyNot(losses: readonly number[]): string {
  const firstBad = losses.findIndex((loss) => !Number.isFinite(loss));
  const finite = firstBad < 0 ? losses.length : firstBad;
  return finite < 8 ? `${finite} finite losses, at least 8 are needed` : "the losses are too large to add up";
}

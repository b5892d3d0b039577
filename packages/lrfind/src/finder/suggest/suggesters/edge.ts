import { type DenoisedLoss, denoise } from "../../curve/denoise.js";
import { LrFindOptionError } from "../../errors.js";
import type { Explanation } from "../explanation.js";
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
      return explanationOf(curve.lr, denoised, schedule === "constant");
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

/** Where the rate is read, and why there. */
interface Edge {
  readonly branch: "edge" | "flat";
  /** Index of that rate. */
  readonly at: number;
  /** The loss that was crossed there; undefined where it never was. */
  readonly threshold?: number;
  /** Index of the low from which the loss rose to it. */
  readonly low: number;
  /** Whether that was a quarter of the whole fall. */
  readonly isBack?: boolean;
}

/** Which kind of curve it is, and where the rate is read. */
function edgeOf(denoised: DenoisedLoss): Edge {
  return isFlat(denoised)
    ? { branch: "flat", ...lastHarmless(denoised) }
    : { branch: "edge", ...blowUp(denoised) };
}

/** The parts of an edge in words and places. */
function explanationOf(lr: readonly number[], denoised: DenoisedLoss, isHeld: boolean): Explanation {
  const { smooth, start, lowest } = denoised;
  const { branch, at, threshold, low, isBack } = edgeOf(denoised);
  const share = isHeld ? ` A rate that is held constant bears ${CONSTANT_SHARE} of that.` : "";
  const place = (label: string, i: number) => ({ label, lr: lr[i]!, loss: smooth[i]! });
  const level = (label: string) => (threshold === undefined ? [] : [{ label, loss: threshold }]);
  const begin = { label: "start", loss: start };
  if (branch === "flat") {
    const text = `The loss never fell: the rate is a tenth of the last one that does no harm.${share}`;
    return { text, levels: [begin, ...level("harm")], places: [place("last harmless rate", at)] };
  }
  const [what, name] =
    threshold === undefined
      ? ["The loss did not come back up to the last rate", ""]
      : isBack
        ? ["Behind its lowest point the loss comes back by a quarter of its fall", "a quarter back"]
        : ["Low already, the loss rises again by more than its noise", "risen again"];
  return {
    text: `${what}; the rate is a fifth of that there, or less where the loss was all but gone before.${share}`,
    levels: [begin, ...level(name)],
    places: [place(low === lowest.index ? "lowest" : "dip", low), place("edge", at)],
  };
}

/** Whether the loss fell by no more than its noise, or by next to nothing. */
function isFlat({ start, lowest, standardError }: DenoisedLoss): boolean {
  const fall = start - lowest.loss;
  return fall < 3 * standardError || fall < 0.01 * Math.abs(start);
}

/** The last rate at which the loss is not above its start. */
function lastHarmless({ smooth, start, lowest, standardError }: DenoisedLoss): Omit<Edge, "branch"> {
  const limit = start + Math.max(3 * standardError, 0.1 * Math.abs(start));
  const last = smooth.findLastIndex((loss) => loss <= limit);
  return { at: last < 0 ? smooth.length - 1 : last, threshold: limit, low: lowest.index };
}

/** Where the loss has left its valley for good, or risen out of a dip on the way; else the last rate. */
function blowUp({ smooth, start, lowest, standardError }: DenoisedLoss): Omit<Edge, "branch"> {
  const fall = start - lowest.loss;
  const back = lowest.loss + 0.25 * fall;
  let low = 0;
  for (let i = 0; i < smooth.length; i++) {
    const loss = smooth[i]!;
    if (loss < smooth[low]!) low = i;
    if (i >= lowest.index && loss >= back) return { at: i, threshold: back, low: lowest.index, isBack: true };
    const drop = start - smooth[low]!;
    const rise = Math.max(Math.min(0.25 * drop, 0.5 * Math.abs(smooth[low]!)), 3 * standardError);
    if (drop >= 0.7 * fall && loss >= smooth[low]! + rise)
      return { at: i, threshold: smooth[low]! + rise, low };
  }
  return { at: smooth.length - 1, low: lowest.index };
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

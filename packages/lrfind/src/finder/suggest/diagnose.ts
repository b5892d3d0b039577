import { formatLoss, formatRate } from "../../core/index.js";
import { check, suggestions as suggestionsCheck } from "../checks.js";
import { checkCurve } from "../curve/check-curve.js";
import type { Curve } from "../curve/curve.js";
import { denoise } from "../curve/denoise.js";
import { trimCurve } from "../curve/trim.js";
import type { Suggestion } from "./suggestion.js";

/**
 * Why a curve, or what was read off it, should not simply be trusted.
 *
 * - `neverFell`: the loss is no lower at any rate than at the start.
 * - `stillFalling`: the loss was still falling at the last rate.
 * - `blewUpBeforeFalling`: the loss rose without having fallen.
 * - `tooNoisy`: the losses scatter so much that `numIt` steps hardly show the fall.
 * - `tooFewPoints`: too little of the curve is left to read.
 * - `suggestersDisagree`: the suggestions span more than a factor of 10.
 * - `aborted`: the test was stopped before its end.
 * - `runsWithoutSuggestion`: some of several runs gave no rate, and the mean is that of the others.
 * - `runsDisagree`: one suggester's rates span more than a factor of 30 over the runs.
 * - `notRestored`: a later run, or the sweep of a later group, did not begin where the first one did.
 */
export type DiagnosticKind =
  | "neverFell"
  | "stillFalling"
  | "blewUpBeforeFalling"
  | "tooNoisy"
  | "tooFewPoints"
  | "suggestersDisagree"
  | "aborted"
  | "runsWithoutSuggestion"
  | "runsDisagree"
  | "notRestored";

/** One such warning. */
export interface Diagnostic {
  readonly kind: DiagnosticKind;
  /** What was seen, and what to change. */
  readonly message: string;
  /** The parameter group it is about, where each was swept alone. */
  readonly group?: string;
}

/** Fewer readable points than these are too few to see a shape in. */
const FEWEST_POINTS = 10;
/** Suggestions that span more than this factor disagree. */
const DISAGREEMENT = 10;

/**
 * Looks for what should make one doubt a curve, in plain words.
 *
 * Reads the whole curve through `denoise`: it "fell" if its smooth loss came below its start by 3 standard
 * errors and 1 % of the start.
 *
 * @param curve - A recorded curve, of any length.
 * @param suggestions - What was read off it. Default: none, and no disagreement is looked for.
 * @returns The warnings; none for a curve that looks as it should.
 *
 * @example
 * ```ts
 * for (const { message } of diagnose(curve, suggest(curve))) console.warn(message);
 * ```
 */
export function diagnose(
  curve: Curve,
  suggestions: Readonly<Record<string, Suggestion>> = {},
): readonly Diagnostic[] {
  checkCurve("diagnose", curve);
  check("diagnose", "suggestions", suggestions, suggestionsCheck);
  return [...aborted(curve), ...shape(curve), ...disagreement(suggestions)];
}

function aborted({ stop, lr, numIt }: Curve): Diagnostic[] {
  if (stop !== "aborted") return [];
  const where = lr.length === 0 ? "before its first step" : `after ${lr.length} of ${numIt} steps`;
  return [
    {
      kind: "aborted",
      message: `The test was stopped ${where}: nothing is known of larger rates. Let it run to its end.`,
    },
  ];
}

/** At most one warning about the shape: the others would follow from it. */
function shape(curve: Curve): Diagnostic[] {
  const readable = trimCurve(curve).lr.length;
  const denoised = denoise(curve.loss);
  if (denoised === null || readable < FEWEST_POINTS) return [tooFewPoints(curve, readable)];

  const { smooth, start, lowest, noise, standardError, length } = denoised;
  const fall = start - lowest.loss;
  const visible = fall >= 0.01 * Math.abs(start) && fall > 0;
  const fell = visible && fall >= 3 * standardError;
  const end = curve.lr[length - 1]!;
  if (!fell) {
    const limit = start + Math.max(3 * standardError, 0.1 * Math.abs(start));
    const rose = curve.stop === "diverged" || curve.stop === "nonFinite" || smooth[length - 1]! > limit;
    if (rose) {
      return [
        {
          kind: "blewUpBeforeFalling",
          message: `The loss blew up without ever having fallen. Lower startLr (now ${formatRate(curve.lr[0]!)}) and raise numIt (now ${curve.numIt}), so that small rates get more steps; if it stays so, look at the model's initial weights and the scale of its inputs.`,
        },
      ];
    }
    if (!visible || noise === 0) return [neverFell(end)];
  }
  if (noise > 0.5 * fall) {
    return [
      {
        kind: "tooNoisy",
        message: `A single loss scatters by ${formatLoss(noise)}, and the whole fall is ${formatLoss(fall)}: ${curve.numIt} steps are too few for so noisy a loss. Raise numIt to ${4 * curve.numIt}, use larger batches, or average several runs.`,
      },
    ];
  }
  if (curve.stop === "completed" && lowest.index >= length - Math.max(3, Math.floor(length / 20))) {
    return [
      {
        kind: "stillFalling",
        message: `The loss was still falling at the last rate, ${formatRate(end)}: the best rate may be larger. Raise endLr.`,
      },
    ];
  }
  return [];
}

function tooFewPoints({ numIt, lr, stop, loss }: Curve, readable: number): Diagnostic {
  const finite = loss.findIndex((value) => !Number.isFinite(value));
  const why =
    stop === "completed" || stop === "aborted"
      ? `Raise numIt (now ${numIt}).`
      : `The test ended early: lower startLr (now ${lr.length === 0 ? "unknown" : formatRate(lr[0]!)}) or raise numIt (now ${numIt}).`;
  const seen =
    finite < 0 ? "" : ` Loss ${finite} is already ${loss[finite]}: look for bad values in the data.`;
  const kept = `Only ${readable} of ${lr.length} points can be read (the first tenth of numIt and the last 5 are left out)`;
  return { kind: "tooFewPoints", message: `${kept}, at least ${FEWEST_POINTS} are needed. ${why}${seen}` };
}

function neverFell(end: number): Diagnostic {
  return {
    kind: "neverFell",
    message: `The loss never fell, at no rate up to ${formatRate(end)}. Raise endLr; if it stays so, check that the trainer updates the weights and that the labels belong to the inputs.`,
  };
}

function disagreement(suggestions: Readonly<Record<string, Suggestion>>): Diagnostic[] {
  const found = Object.entries(suggestions).flatMap(([name, { lr }]) => (lr === null ? [] : [{ name, lr }]));
  found.sort((a, b) => a.lr - b.lr);
  const low = found[0];
  const high = found[found.length - 1];
  if (low === undefined || high === undefined || high.lr <= DISAGREEMENT * low.lr) return [];
  const factor = Math.round(high.lr / low.lr);
  return [
    {
      kind: "suggestersDisagree",
      message: `The suggestions span a factor of ${factor}, from ${formatRate(low.lr)} (${low.name}) to ${formatRate(high.lr)} (${high.name}). Look at the plot, and measure again with more steps (numIt) or several runs (runs: 3).`,
    },
  ];
}

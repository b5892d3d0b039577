import { formatRate } from "../../core/index.js";
import type { Curve } from "../curve/curve.js";
import type { Diagnostic } from "../suggest/diagnose.js";
import { diagnose } from "../suggest/diagnose.js";
import type { FoundSuggestion, Suggestion } from "../suggest/suggestion.js";
import type { Band, Finding, FindRun, Spread } from "./result.js";

/**
 * Runs whose rates span more than this factor have no mean worth having. On the recorded trainings those of `valley`
 * span 28 at most over eight seeds, those of `edge` 17.
 */
const RUNS_DISAGREEMENT = 30;

/**
 * Makes one finding of several runs.
 *
 * Aborted runs do not count, unless there is no other: their curves end where the caller's patience did.
 *
 * @param names - Those of the suggesters that were asked.
 * @param each - The runs, at least one.
 * @returns The mean curve, the geometric means of the suggestions with their spread, the band, the warnings.
 */
export function combineRuns(names: readonly string[], each: readonly FindRun[]): Required<Finding> {
  const whole = each.filter(({ curve }) => curve.stop !== "aborted");
  const used = whole.length === 0 ? each : whole;
  const { curve, band } = meanCurve(used.map((run) => run.curve));

  const means: Record<string, Suggestion> = {};
  const spread: Record<string, Spread> = {};
  const warnings: Diagnostic[] = [];
  for (const name of names) {
    const answers = used.map(({ suggestions }) => suggestions[name]!);
    const found = answers.filter((answer) => answer.lr !== null);
    means[name] = meanSuggestion(answers, found);
    const rates = found.map(({ lr }) => lr);
    spread[name] = {
      low: rates.length === 0 ? null : Math.min(...rates),
      high: rates.length === 0 ? null : Math.max(...rates),
      answered: found.length,
      of: answers.length,
    };
    if (found.length > 0 && found.length < answers.length)
      warnings.push(someSilent(name, answers, found.length));
    warnings.push(...disagreement(name, spread[name]));
  }
  return {
    curve,
    suggestions: means,
    diagnostics: [...warnings, ...diagnose(curve, means)],
    runs: { each, band, spread },
  };
}

/**
 * The mean of some curves over the steps that all of them made, and the range of their smoothed losses.
 *
 * The smoothing is linear, so the mean of the smoothed losses is the smoothed mean. It ended for the reason
 * for which the shortest ended.
 */
function meanCurve(curves: readonly Curve[]): { readonly curve: Curve; readonly band: Band } {
  const shortest = curves.reduce((a, b) => (b.lr.length < a.lr.length ? b : a));
  const column = (pick: (values: readonly number[]) => number, of: "loss" | "smoothed") =>
    shortest.lr.map((_, i) => pick(curves.map((curve) => curve[of][i]!)));
  return {
    curve: { ...shortest, loss: column(mean, "loss"), smoothed: column(mean, "smoothed") },
    band: {
      lr: shortest.lr,
      low: column((values) => Math.min(...values), "smoothed"),
      high: column((values) => Math.max(...values), "smoothed"),
    },
  };
}

/**
 * The geometric mean of the rates; no rate unless more than half of the runs gave one. Any further fields of a
 * suggestion are those of the run in the middle.
 */
function meanSuggestion(answers: readonly Suggestion[], found: readonly FoundSuggestion[]): Suggestion {
  if (2 * found.length <= answers.length) {
    const { reason } = answers.find((answer) => answer.lr === null)!;
    const ran = `${found.length} of ${answers.length} runs gave a rate`;
    return { lr: null, reason: found.length === 0 ? reason : `only ${ran}: ${reason}` };
  }
  const byRate = found.toSorted((a, b) => a.lr - b.lr);
  const middle = byRate[(byRate.length - 1) >> 1]!;
  return {
    ...middle,
    lr: geometricMean(found.map(({ lr }) => lr)),
    point: {
      lr: geometricMean(found.map(({ point }) => point.lr)),
      loss: mean(found.map(({ point }) => point.loss)),
    },
  };
}

function someSilent(name: string, answers: readonly Suggestion[], answered: number): Diagnostic {
  const { reason } = answers.find((answer) => answer.lr === null)!;
  return {
    kind: "runsWithoutSuggestion",
    message: `${name} found a rate in ${answered} of ${answers.length} runs only (${reason}). Look at each run's curve; raise numIt if they are noisy.`,
  };
}

function disagreement(name: string, { low, high }: Spread): Diagnostic[] {
  if (low === null || high === null || high <= RUNS_DISAGREEMENT * low) return [];
  const factor = formatRate(high / low);
  return [
    {
      kind: "runsDisagree",
      message: `The rates of ${name} span a factor of ${factor} over the runs, from ${formatRate(low)} to ${formatRate(high)}: their mean says nothing. Look at each run's curve; raise numIt, use larger batches, or ask another suggester.`,
    },
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function geometricMean(values: readonly number[]): number {
  // Relative to the first: equal rates then give themselves, and scaling by a power of two scales exactly.
  const first = values[0]!;
  return first * Math.exp(mean(values.map((value) => Math.log(value / first))));
}

import { formatRate } from "../core/index.js";
import type { Spread, Suggestion } from "../finder/index.js";
import type { RecordedFinding } from "./reportable.js";

/** The answer, in words. */
export interface Verdict {
  /** `"0.00302"`, or `"none"`. */
  readonly rate: string;
  /** Between which rates it lies, and how that is known. */
  readonly interval: string;
  /** One sentence: who says so, or why there is none. */
  readonly why: string;
  /** How far to trust it. */
  readonly trust: { readonly level: "good" | "fair" | "poor"; readonly text: string };
}

/** What a finding says, and how far to trust it. */
export function verdictOf(finding: RecordedFinding, explanation: string | undefined): Verdict {
  const [name, suggestion] = Object.entries(finding.suggestions)[0] ?? [];
  const rate = suggestion?.lr ?? null;
  return {
    rate: formatRate(rate),
    interval: intervalOf(finding, name),
    why: whyOf(name, suggestion, explanation),
    trust: trustOf(finding, rate, name === undefined ? undefined : finding.runs?.spread[name]),
  };
}

function intervalOf({ runs, suggestions }: RecordedFinding, name: string | undefined): string {
  const spread = name === undefined ? undefined : runs?.spread[name];
  if (runs !== undefined && spread !== undefined && spread.low !== null && spread.high !== null) {
    const span = `${formatRate(spread.low)} to ${formatRate(spread.high)}`;
    return `${span} over ${spread.answered} of ${spread.of} runs`;
  }
  const rates = Object.values(suggestions).flatMap(({ lr }) => lr ?? []);
  if (rates.length < 2) return "";
  const [low, high] = [rates.reduce((a, b) => Math.min(a, b)), rates.reduce((a, b) => Math.max(a, b))];
  return `${formatRate(low)} to ${formatRate(high)} by the ${rates.length} suggesters`;
}

function whyOf(
  name: string | undefined,
  suggestion: Suggestion | undefined,
  explanation: string | undefined,
): string {
  if (suggestion === undefined) return "No suggester was asked.";
  if (suggestion.lr === null) return `No rate was found by ${name}: ${suggestion.reason}.`;
  return explanation === undefined ? `As ${name} suggests.` : `As ${name} suggests. ${explanation}`;
}

function trustOf(
  { diagnostics = [], runs }: RecordedFinding,
  rate: number | null,
  spread: Spread | undefined,
): Verdict["trust"] {
  if (rate === null)
    return { level: "poor", text: "There is nothing to trust: look at the curve and what is said of it." };
  const [first] = diagnostics;
  if (first !== undefined) {
    const more = diagnostics.length > 1 ? `, and ${diagnostics.length - 1} more` : "";
    return { level: "poor", text: `With care: see the remark at the curve${more}.` };
  }
  if (runs === undefined || spread === undefined || spread.low === null || spread.high === null) {
    return {
      level: "fair",
      text: "Fairly: nothing speaks against it, but it is one run. Several (runs: 3) would show how far it scatters.",
    };
  }
  const factor = spread.high / spread.low;
  const apart = `the runs lie within a factor of ${factor.toPrecision(2)}`;
  return factor <= 3
    ? { level: "good", text: `Well: ${apart}, and nothing speaks against it.` }
    : { level: "fair", text: `Fairly: ${apart}.` };
}

import type { Diagnostic } from "../finder/index.js";
import type { RecordedFinding } from "./reportable.js";

/** The rate beside which a remark stands: that of the part of the curve it speaks of. */
export function placeOf({ kind }: Diagnostic, { curve, suggestions }: RecordedFinding): number | undefined {
  const { lr, smoothed } = curve;
  const found = Object.values(suggestions).flatMap(({ lr }) => lr ?? []);
  switch (kind) {
    case "blewUpBeforeFalling":
    case "notRestored":
      return lr[0];
    case "stillFalling":
    case "neverFell":
    case "aborted":
      return lr.at(-1);
    case "suggestersDisagree":
    case "runsDisagree":
    case "runsWithoutSuggestion":
      return found.length === 0 ? lr[0] : found.reduce((a, b) => Math.max(a, b));
    case "tooNoisy":
    case "tooFewPoints": {
      let lowest = 0;
      for (let i = 1; i < smoothed.length; i++) if (smoothed[i]! < smoothed[lowest]!) lowest = i;
      return lr[lowest];
    }
  }
}

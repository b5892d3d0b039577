import type { FoundSuggestion, Suggestion } from "../suggestion.js";

/** A rate that an option has scaled, unless it is none any more: 0.1 divided by 1e308 is 0. */
export function scaledRate(lr: number, point: FoundSuggestion["point"]): Suggestion {
  if (lr > 0 && Number.isFinite(lr)) return { lr, point };
  return { lr: null, reason: `the rate that was found, scaled as asked, is ${lr}` };
}

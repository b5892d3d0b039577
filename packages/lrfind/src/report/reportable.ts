import type { Diagnostic, SearchFacts, SearchResult } from "../finder/index.js";
import type { NamedResult, PlottableFinding } from "../plot/index.js";

/** What a report can be made of: a search's result, or a recorded curve with what was read off it. */
export type Reportable = SearchResult | RecordedFinding;

/** A curve that was recorded elsewhere, with its suggestions. */
export interface RecordedFinding extends PlottableFinding {
  /** What should make one doubt it. @default none */
  readonly diagnostics?: readonly Diagnostic[];
}

/** A result with the name by which a report of several tells it. */
export interface NamedReport extends NamedResult {
  readonly result: Reportable;
}

/** The part of a result that is about its search, where there was one. */
export function factsOf(result: Reportable): SearchFacts | undefined {
  return "options" in result ? result : undefined;
}

/** The findings of a result, with their diagnostics. */
export function recordedFindings(result: Reportable): readonly RecordedFinding[] {
  return "groups" in result ? result.groups : [result];
}

import type { CurvePoint, StopReason } from "../curve/curve.js";
import type { ValidationCost } from "../search/loss-on.js";
import type { SearchOptionsRecord, SearchResult } from "../search/result.js";
import type { TrainerInfo } from "../search/trainer.js";
import type { Diagnostic } from "../suggest/diagnose.js";
import type { Suggestion } from "../suggest/suggestion.js";

/**
 * What a search tells while it runs, in this order:
 *
 * `started (runStarted point… runEnded)… finding (runStarted … finding)… ended`
 *
 * with one finding, or one per parameter group for `groups: "each"`. Plain data: one object a line is a log that can be
 * read back, by `SearchRecord` for one. A run that ends by an abort tells its `runEnded` and its finding like any other;
 * an error, or a consumer that leaves, ends the stream where it is.
 *
 * `group` is the 0-based index of the group that is swept alone, 0 where all are swept together; `run` that of the run.
 */
export type SearchEvent = SearchStarted | RunStarted | PointMeasured | RunEnded | FindingMade | SearchEnded;

/** The first event: everything is checked, and nothing trained yet. */
export interface SearchStarted {
  readonly kind: "started";
  /** The options, defaults filled in. */
  readonly options: SearchOptionsRecord;
  /** The names of the parameter groups that can be swept, first layers first; empty where the trainer names none. */
  readonly paramGroups: readonly string[];
  readonly trainer?: TrainerInfo;
}

/** A mock training is about to begin. */
export interface RunStarted {
  readonly kind: "runStarted";
  readonly run: number;
  readonly group: number;
  /** The seed it is started with; absent for the trainer's own present state. */
  readonly seed?: number;
}

/** A step was made. */
export interface PointMeasured extends CurvePoint {
  readonly kind: "point";
  readonly run: number;
  readonly group: number;
  /** Points measured so far in the whole search, this one included. */
  readonly done: number;
  /** The most that the search can measure. */
  readonly total: number;
  /** Since `started`, in milliseconds. */
  readonly elapsedMs: number;
}

/** A mock training is over, and taken back. */
export interface RunEnded {
  readonly kind: "runEnded";
  readonly run: number;
  readonly group: number;
  readonly stop: StopReason;
  /** What the suggesters say of this run's curve, by their names. */
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  /** What validating this run cost, for `lossOn: "validation"`. */
  readonly validation?: ValidationCost;
  /** Since `started`, in milliseconds. */
  readonly elapsedMs: number;
}

/** All runs of a group are over. */
export interface FindingMade {
  readonly kind: "finding";
  readonly group: number;
  /** What the suggesters say of the runs together. */
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The last event. */
export interface SearchEnded {
  readonly kind: "ended";
  readonly result: SearchResult;
}

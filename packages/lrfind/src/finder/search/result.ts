import type { Curve, CurvePoint } from "../curve/curve.js";
import type { Diagnostic } from "../suggest/diagnose.js";
import type { Suggester, Suggestions } from "../suggest/suggesters/suggester.js";
import type { LossOn, ValidationCost } from "./loss-on.js";
import type { ResolvedOptions } from "./options.js";
import type { TrainerInfo } from "./trainer.js";

/** One of several range tests. */
export interface FindRun<Funcs extends readonly Suggester[] = readonly Suggester[]> {
  /** The seed that its trial was started with. */
  readonly seed: number;
  readonly curve: Curve;
  readonly suggestions: Suggestions<Funcs>;
}

/** How far the runs' suggestions lie apart. */
export interface Spread {
  /** Smallest and largest rate that a run suggested; null where none did. */
  readonly low: number | null;
  readonly high: number | null;
  /** How many runs gave a rate, of how many. */
  readonly answered: number;
  readonly of: number;
}

/** The range of the runs' smoothed losses at each rate of the mean curve: what a plot draws as a band. */
export interface Band {
  readonly lr: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Several runs side by side. */
export interface RunSet<Funcs extends readonly Suggester[] = readonly Suggester[]> {
  /** Every run, an aborted one included. */
  readonly each: readonly FindRun<Funcs>[];
  readonly band: Band;
  /** By suggester name. */
  readonly spread: { readonly [F in Funcs[number] as F["name"]]: Spread };
}

/** What was found by one sweep, or by several runs of it. */
export interface Finding<Funcs extends readonly Suggester[] = readonly Suggester[]> {
  /**
   * The curve. Of several runs: the mean of their losses at the rates that all of them reached, and its
   * smoothing, which is the mean of theirs.
   */
  readonly curve: Curve;
  /**
   * What each suggester found, under its name. Of several runs: the geometric mean of the runs' rates (each
   * run's own are in `runs.each`).
   */
  readonly suggestions: Suggestions<Funcs>;
  /** What should make one doubt it; empty if nothing. */
  readonly diagnostics: readonly Diagnostic[];
  /** Present for `runs` above 1. */
  readonly runs?: RunSet<Funcs>;
}

/** What was found for one parameter group, swept alone. */
export interface GroupFinding<Funcs extends readonly Suggester[] = readonly Suggester[]>
  extends Finding<Funcs> {
  /** The group's name. */
  readonly group: string;
}

/**
 * The options of a search with every default filled in, as plain data: what it takes to repeat it, save the signal and
 * what the suggesters are besides their names.
 */
export interface SearchOptionsRecord
  extends Pick<ResolvedOptions, "numIt" | "stopDiv" | "divFactor" | "sweep" | "beta" | "lossOn" | "seed"> {
  /** The names of the suggesters, in the order asked; the first one's rate is the result's. */
  readonly suggestFuncs: readonly string[];
  readonly runs: number;
  readonly groups: "together" | "each";
  readonly heldLr: number;
  readonly startLr: number | readonly number[];
  readonly endLr: number | readonly number[];
}

/** What every result tells of its search, whatever was swept. */
export interface SearchFacts {
  /** The options, defaults filled in. */
  readonly options: SearchOptionsRecord;
  /** The names of the parameter groups that could be swept, first layers first; empty where the trainer names none. */
  readonly paramGroups: readonly string[];
  /** What was trained, where the trainer says it. */
  readonly trainer?: TrainerInfo;
  /**
   * The first suggester's rate for every parameter group, first layers first; null if one of them has none.
   * The same for all where a single rate was swept.
   */
  readonly lrs: readonly number[] | null;
  /** Which loss was recorded. */
  readonly lossOn: LossOn;
  /** Wall time of the whole search, in milliseconds. */
  readonly durationMs: number;
  /** What validating cost, for `lossOn: "validation"`: passes over the set, and their part of `durationMs`. */
  readonly validation?: ValidationCost;
}

/**
 * What `lrFind` returns where all groups are swept together: plain data, which `toJson` writes and `parseResult` reads
 * (`JSON.stringify` takes it too, but turns NaN into null).
 */
export interface LrFindResult<Funcs extends readonly Suggester[] = readonly Suggester[]>
  extends Finding<Funcs>,
    SearchFacts {
  /** The first suggester's rate, ready to train with; null if it found none. */
  readonly lr: number | null;
}

/** What `lrFind` returns for `groups: "each"`: a finding per parameter group, plain data as well. */
export interface LrFindGroupsResult<Funcs extends readonly Suggester[] = readonly Suggester[]>
  extends SearchFacts {
  /** One finding per parameter group, first layers first. */
  readonly groups: readonly GroupFinding<Funcs>[];
  /** Those of all groups, each with its `group`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The result of a search with the option `groups` of this type. */
export type SearchResult<
  Funcs extends readonly Suggester[] = readonly Suggester[],
  Groups extends "together" | "each" = "together" | "each",
> = Groups extends "each" ? LrFindGroupsResult<Funcs> : LrFindResult<Funcs>;

/** Where in the whole search a point was measured. */
export interface FindProgress {
  /** 0-based index of this run, and how many there are. */
  readonly run: number;
  readonly runs: number;
  /** 0-based index of the parameter group that is swept alone, and how many there are; 0 of 1 otherwise. */
  readonly group: number;
  readonly groups: number;
  /** Points measured so far in the whole search, this one included, and the most that it can take. */
  readonly done: number;
  readonly total: number;
}

/** Told of every point as soon as it is measured; the next step waits for what it returns. */
export type OnPoint = (point: CurvePoint, progress: FindProgress) => void | Promise<void>;

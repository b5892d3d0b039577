import { LrFindOptionError } from "../errors.js";
import { checkSuggestFuncs, DEFAULT_SUGGEST_FUNCS } from "../suggest/suggest.js";
import type { Suggester } from "../suggest/suggesters/suggester.js";
import {
  DEFAULT_END_LR,
  DEFAULT_START_LR,
  type RangeTestOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.js";
import type { SearchOptionsRecord } from "./result.js";
import type { Trainer } from "./trainer.js";

/** Options of a search: those of a range test, and what to make of it. */
export interface SearchOptions<
  Funcs extends readonly Suggester[] = readonly Suggester[],
  Groups extends "together" | "each" = "together",
> extends RangeTestOptions {
  /** The suggesters to ask, of different names. The first one's rate is the result's `lr`. @default [valley] */
  readonly suggestFuncs?: Funcs;
  /**
   * How many independent range tests to make, started with the seeds `seed`, `seed + 1`, … (`seed` defaults to
   * 0 here). Several give the geometric mean of their suggestions, with its spread. @default 1
   */
  readonly runs?: number;
  /**
   * Whether the parameter groups are swept together, or each alone while the others are held at `heldLr`, for
   * a suggestion per group. @default "together"
   */
  readonly groups?: Groups;
  /**
   * The rate of the groups that are not swept, for `groups: "each"`. At 0 they do not move, and a curve shows
   * what its own group does. @default 0
   */
  readonly heldLr?: number;
}

/** A search's options with every default filled in, validated. */
export interface ResolvedSearch {
  readonly range: ResolvedOptions;
  readonly suggestFuncs: readonly Suggester[];
  readonly runs: number;
  readonly groups: "together" | "each";
  readonly heldLr: number;
  /** The same as plain data. */
  readonly record: SearchOptionsRecord;
}

const OWN_OPTIONS = ["suggestFuncs", "runs", "groups", "heldLr"] as const;

/**
 * Fills in the defaults of a search's options and checks them all.
 *
 * @param where - The caller, which begins every message.
 * @param trainer - The trainer, whose parameter groups lists must match.
 * @param options - What the user gave.
 * @param alsoKnown - Names of further options that the caller understands.
 * @returns The complete options.
 * @throws LrFindOptionError for the first option that cannot be used.
 */
export function resolveSearch(
  where: string,
  trainer: Trainer,
  options: SearchOptions<readonly Suggester[], "together" | "each">,
  alsoKnown: readonly string[] = [],
): ResolvedSearch {
  const range = resolveOptions(where, trainer, options, [...OWN_OPTIONS, ...alsoKnown]);
  const { suggestFuncs = DEFAULT_SUGGEST_FUNCS, runs = 1, groups = "together", heldLr = 0 } = options;
  const fail = (option: string, expected: string, received: unknown, hint: string): never => {
    throw new LrFindOptionError(where, { option, expected, received, hint });
  };
  if (!Number.isSafeInteger(runs) || runs < 1) fail("runs", "runs to be an integer >= 1", runs, "3");
  if (groups !== "together" && groups !== "each") {
    fail("groups", 'groups "together" or "each"', groups, '"together"');
  }
  if (!Number.isFinite(heldLr) || heldLr < 0) fail("heldLr", "heldLr >= 0", heldLr, "0");
  checkSuggestFuncs(where, suggestFuncs);
  return completeSearch(range, options, { suggestFuncs, runs, groups, heldLr });
}

/** A range test as a search: one run, and nobody is asked what to make of it. */
export function plainSearch(range: ResolvedOptions, options: RangeTestOptions): ResolvedSearch {
  return completeSearch(range, options, { suggestFuncs: [], runs: 1, groups: "together", heldLr: 0 });
}

function completeSearch(
  range: ResolvedOptions,
  { startLr = DEFAULT_START_LR, endLr = DEFAULT_END_LR }: RangeTestOptions,
  own: Omit<ResolvedSearch, "range" | "record">,
): ResolvedSearch {
  const { bounds: _, perGroup: __, signal: ___, ...plain } = range;
  const { runs, groups, heldLr } = own;
  const copied = (rates: number | readonly number[]) => (typeof rates === "number" ? rates : [...rates]);
  const record = {
    suggestFuncs: own.suggestFuncs.map(({ name }) => name),
    ...{ runs, groups, heldLr, startLr: copied(startLr), endLr: copied(endLr) },
    ...plain,
  };
  return { ...own, range, record };
}

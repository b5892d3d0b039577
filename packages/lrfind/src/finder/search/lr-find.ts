import { LrFindOptionError } from "../errors.js";
import { checkSuggestFuncs, DEFAULT_SUGGEST_FUNCS, type DefaultSuggestFuncs } from "../suggest/suggest.js";
import type { Suggester } from "../suggest/suggesters/suggester.js";
import type { Suggestion } from "../suggest/suggestion.js";
import { planOf, type RangeTestOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import type { Finding, GroupFinding, LrFindResult, OnPoint } from "./result.js";
import { rateAt, sweepProgress } from "./schedule.js";
import { Search, soloPlan } from "./search.js";
import type { Trainer } from "./trainer.js";

/** Options of `lrFind`: those of a range test, and what to make of it. */
export interface LrFindOptions<Funcs extends readonly Suggester[] = readonly Suggester[]>
  extends RangeTestOptions {
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
  readonly groups?: "together" | "each";
  /**
   * The rate of the groups that are not swept, for `groups: "each"`. At 0 they do not move, and a curve shows
   * what its own group does. @default 0
   */
  readonly heldLr?: number;
  /** Told of every point as soon as it is measured: a progress bar, a live plot. */
  readonly onPoint?: OnPoint;
}

const OWN_OPTIONS = ["suggestFuncs", "runs", "groups", "heldLr", "onPoint"] as const;

/**
 * Finds a learning rate: runs a range test, reads suggestions off its curve, and leaves no trace in the trainer.
 *
 * @param trainer - What to train: a `Learner`, an adapter's trainer, or your own.
 * @param options - See `LrFindOptions`; every one has a default.
 * @returns The curve, a suggestion per suggester, and what should make one doubt them.
 * @throws LrFindOptionError before any training, for an option that cannot be used.
 * @throws What the trainer, a suggester or `onPoint` throws, after the trial is disposed.
 *
 * @example
 * ```ts
 * const found = await lrFind(trainer, { suggestFuncs: [valley, edge], runs: 3 });
 * console.log(found.suggestions.edge.lr, found.runs?.spread.edge);
 * for (const { message } of found.diagnostics) console.warn(message);
 * if (found.lr !== null) await learner.fitOneCycle(4, { lrMax: found.lr });
 * ```
 *
 * @example
 * ```ts
 * // A rate for each parameter group, for discriminative learning rates.
 * const { lrs } = await lrFind(trainer, { groups: "each" });
 * ```
 *
 * Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017, arXiv 1506.01186),
 * §3.3; fastai's `Learner.lr_find`. Several runs and one group at a time are ours.
 */
export async function lrFind<const Funcs extends readonly Suggester[] = DefaultSuggestFuncs>(
  trainer: Trainer,
  options: LrFindOptions<Funcs> = {},
): Promise<LrFindResult<Funcs>> {
  const resolved = resolveOptions("lrFind", trainer, options, OWN_OPTIONS);
  const { runs = 1, groups = "together", heldLr = 0, onPoint } = options;
  checkOwn({ runs, groups, heldLr, onPoint });
  const { suggestFuncs = DEFAULT_SUGGEST_FUNCS as unknown as Funcs } = options;
  checkSuggestFuncs("lrFind", suggestFuncs);

  const startedAt = performance.now();
  const names = groups === "each" ? groupNames(trainer, resolved) : [];
  const search = new Search(trainer, suggestFuncs, {
    runs,
    groups: Math.max(1, names.length),
    numIt: resolved.numIt,
    nameOf: (run, group) => sweepName(run, runs, names[group]),
    // Where the other groups train meanwhile, only the first loss is that of the untouched trainer.
    startSteps: heldLr > 0 ? 1 : Math.max(1, Math.floor(resolved.numIt / 10)),
    ...(onPoint === undefined ? {} : { onPoint }),
  });

  const each: GroupFinding<Funcs>[] = [];
  for (const [i, group] of names.entries()) {
    const finding = await search.find(soloPlan(resolved, { groups: names.length, swept: i, heldLr }), i);
    const diagnostics = finding.diagnostics.map((diagnostic) => ({ ...diagnostic, group }));
    each.push({ ...finding, diagnostics, group });
  }
  const finding: Finding<Funcs> = each.at(-1) ?? (await search.find(planOf(resolved), 0));

  const lr = rateOf(finding, suggestFuncs);
  const lrs =
    each.length > 0 ? each.map((found) => rateOf(found, suggestFuncs)) : spreadRate(trainer, resolved, lr);
  return {
    curve: finding.curve,
    suggestions: finding.suggestions,
    diagnostics: each.length > 0 ? each.flatMap(({ diagnostics }) => diagnostics) : finding.diagnostics,
    lr,
    lrs: lrs.every((rate) => rate !== null) ? lrs : null,
    ...(finding.runs === undefined ? {} : { runs: finding.runs }),
    ...(each.length > 0 ? { groups: each } : {}),
    lossOn: resolved.lossOn,
    durationMs: performance.now() - startedAt,
    ...(resolved.lossOn === "validation" ? { validation: search.validation } : {}),
  };
}

function groupNames({ paramGroups }: Trainer, { bounds }: ResolvedOptions): readonly string[] {
  return paramGroups ?? bounds.map((_, i) => `group ${i}`);
}

function sweepName(run: number, runs: number, group: string | undefined): string {
  if (group === undefined) return `run ${run + 1}`;
  return runs > 1 ? `run ${run + 1} of group ${group}` : `the sweep of group ${group}`;
}

function rateOf<Funcs extends readonly Suggester[]>(finding: Finding<Funcs>, funcs: Funcs): number | null {
  return (finding.suggestions as Record<string, Suggestion>)[funcs[0]!.name]!.lr;
}

/** The rates that all groups had when the last one had the suggested rate (were the sweep to go that far). */
function spreadRate(
  { paramGroups }: Trainer,
  { bounds, sweep }: ResolvedOptions,
  lr: number | null,
): (number | null)[] {
  if (lr === null || bounds.length === 1) return Array(paramGroups?.length ?? 1).fill(lr);
  const progress = sweepProgress(sweep, bounds.at(-1)!, lr);
  return bounds.map((bound) => rateAt(sweep, bound, progress));
}

/** Throws for the options that only `lrFind` has. */
function checkOwn(options: Pick<LrFindOptions, "runs" | "groups" | "heldLr"> & { onPoint: unknown }): void {
  const { runs, groups, heldLr, onPoint } = options;
  const fail = (option: string, expected: string, received: unknown, hint: string): never => {
    throw new LrFindOptionError("lrFind", { option, expected, received, hint });
  };
  if (!Number.isSafeInteger(runs) || runs! < 1) fail("runs", "runs to be an integer >= 1", runs, "3");
  if (groups !== "together" && groups !== "each") {
    fail("groups", 'groups "together" or "each"', groups, '"together"');
  }
  if (!Number.isFinite(heldLr) || heldLr! < 0) fail("heldLr", "heldLr >= 0", heldLr, "0");
  if (onPoint !== undefined && typeof onPoint !== "function") {
    fail("onPoint", "onPoint to be a function", onPoint, "(point) => console.log(point.lr)");
  }
}

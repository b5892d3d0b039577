import { LrFindOptionError } from "../errors.js";
import type { SearchEvent } from "../stream/events.js";
import { relay } from "../stream/relay.js";
import type { DefaultSuggestFuncs } from "../suggest/suggest.js";
import type { Suggester } from "../suggest/suggesters/suggester.js";
import { pointOf } from "./range-test.js";
import type { OnPoint, SearchResult } from "./result.js";
import { resultOf, searchEvents } from "./search.js";
import { type ResolvedSearch, resolveSearch, type SearchOptions } from "./search-options.js";
import type { Trainer } from "./trainer.js";

/** Options of `lrFind`: those of a search, and a callback. */
export interface LrFindOptions<
  Funcs extends readonly Suggester[] = readonly Suggester[],
  Groups extends "together" | "each" = "together",
> extends SearchOptions<Funcs, Groups> {
  /** Told of every point as soon as it is measured: a progress bar, a live plot. */
  readonly onPoint?: OnPoint;
}

/**
 * Finds a learning rate: runs a range test, reads suggestions off its curve, and leaves no trace in the trainer.
 *
 * @param trainer - What to train: a `Learner`, an adapter's trainer, or your own.
 * @param options - See `LrFindOptions`; every one has a default.
 * @returns The curve, a suggestion per suggester, and what should make one doubt them; for `groups: "each"` a list of
 *   such findings, one per group.
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
 * const { lrs, groups } = await lrFind(trainer, { groups: "each" });
 * for (const { group, suggestions } of groups) console.log(group, suggestions.valley.lr);
 * ```
 *
 * Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017, arXiv 1506.01186),
 * §3.3; fastai's `Learner.lr_find`. Several runs and one group at a time are ours.
 */
export async function lrFind<
  const Funcs extends readonly Suggester[] = DefaultSuggestFuncs,
  const Groups extends "together" | "each" = "together",
>(trainer: Trainer, options: LrFindOptions<Funcs, Groups> = {}): Promise<SearchResult<Funcs, Groups>> {
  const asked = resolveSearch("lrFind", trainer, options, ["onPoint"]);
  const { onPoint } = options;
  if (onPoint !== undefined && typeof onPoint !== "function") {
    throw new LrFindOptionError("lrFind", {
      option: "onPoint",
      expected: "onPoint to be a function",
      received: onPoint,
      hint: "(point) => console.log(point.lr)",
    });
  }
  const events = searchEvents("lrFind", trainer, asked);
  const result = await resultOf(onPoint === undefined ? events : telling(events, asked, onPoint));
  return result as SearchResult<Funcs, Groups>;
}

/** The same events, with every point told of. */
function telling(
  events: AsyncGenerator<SearchEvent, SearchResult, void>,
  { runs }: ResolvedSearch,
  onPoint: OnPoint,
): AsyncGenerator<SearchEvent, SearchResult, void> {
  let groups = 1;
  return relay(events, async (event) => {
    if (event.kind === "started" && event.options.groups === "each") groups = event.paramGroups.length;
    if (event.kind === "point") {
      const { run, group, done, total } = event;
      await onPoint(pointOf(event), { run, runs, group, groups, done, total });
    }
    return event;
  });
}

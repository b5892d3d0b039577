import { made } from "../../core/index.js";
import { check } from "../checks.js";
import type { Curve, CurvePoint } from "../curve/curve.js";
import type { FindingMade, PointMeasured, SearchEvent } from "../stream/events.js";
import { Recording } from "../stream/recording.js";
import { relay } from "../stream/relay.js";
import { diagnose } from "../suggest/diagnose.js";
import { type DefaultSuggestFuncs, suggest } from "../suggest/suggest.js";
import type { Suggester } from "../suggest/suggesters/suggester.js";
import type { Suggestion } from "../suggest/suggestion.js";
import { jointSweep, type ResolvedOptions } from "./options.js";
import { restoreWatch } from "./restored.js";
import type { FindRun, SearchResult } from "./result.js";
import { combineRuns } from "./runs.js";
import { rateAt } from "./schedule.js";
import { type ResolvedSearch, resolveSearch, type SearchOptions } from "./search-options.js";
import { type SweepEnd, type SweepPlan, sweep } from "./sweep.js";
import type { Trainer } from "./trainer.js";

/**
 * Searches a learning rate and tells what happens, event by event: what `rangeTest` and `lrFind` are made of, and what a
 * live picture, a log or a file that survives a crash consume. Leaving the loop early (`break`, an exception) takes the
 * training back.
 *
 * @param trainer - What to train: a `Learner`, an adapter's trainer, or your own.
 * @param options - As for `lrFind`, without `onPoint`; every one has a default.
 * @returns An async generator of `SearchEvent`s that returns the result, which is the last event's, too.
 * @throws LrFindOptionError at once, before any training, for an option that cannot be used.
 * @throws What the trainer or a suggester throws, after the trial is disposed.
 *
 * @example
 * ```ts
 * for await (const event of search(trainer, { suggestFuncs: [valley, edge] })) {
 *   if (event.kind === "point") console.log(event.lr, event.loss);
 *   if (event.kind === "ended") console.log(event.result.lrs);
 * }
 * ```
 */
export function search<
  const Funcs extends readonly Suggester[] = DefaultSuggestFuncs,
  const Groups extends "together" | "each" = "together",
>(
  trainer: Trainer,
  options: SearchOptions<Funcs, Groups> = {},
): AsyncGenerator<SearchEvent, SearchResult<Funcs, Groups>, void> {
  return searchEvents("search", trainer, resolveSearch("search", trainer, options)) as AsyncGenerator<
    SearchEvent,
    SearchResult<Funcs, Groups>,
    void
  >;
}

/**
 * The result of a search, once all its events have come.
 *
 * @param events - A search, or what passes its events on.
 * @returns What the stream returns.
 * @throws {LrFindOptionError} for something else; and what the search throws.
 *
 * @example
 * ```ts
 * const { lr } = await resultOf(search(trainer));
 * ```
 */
export async function resultOf<Result>(events: AsyncGenerator<SearchEvent, Result, void>): Promise<Result> {
  check("resultOf", "events", events, made("the events of a search", ["next"], "search(trainer)"));
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
  }
}

/** The events of a search whose options are checked. */
export async function* searchEvents(
  where: string,
  trainer: Trainer,
  asked: ResolvedSearch,
): AsyncGenerator<SearchEvent, SearchResult, void> {
  const running = new RunningSearch(where, trainer, asked);
  yield running.tell({
    kind: "started",
    options: asked.record,
    paramGroups: running.paramGroups,
    ...(trainer.info === undefined ? {} : { trainer: trainer.info }),
  });
  for (const [group, plan] of running.plans.entries()) {
    const each: FindRun[] = [];
    for (let run = 0; run < asked.runs && each.at(-1)?.curve.stop !== "aborted"; run++) {
      each.push(yield* running.run(run, group, plan));
    }
    yield running.tell(running.finding(group, each));
  }
  const { result } = running;
  yield running.tell({ kind: "ended", result });
  return result;
}

/** A search between its first event and its last: each that is told is kept. */
class RunningSearch {
  /** The groups that can be swept, by their names. */
  readonly paramGroups: readonly string[];
  /** One for each finding. */
  readonly plans: readonly SweepPlan[];
  readonly #recording = new Recording();
  readonly #startedAt = performance.now();
  readonly #compare: ReturnType<typeof restoreWatch>;
  #unlike: ReturnType<ReturnType<typeof restoreWatch>> = [];
  #done = 0;

  constructor(
    readonly where: string,
    readonly trainer: Trainer,
    readonly asked: ResolvedSearch,
  ) {
    const { range, groups, heldLr } = asked;
    const unnamed = groups === "each" ? range.bounds.map((_, i) => `group ${i}`) : [];
    this.paramGroups = [...(trainer.paramGroups ?? unnamed)];
    const solo = { groups: this.paramGroups.length, heldLr };
    this.plans =
      groups === "each"
        ? this.paramGroups.map((_, swept) => soloSweep(range, { ...solo, swept }))
        : [jointSweep(range)];
    // Where the other groups train meanwhile, only the first loss is that of the untouched trainer.
    this.#compare = restoreWatch(heldLr > 0 ? 1 : Math.max(1, Math.floor(range.numIt / 10)));
  }

  get result(): SearchResult {
    return { ...this.#recording.result, durationMs: this.#elapsedMs() };
  }

  tell<Event extends SearchEvent>(event: Event): Event {
    this.#recording.add(event);
    return event;
  }

  /** One sweep of a group. */
  async *run(run: number, group: number, plan: SweepPlan): AsyncGenerator<SearchEvent, FindRun, void> {
    const { runs } = this.asked;
    const seed = runs === 1 ? plan.seed : (plan.seed ?? 0) + run;
    const seeded = seed === undefined ? {} : { seed };
    yield this.tell({ kind: "runStarted", run, group, ...seeded });
    const points = sweep(this.where, this.trainer, { ...plan, ...seeded });
    const end = yield* relay(points, (point) => this.tell(this.#point(run, group, point)));
    const curve: Curve = { ...this.#recording.curve(run, group), stop: end.stop };
    const suggestions = this.#ask(curve);
    this.#unlike = [
      ...(run === 0 ? [] : this.#unlike),
      ...this.#compare({ name: this.#nameOf(run, group), curve }),
    ];
    yield this.tell({ kind: "runEnded", run, group, suggestions, ...this.#ending(end) });
    return { seed: seed ?? 0, curve, suggestions };
  }

  /** What the runs of a group tell together. The first to begin elsewhere says it: the others follow from it. */
  finding(group: number, each: readonly FindRun[]): FindingMade {
    const { runs, record } = this.asked;
    const [{ curve, suggestions }] = each as [FindRun];
    const told =
      runs === 1
        ? { suggestions, diagnostics: diagnose(curve, suggestions) }
        : combineRuns(record.suggestFuncs, each);
    const diagnostics = [...this.#unlike.slice(0, 1), ...told.diagnostics];
    return { kind: "finding", group, suggestions: told.suggestions, diagnostics };
  }

  #point(run: number, group: number, point: CurvePoint): PointMeasured {
    const { runs, range } = this.asked;
    this.#done++;
    const total = runs * this.plans.length * range.numIt;
    return { kind: "point", run, group, ...point, done: this.#done, total, elapsedMs: this.#elapsedMs() };
  }

  #ending({ stop, validation }: SweepEnd) {
    const cost = this.asked.range.lossOn === "validation" ? { validation } : {};
    return { stop, ...cost, elapsedMs: this.#elapsedMs() };
  }

  #ask(curve: Curve): Readonly<Record<string, Suggestion>> {
    const { suggestFuncs } = this.asked;
    return suggestFuncs.length === 0 ? {} : suggest(curve, { suggestFuncs });
  }

  /** What a sweep is called within a message. */
  #nameOf(run: number, group: number): string {
    if (this.asked.groups === "together") return `run ${run + 1}`;
    const name = this.paramGroups[group];
    return this.asked.runs > 1 ? `run ${run + 1} of group ${name}` : `the sweep of group ${name}`;
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}

/**
 * A plan that sweeps one parameter group and holds the others.
 *
 * @param options - The range of every group, and the rest of the plan.
 * @param solo - How many groups there are, which one is swept, and at what rate the others are held.
 * @returns The plan; where there is one group only, that of an ordinary sweep.
 */
function soloSweep(
  options: ResolvedOptions,
  solo: { readonly groups: number; readonly swept: number; readonly heldLr: number },
): SweepPlan {
  const { groups, swept, heldLr } = solo;
  if (groups === 1) return jointSweep(options);
  const { bounds, sweep: spacing, numIt } = options;
  const { start, end } = bounds[swept] ?? bounds[0]!;
  return {
    ...options,
    rates(step) {
      const lr = rateAt(spacing, { start, end }, step / numIt);
      return { lr, lrs: Array.from({ length: groups }, (_, group) => (group === swept ? lr : heldLr)) };
    },
  };
}

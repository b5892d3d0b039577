import type { Curve, StopReason } from "../curve/curve.js";
import { LrFindOptionError } from "../errors.js";
import type { Finding, FindRun, GroupFinding, SearchResult } from "../search/result.js";
import { combineRuns } from "../search/runs.js";
import { rateAt, sweepProgress } from "../search/schedule.js";
import { type Diagnostic, diagnose } from "../suggest/diagnose.js";
import type { Suggestion } from "../suggest/suggestion.js";
import type { FindingMade, PointMeasured, RunStarted, SearchEvent, SearchStarted } from "./events.js";

/** Keeps the events of a search, which are taken as they are, and makes a result of them at any moment. */
export class Recording {
  #started: SearchStarted | undefined;
  readonly #groups: GroupSoFar[] = [];
  #elapsedMs = 0;
  #validation = { count: 0, durationMs: 0 };

  add(event: SearchEvent): void {
    if (event.kind === "started") {
      if (this.#started !== undefined) throw outOfOrder(event, "the events of one search");
      this.#started = event;
      return;
    }
    if (this.#started === undefined) throw outOfOrder(event, 'the event "started" first');
    if (event.kind === "ended") {
      this.#elapsedMs = event.result.durationMs;
      return;
    }
    if ("elapsedMs" in event) this.#elapsedMs = event.elapsedMs;
    if (event.kind === "runStarted") {
      this.#groups[event.group] ??= { runs: [] };
      this.#groups[event.group]!.runs[event.run] = new RunSoFar(event, this.#started.options.numIt);
      return;
    }
    if (event.kind === "finding") {
      const group = this.#groups[event.group];
      if (group === undefined) throw outOfOrder(event, `"runStarted" for group ${event.group} first`);
      group.finding = event;
      return;
    }
    const run = this.#groups[event.group]?.runs[event.run];
    if (run === undefined) throw outOfOrder(event, `"runStarted" for run ${event.run} first`);
    if (event.kind === "point") {
      run.add(event);
      return;
    }
    run.stop = event.stop;
    run.suggestions = event.suggestions;
    this.#validation.count += event.validation?.count ?? 0;
    this.#validation.durationMs += event.validation?.durationMs ?? 0;
  }

  /** The curve of a run that has started, as far as it has come. */
  curve(run: number, group: number): Curve {
    return this.#groups[group]!.runs[run]!.curve;
  }

  /** What was found so far. @throws {LrFindOptionError} before the first event. */
  get result(): SearchResult {
    if (this.#started === undefined) {
      throw new LrFindOptionError("SearchRecord.result", {
        option: "events",
        expected: "the first event at least",
        received: undefined,
        hint: "record.add(event) for every event of search(…)",
      });
    }
    const { options, paramGroups, trainer } = this.#started;
    const facts = {
      options,
      paramGroups,
      ...(trainer === undefined ? {} : { trainer }),
      lossOn: options.lossOn,
      durationMs: this.#elapsedMs,
      ...(options.lossOn === "validation" ? { validation: { ...this.#validation } } : {}),
    };
    const first = options.suggestFuncs[0];
    const rateOf = ({ suggestions }: Finding) => (first === undefined ? null : suggestions[first]!.lr);
    if (options.groups === "together") {
      const finding = findingOf(this.#started, this.#groups[0]);
      const lr = rateOf(finding);
      return { ...finding, lr, lrs: spreadRate(this.#started, lr), ...facts };
    }
    const groups = this.#groups.map((group, i): GroupFinding => {
      const { diagnostics, ...finding } = findingOf(this.#started!, group);
      const name = paramGroups[i]!;
      return { ...finding, diagnostics: diagnostics.map((each) => ({ ...each, group: name })), group: name };
    });
    const lrs = groups.map(rateOf).filter((lr) => lr !== null);
    return {
      groups,
      diagnostics: groups.flatMap(({ diagnostics }) => diagnostics),
      lrs: lrs.length === paramGroups.length ? lrs : null,
      ...facts,
    };
  }
}

/** What is known of one group, or of all together. */
interface GroupSoFar {
  readonly runs: RunSoFar[];
  finding?: FindingMade;
}

/** A run that has started. */
class RunSoFar {
  readonly #lr: number[] = [];
  readonly #loss: number[] = [];
  readonly #smoothed: number[] = [];
  readonly seed: number | undefined;
  stop: StopReason | undefined;
  suggestions: Readonly<Record<string, Suggestion>> | undefined;

  constructor(
    { seed }: RunStarted,
    readonly numIt: number,
  ) {
    this.seed = seed;
  }

  add({ lr, loss, smoothed }: PointMeasured): void {
    this.#lr.push(lr);
    this.#loss.push(loss);
    this.#smoothed.push(smoothed);
  }

  get curve(): Curve {
    const { numIt, stop = "aborted" } = this;
    return { numIt, stop, lr: [...this.#lr], loss: [...this.#loss], smoothed: [...this.#smoothed] };
  }
}

/** What the runs of one group tell together. */
function findingOf({ options }: SearchStarted, group: GroupSoFar = { runs: [] }): Finding {
  const { suggestFuncs, runs, numIt } = options;
  const each = group.runs.map((run): FindRun => {
    const suggestions = run.suggestions ?? unasked(suggestFuncs);
    return { seed: run.seed ?? 0, curve: run.curve, suggestions };
  });
  const { finding } = group;
  const said = finding && { suggestions: finding.suggestions, diagnostics: finding.diagnostics };
  const [only] = each;
  if (only === undefined || runs === 1) {
    const { curve, suggestions } = only ?? { curve: nothing(numIt), suggestions: unasked(suggestFuncs) };
    if (said) return { curve, ...said };
    return { curve, suggestions, diagnostics: cutOff(diagnose(curve, suggestions), each.length, runs) };
  }
  const combined = combineRuns(suggestFuncs, each);
  return { ...combined, ...(said ?? { diagnostics: cutOff(combined.diagnostics, each.length, runs) }) };
}

/** The warnings of a search that was cut off; where the curve itself was, one of them says it already. */
function cutOff(diagnostics: readonly Diagnostic[], begun: number, runs: number): readonly Diagnostic[] {
  if (diagnostics.some(({ kind }) => kind === "aborted")) return diagnostics;
  const message = `The search was cut off in run ${begun} of ${runs}: this is what the runs before it give. Let it run to its end.`;
  return [{ kind: "aborted", message }, ...diagnostics];
}

function unasked(names: readonly string[]): Record<string, Suggestion> {
  const reason = "the search was cut off before it was asked";
  return Object.fromEntries(names.map((name) => [name, { lr: null, reason }]));
}

function nothing(numIt: number): Curve {
  return { numIt, stop: "aborted", lr: [], loss: [], smoothed: [] };
}

/** The rates that all groups had when the last one had the suggested rate (were the sweep to go that far). */
function spreadRate({ options, paramGroups }: SearchStarted, lr: number | null): readonly number[] | null {
  if (lr === null) return null;
  const { startLr, endLr, sweep } = options;
  const length = [startLr, endLr].find((rates) => typeof rates !== "number")?.length ?? 1;
  if (length === 1) return new Array<number>(Math.max(1, paramGroups.length)).fill(lr);
  const at = (rates: number | readonly number[], i: number) =>
    typeof rates === "number" ? rates : rates[i]!;
  const bounds = Array.from({ length }, (_, i) => ({ start: at(startLr, i), end: at(endLr, i) }));
  const progress = sweepProgress(sweep, bounds.at(-1)!, lr);
  return bounds.map((bound) => rateAt(sweep, bound, progress));
}

function outOfOrder(event: SearchEvent, expected: string): LrFindOptionError {
  return new LrFindOptionError("SearchRecord.add", {
    option: "event",
    expected,
    received: event.kind,
    hint: "a new SearchRecord for every search",
  });
}

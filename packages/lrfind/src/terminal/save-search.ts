import { type Checks, checkArgument, checkOptions, made, number, writeAtomically } from "../core/index.js";
import { type SearchEvent, SearchRecord, toJson } from "../finder/index.js";

/** How a search is saved while it goes on. */
export interface SaveSearchOptions {
  /** How many milliseconds must have passed before points alone are a reason to write again. @default 1000 */
  readonly everyMs?: number;
}

const OPTIONS: Checks<SaveSearchOptions> = { everyMs: number({ min: 0 }) };
const EVENTS = made("the events of a search", ["next", "throw", "return"], "search(trainer)");

/**
 * Passes a search's events on and keeps its `result.json` up to date: at its first event, at the end of every run, and in
 * between at most every second. What was measured survives whatever ends the process; an error of the trainer, or a
 * consumer that leaves, is written before it is passed on. The file is at any time the old one or the new one, whole;
 * `parseResult` reads it.
 *
 * @param events - A search, or what passes its events on.
 * @param path - The file; folders on the way to it are made where they are missing.
 * @returns The same events, and what the search returns.
 * @throws {OptionError} for something else, at once; {FileError} when the file cannot be written, which ends the search.
 *
 * @example
 * ```ts
 * const bar = progress("finding");
 * for await (const event of saveSearch(search(trainer), "lr-find/result.json")) showSearch(bar)(event);
 * bar.stop();
 * ```
 *
 * @example
 * ```ts
 * const { lr } = await resultOf(saveSearch(search(trainer), "result.json"));
 * ```
 */
export function saveSearch<Result>(
  events: AsyncGenerator<SearchEvent, Result, void>,
  path: string | URL,
  options: SaveSearchOptions = {},
): AsyncGenerator<SearchEvent, Result, void> {
  checkArgument("saveSearch", "events", events, EVENTS);
  checkOptions("saveSearch", options, OPTIONS);
  return saving(events, path, options.everyMs ?? 1000);
}

async function* saving<Result>(
  events: AsyncGenerator<SearchEvent, Result, void>,
  path: string | URL,
  everyMs: number,
): AsyncGenerator<SearchEvent, Result, void> {
  const record = new SearchRecord();
  let savedAt = Number.NEGATIVE_INFINITY;
  let isSaved = true;
  const save = async () => {
    isSaved = true;
    await writeAtomically(path, [new TextEncoder().encode(toJson(record.result))]);
    savedAt = performance.now();
  };
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      const event = next.value;
      record.add(event);
      isSaved = false;
      const isPoint = event.kind === "point" || event.kind === "runStarted";
      if (!isPoint || performance.now() - savedAt >= everyMs) await save();
      yield event;
    }
  } catch (error) {
    if (!isSaved) await save();
    await events.throw(error);
    throw error;
  } finally {
    if (!isSaved) await save();
    await events.return(undefined as never);
  }
}

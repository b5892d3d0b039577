import type { SearchResult } from "../search/result.js";
import { checkEvent } from "./check-event.js";
import type { SearchEvent } from "./events.js";
import { Recording } from "./recording.js";

/**
 * Keeps what a search tells, and makes a result of it at any moment: after the last event that of the search, before it
 * what was measured so far. There, the run that was cut off ends as `"aborted"`, a suggester that was not asked any more
 * has no rate and says so, and a diagnostic tells that the search is not whole.
 *
 * @example
 * ```ts
 * const record = new SearchRecord();
 * try {
 *   for await (const event of search(trainer, { runs: 3 })) record.add(event);
 * } finally {
 *   await writeFile("result.json", toJson(record.result)); // also where the trainer threw
 * }
 * ```
 */
export class SearchRecord {
  readonly #recording = new Recording();

  /**
   * @param event - The next event of the search; one that `parseEvent` gives is as good.
   * @throws {LrFindOptionError} for something else, or an event that cannot follow the last one: another search is
   *   another record.
   */
  add(event: SearchEvent): void {
    checkEvent("SearchRecord.add", event);
    this.#recording.add(event);
  }

  /** What was found so far. @throws {LrFindOptionError} before the first event. */
  get result(): SearchResult {
    return this.#recording.result;
  }
}

import { ResultFormatError } from "../errors.js";
import { jsonLine, numberOf } from "../json-text.js";
import { checkEvent } from "../stream/check-event.js";
import type { SearchEvent } from "../stream/events.js";
import { plainJson, readJson } from "./plain-json.js";
import { readResult } from "./read-result.js";
import { resultFile } from "./result-json.js";

/**
 * An event as one line of JSON, without a line break: a log of them is a search that can be read back.
 *
 * @param event - What a search tells.
 * @returns JSON that `parseEvent` reads back to the same event; numbers as in `toJson`.
 * @throws {LrFindOptionError} for something that is no event.
 *
 * @example
 * ```ts
 * for await (const event of search(trainer)) process.stdout.write(`${eventToJson(event)}\n`);
 * ```
 */
export function eventToJson(event: SearchEvent): string {
  checkEvent("eventToJson", event);
  if (event.kind !== "ended") return plainJson("eventToJson", event, jsonLine);
  const result = resultFile(event.result);
  readResult("eventToJson", result);
  return plainJson("eventToJson", { ...event, result }, jsonLine);
}

/**
 * Reads a line that `eventToJson` wrote.
 *
 * @param json - The line, or the object parsed from it.
 * @returns The event.
 * @throws {ResultFormatError} that names the field.
 *
 * @example
 * ```ts
 * const record = new SearchRecord();
 * for (const line of text.trim().split("\n")) record.add(parseEvent(line));
 * console.log(record.result.lrs);
 * ```
 */
export function parseEvent(json: unknown): SearchEvent {
  const where = "parseEvent";
  const given = typeof json === "string" ? readJson(where, json) : json;
  const { kind, loss, smoothed, result } = Object(given) as Record<string, unknown>;
  const event =
    kind === "point" ? { ...Object(given), loss: numberOf(loss), smoothed: numberOf(smoothed) } : given;
  checkEvent(where, event, ({ option, expected, received, hint }) => {
    throw new ResultFormatError(where, { field: option, expected, received, hint });
  });
  return event.kind === "ended" ? { ...event, result: readResult(where, result as object) } : event;
}

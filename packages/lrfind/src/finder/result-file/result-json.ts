import { checkArgument } from "../../core/index.js";
import { object } from "../data-checks.js";
import { LrFindOptionError, ResultFormatError } from "../errors.js";
import { jsonText } from "../json-text.js";
import type { GroupFinding, LrFindGroupsResult, LrFindResult, SearchResult } from "../search/result.js";
import { plainJson, readJson } from "./plain-json.js";
import { FORMAT, readResult, VERSION } from "./read-result.js";

/**
 * A result as the text of a `result.json`: everything that a picture, a report or a comparison needs. A field a line,
 * numbers in full precision, and what JSON has no number for as the strings "NaN", "Infinity" and "-Infinity". The
 * package's `result.schema.json` is its JSON Schema.
 *
 * @param result - What a search returned, or a `SearchRecord` made of its events.
 * @returns JSON that `parseResult` reads back to the same result, with a final line break.
 * @throws {ResultFormatError} for something that is no result, and names the field.
 *
 * @example
 * ```ts
 * await writeFile("result.json", toJson(await lrFind(trainer)));
 * ```
 */
export function toJson(result: LrFindResult | LrFindGroupsResult): string {
  checkArgument("toJson", "result", result, object, (problem) => {
    throw new LrFindOptionError("toJson", { ...problem, hint: "what lrFind returned" });
  });
  const file = resultFile(result);
  // Held to what is read back: what is not whole is refused now, not when somebody wants it.
  readResult("toJson", file);
  return `${plainJson("toJson", file, jsonText)}\n`;
}

/** The plain data of a result's file. */
export function resultFile(result: SearchResult): Readonly<Record<string, unknown>> {
  const { options, paramGroups, trainer, lrs, durationMs, validation } = result;
  const head = { format: FORMAT, version: VERSION, options, paramGroups, trainer };
  const rates = "groups" in result ? { lrs } : { lr: result.lr, lrs };
  const findings = "groups" in result ? result.groups : [result];
  return {
    ...head,
    ...rates,
    durationMs,
    validation,
    findings: Array.isArray(findings) ? findings.map(findingFile) : findings,
  };
}

/** The plain data of a finding, in the order in which it is written. */
function findingFile(finding: Partial<GroupFinding>): Readonly<Record<string, unknown>> {
  const { group, curve, suggestions, diagnostics, runs } = Object(finding) as Partial<GroupFinding>;
  return { group, curve, suggestions, diagnostics, runs };
}

/**
 * Reads a `result.json`, and says what is wrong with one that is not.
 *
 * @param json - The text, or the object parsed from it.
 * @returns The result, which draws the same pictures as the one that was written. One of `groups: "each"` has `groups`.
 * @throws {ResultFormatError} that names the field; `CurveFormatError` for a curve in it.
 *
 * @example
 * ```ts
 * const result = parseResult(await readFile("result.json", "utf8"));
 * console.log("groups" in result ? result.lrs : result.lr);
 * ```
 */
export function parseResult(json: unknown): SearchResult {
  const file = typeof json === "string" ? readJson("parseResult", json) : json;
  if (typeof file === "object" && file !== null && !Array.isArray(file))
    return readResult("parseResult", file);
  const hint = 'toJson(result), or { "format": "lrfind-result", … }';
  throw new ResultFormatError("parseResult", { field: "", expected: "a result", received: file, hint });
}

import { resolve } from "node:path";
import { writeAtomically } from "../core/index.js";
import { diagnose, parseCurve, parseResult, suggest } from "../finder/index.js";
import { type NamedReport, type Reportable, toHtml } from "../report/index.js";
import { SUGGESTER_NAMES } from "./declared/flags.js";
import { EXIT } from "./failure.js";
import type { Host } from "./host.js";
import { readInput } from "./read-input.js";
import { suggestersNamed } from "./suggesters.js";

/** The flags of `lrfind report`. */
export interface ReportFlags {
  readonly out: string;
  readonly title?: string;
  readonly maxSize: number;
}

/** Makes a page of results; gives the exit code. */
export async function runReport(
  paths: readonly string[],
  { out, title, maxSize }: ReportFlags,
  host: Host,
): Promise<number> {
  const results = paths.map((path): NamedReport => ({ name: path, result: resultIn(path, maxSize, host) }));
  const what = results.length === 1 ? results[0]!.result : results;
  const html = await toHtml(what, title === undefined ? {} : { title });
  await writeAtomically(resolve(host.cwd, out), [new TextEncoder().encode(html)]);
  host.err(`wrote ${out}\n`);
  return EXIT.found;
}

/** A result, or a curve with what all suggesters read off it. */
function resultIn(path: string, maxSize: number, host: Host): Reportable {
  const text = new TextDecoder().decode(readInput(path, maxSize, host));
  if (!/"numIt"/.test(text) || /"lrfind-result"/.test(text)) return parseResult(text);
  const curve = parseCurve(text);
  const suggestions = suggest(curve, { suggestFuncs: suggestersNamed(SUGGESTER_NAMES) });
  return { curve, suggestions, diagnostics: diagnose(curve, suggestions) };
}

import {
  arrayOf,
  type Checks,
  checkArgument,
  checkOptions,
  describe,
  plainText,
  string,
} from "../core/index.js";
import { curveToJson, type SearchResult, toJson } from "../finder/index.js";
import { toSvg } from "../plot/index.js";
import { checkDrawable } from "../plot/internal.js";
import { compareSection } from "./compare-section.js";
import { factsSection } from "./facts.js";
import { explanationsOf, findingSection } from "./finding-section.js";
import { embedded, h, text } from "./html.js";
import { PAGE_SCRIPT } from "./page-script.js";
import { PART, partSection, type ReportPart } from "./part.js";
import {
  factsOf,
  type NamedReport,
  type RecordedFinding,
  type Reportable,
  recordedFindings,
} from "./reportable.js";
import { STYLE } from "./style.js";
import { useIt } from "./use-it.js";
import { verdictOf } from "./verdict.js";

/** How a report is made. */
export interface ReportOptions {
  /** Its heading. @default "Learning rate range test" */
  readonly title?: string;
  /** The line that measures the same again, shown to be copied. @default none */
  readonly command?: string;
  /** Sentences to show under the heading: how a log was read, say. @default none */
  readonly notes?: readonly string[];
  /** What else belongs to it: pictures and tables of a fit, say, each under a heading of its own. @default none */
  readonly parts?: readonly ReportPart[];
}

const OPTIONS: Checks<ReportOptions> = {
  title: string,
  command: string,
  notes: arrayOf(string),
  parts: arrayOf(PART),
};

/** Results of more steps, and larger files, are not repeated in the page: it is to open at once. */
const MAX_STEPS = 5000;
const MAX_DOWNLOAD = 250_000;

/**
 * Makes a report of a result: one HTML file that needs nothing else, neither a network nor another file.
 *
 * It shows the rate first, with its interval, one sentence why, and how far to trust it; then the curve, whose points are
 * read by hovering or by a marker that is dragged or moved by the arrow keys; the suggesters, each of which draws how it came
 * to its rate; remarks beside the place of the curve that they speak of; options, seed and versions; code that uses the rate;
 * and the result as JSON, CSV and SVG. Several results are laid over one another, with a part for each.
 *
 * @param results - A result, a recorded curve with its suggestions, or up to 8 of them with names.
 * @param options - Heading, command and notes.
 * @returns The file's text.
 * @throws {OptionError} when it is no result, or an option does not exist or is of another kind.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { toHtml } from "lrfind/report";
 *
 * await writeFile("report.html", await toHtml(result, { title: "ResNet-18 on pets" }));
 * ```
 */
export async function toHtml(
  results: Reportable | readonly NamedReport[],
  options: ReportOptions = {},
): Promise<string> {
  checkDrawable("toHtml", results);
  checkOptions("toHtml", options, OPTIONS);
  const list = Array.isArray(results) ? (results as readonly NamedReport[]) : undefined;
  const named = list ?? [{ name: "", result: results as Reportable }];
  for (const [i, { result }] of named.entries()) checkDiagnostics(result, i);
  const {
    title = list ? "Learning rate range tests" : "Learning rate range test",
    command,
    notes = [],
    parts = [],
  } = options;
  let count = 0;
  const sections = named.flatMap(({ name, result }) =>
    recordedFindings(result).map((finding) => {
      const parts = [name, finding.group].filter((part) => part !== undefined && part !== "");
      return findingSection(finding, parts.length > 0 ? plainText(parts.join(", ")) : undefined, count++);
    }),
  );
  const first = named[0]!.result;
  const rate = named.length === 1 ? rateOf(first) : null;
  const body = [
    heading(title, notes),
    list ? compareSection(named) : answerSection(first),
    ...sections,
    ...parts.map(partSection),
    rate === null ? "" : useIt(rate),
    factsSection(named.length === 1 ? factsOf(first) : undefined, command),
    await downloads(named.length === 1 ? first : undefined, results, title),
  ];
  return page(title, body);
}

/**
 * Makes a page of pictures and tables, as `toHtml` makes one of a result: one file that needs nothing else.
 *
 * @param parts - What it shows, in this order.
 * @param options - Heading, command and notes.
 * @returns The file's text.
 * @throws {OptionError} when a part is none, or an option does not exist or is of another kind.
 *
 * @example
 * ```ts
 * const picture = plotLoss(learn.recorder);
 * await writeFile("losses.html", partsToHtml([{ heading: "Losses", picture }], { title: "ResNet-18 on pets" }));
 * ```
 */
export function partsToHtml(
  parts: readonly ReportPart[],
  options: Omit<ReportOptions, "parts"> = {},
): string {
  checkArgument("partsToHtml", "parts", parts, arrayOf(PART));
  const { parts: _, ...others } = OPTIONS;
  checkOptions("partsToHtml", options, others);
  const { title = "Report", command, notes = [] } = options;
  return page(title, [heading(title, notes), ...parts.map(partSection), factsSection(undefined, command)]);
}

function heading(title: string, notes: readonly string[]): string {
  return h(
    "header",
    {},
    h("h1", {}, text(title)),
    ...notes.map((note) => h("p", { class: "note" }, text(note))),
  );
}

function checkDiagnostics(result: Reportable, i: number): void {
  for (const { diagnostics } of recordedFindings(result)) {
    checkArgument("toHtml", `results[${i}].diagnostics`, diagnostics, {
      expected: "a list of { kind, message }",
      accepts: (value) =>
        value === undefined ||
        (Array.isArray(value) && value.every((part) => typeof Object(part)["message"] === "string")),
      got: describe,
    });
  }
}

/** The rate that code can use: none where each group has its own. */
function rateOf(result: Reportable): number | null {
  if ("groups" in result) return null;
  return Object.values(result.suggestions)[0]?.lr ?? null;
}

function answerSection(result: Reportable): string {
  return h("div", { class: "answers" }, ...recordedFindings(result).map(answer));
}

function answer(finding: RecordedFinding): string {
  const first = Object.keys(finding.suggestions)[0];
  const { rate, interval, why, trust } = verdictOf(finding, first && explanationsOf(finding)[first]?.text);
  const of = finding.group === undefined ? "Learning rate" : `Learning rate of ${plainText(finding.group)}`;
  return h(
    "section",
    { class: "answer", "aria-label": of },
    h("p", { class: "what" }, text(of)),
    h("p", { class: "rate" }, text(rate === "none" ? "none found" : rate)),
    interval === "" ? "" : h("p", { class: "interval" }, text(interval)),
    h("p", {}, text(why)),
    h("p", { class: `trust ${trust.level}` }, h("strong", {}, "How far to trust it: "), text(trust.text)),
  );
}

async function downloads(
  result: Reportable | undefined,
  drawn: Reportable | readonly NamedReport[],
  title: string,
): Promise<string> {
  const files: Record<string, string> = { "plot.svg": await toSvg(drawn, { title }) };
  if (result !== undefined && stepsOf(result) <= MAX_STEPS) {
    if ("options" in result) files["result.json"] = toJson(result as SearchResult);
    else if ("curve" in result) files["curve.json"] = curveToJson(result.curve);
    if ("curve" in result) files["curve.csv"] = csvOf(result);
  }
  const small = Object.entries(files).filter(([, contents]) => contents.length <= MAX_DOWNLOAD);
  if (small.length === 0) return "";
  const buttons = small.map(([name]) => h("button", { type: "button", "data-file": name }, text(name)));
  return h(
    "section",
    { class: "downloads", "aria-labelledby": "files" },
    h("h2", { id: "files" }, "Files"),
    h("p", {}, ...buttons),
    embedded("files", Object.fromEntries(small)),
  );
}

function stepsOf(result: Reportable): number {
  const curves = recordedFindings(result).flatMap(({ curve, runs }) => [
    curve,
    ...(runs?.each ?? []).map((run) => (run as { readonly curve: typeof curve }).curve),
  ]);
  return curves.reduce((sum, { lr }) => sum + lr.length, 0);
}

function csvOf({ curve: { lr, loss, smoothed } }: { readonly curve: RecordedFinding["curve"] }): string {
  return `step,lr,loss,smoothed\n${lr.map((rate, i) => `${i},${rate},${loss[i]},${smoothed[i]}\n`).join("")}`;
}

function page(title: string, body: readonly string[]): string {
  // Nothing is fetched, whatever a name in the result may try.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  const head = h(
    "head",
    {},
    h("meta", { charset: "utf-8" }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    h("title", {}, text(title)),
    `<style>${STYLE}</style>`,
  );
  const script = `<script>${PAGE_SCRIPT}</script>`;
  return `<!doctype html>\n${h("html", { lang: "en" }, head, h("body", {}, h("main", {}, ...body), script))}\n`;
}

import {
  type Checks,
  checkArgument,
  checkOptions,
  formatLoss,
  formatRate,
  plainText,
  string,
} from "lrfind/core";
import { toSvg } from "lrfind/plot";
import { partsToHtml, type ReportPart } from "lrfind/report";
import type { JobResult, SearchValue } from "../job/index.js";
import { refuse } from "../job/internal.js";
import { Journal } from "../journal/internal.js";
import type { Row, SweepSpec } from "../plan/index.js";
import { fullSpec, nextJobs } from "../plan/internal.js";
import { heatMap } from "./heat-map.js";
import { type Importance, importancesOf } from "./importance.js";
import { type ParallelAxis, parallel } from "./parallel.js";

/** How the report of a sweep is made. */
export interface SweepReportOptions {
  /** Its heading. @default "Sweep" */
  readonly title?: string;
  /** The line that runs the same sweep, shown to be copied. @default none */
  readonly command?: string;
}

const OPTIONS: Checks<SweepReportOptions> = { title: string, command: string };
/** More rows nobody reads, and more curves nobody tells apart. */
const SHOWN = 200;
const OVERLAID = 8;

/** A row that was trained, with its values as texts. */
interface Trained {
  readonly row: Row & { readonly lr: number; readonly score: number };
  readonly values: Readonly<Record<string, string>>;
}

/**
 * A report of a sweep, finished or not: one HTML file that needs nothing else. It shows the best combination, as code too; all of them
 * as a table, as lines across the axes, and as a map of rates and the axis that matters most; how much each axis matters, with its
 * uncertainty; the curves of the range tests; and what failed.
 *
 * @param spec - The sweep's spec.
 * @param folder - The sweep's folder.
 * @param options - See `SweepReportOptions`.
 * @returns The file's text.
 * @throws {SweepError} when the spec or an option cannot be used.
 *
 * @example
 * ```ts
 * const spec = { model: "./learner.js", axes: { batchSize: [16, 64] } };
 * await runSweep(spec, { folder: "sweep", launcher: localLauncher() });
 * await writeFile("sweep/report.html", await sweepToHtml(spec, "sweep"));
 * ```
 */
export async function sweepToHtml(
  spec: SweepSpec,
  folder: string,
  options: SweepReportOptions = {},
): Promise<string> {
  const full = fullSpec(spec, "sweepToHtml");
  checkArgument("sweepToHtml", "folder", folder, string, refuse);
  checkOptions("sweepToHtml", options, OPTIONS, refuse);
  const results = new Map<string, JobResult>();
  let base = { lrfind: "", module: "", moduleHash: "" };
  for (const entry of new Journal(`${folder}/journal.jsonl`).read()) {
    if (entry.kind === "ended" && !results.has(entry.hash)) results.set(entry.hash, entry.result);
    // The text of the module that the last jobs were made with.
    if (entry.kind === "queued") base = entry.spec;
  }
  const { rows } = nextJobs(full, base, results);
  const trained = rows
    .filter(({ score }) => score !== undefined)
    .map((row) => trainedOf(row as Trained["row"]));
  const better = trained[0]?.row.better ?? "smaller";
  // Trainings of other lengths are not compared with one another.
  const longest = Math.max(0, ...trained.map(({ row }) => row.epochs));
  const most = mostCommon(trained.map(({ row }) => row.epochs)) ?? longest;
  const alike = trained.filter(({ row }) => row.epochs === most);
  const importances = importancesOf(alike.map(({ row, values }) => ({ values, score: row.score })));
  const { title = "Sweep", command } = options;
  const parts: ReportPart[] = [
    ...bestPart(trained[0], full),
    ...importancePart(importances, { count: alike.length, epochs: most }),
    ...mapPart(alike, { importances, better, monitor: full.monitor, epochs: most }),
    ...parallelPart(trained, { better, monitor: full.monitor }),
    tablePart(rows, full.monitor),
    ...(await curvesPart(rows, results)),
    ...failuresPart(rows, results),
  ];
  const best = trained[0];
  const note =
    best === undefined
      ? "No combination was trained to the end yet."
      : `Best ${full.monitor} ${formatLoss(best.row.score)}, of ${rows.length} combinations.`;
  return partsToHtml(parts, { title, notes: [note], ...(command === undefined ? {} : { command }) });
}

function trainedOf(row: Trained["row"]): Trained {
  const rate = "lr" in row.point.rate ? formatRate(row.point.rate.lr) : `found × ${row.point.rate.factor}`;
  const config = Object.entries(row.point.config).map(([name, value]) => [
    plainText(name),
    plainText(String(value)),
  ]);
  return { row, values: { ...Object.fromEntries(config), lr: rate } };
}

function mostCommon(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || b - a)[0]?.[0];
}

function bestPart(
  best: Trained | undefined,
  { model, schedule, epochs }: ReturnType<typeof fullSpec>,
): ReportPart[] {
  if (best === undefined) return [];
  const call =
    schedule === "oneCycle"
      ? `fitOneCycle(${epochs}, { lrMax: ${best.row.lr} })`
      : `fit(${epochs}, { lr: ${best.row.lr} })`;
  const code = [
    `import make from ${JSON.stringify(model)};`,
    "",
    `await using learn = await make(${JSON.stringify(best.row.point.config)});`,
    `await learn.${call};`,
  ].join("\n");
  return [{ heading: "The best combination", code }];
}

function importancePart(
  found: readonly Importance[],
  { count, epochs }: { readonly count: number; readonly epochs: number },
): ReportPart[] {
  if (found.length === 0) return [];
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    {
      heading: "What matters",
      note: `How much of the variance of the scores goes with each axis, over ${count} combinations that were trained for ${epochs} epochs; nine of ten resamples of them lie in the interval.`,
      table: {
        columns: ["axis", "share", "interval"],
        rows: found.map(({ axis, share, low, high }) => [
          axis,
          percent(share),
          `${percent(low)} to ${percent(high)}`,
        ]),
      },
    },
  ];
}

/** Rates across; down the axis, beside the rate, with which most of the variance goes. */
function mapPart(
  alike: readonly Trained[],
  {
    importances,
    better,
    monitor,
    epochs,
  }: {
    readonly importances: readonly Importance[];
    readonly better: "smaller" | "larger";
    readonly monitor: string;
    readonly epochs: number;
  },
): ReportPart[] {
  const rates = distinct(alike, "lr");
  const axis = importances.find((each) => each.axis !== "lr")?.axis;
  if (axis === undefined || rates.length < 2) return [];
  const values = distinct(alike, axis);
  const best = (scores: readonly number[]) =>
    scores.length === 0 ? undefined : better === "smaller" ? Math.min(...scores) : Math.max(...scores);
  const scores = values.map((value) =>
    rates.map((lr) =>
      best(
        alike
          .filter((each) => each.values[axis] === value && each.values["lr"] === lr)
          .map(({ row }) => row.score),
      ),
    ),
  );
  const title = `${plainText(monitor)} by rate and ${axis}`;
  const note = `The best of what was trained for ${epochs} epochs; the darker, the better.`;
  const across = { name: "learning rate", values: rates };
  const picture = {
    toSvg: () => heatMap({ title, note, across, down: { name: axis, values }, scores, better }),
  };
  return [{ heading: `Rate and ${axis}`, picture }];
}

/** The values of an axis, numbers by their size. */
function distinct(list: readonly Trained[], axis: string): string[] {
  const values = [...new Set(list.map(({ values }) => values[axis]!))];
  const number = (text: string) => Number(text.replace("found × ", ""));
  return values.every((value) => !Number.isNaN(number(value)))
    ? values.sort((a, b) => number(a) - number(b))
    : values.sort();
}

function parallelPart(
  trained: readonly Trained[],
  { better, monitor }: { readonly better: "smaller" | "larger"; readonly monitor: string },
): ReportPart[] {
  const list = trained.filter(({ row }) => Number.isFinite(row.score)).slice(0, SHOWN);
  if (list.length < 2) return [];
  const axes = Object.keys(list[0]!.row.point.config).map((name): ParallelAxis => {
    const values = distinct(list, plainText(name));
    const at = (value: string) => (values.length === 1 ? 0.5 : values.indexOf(value) / (values.length - 1));
    const shown = values.length <= 12 ? values : [values[0]!, values.at(-1)!];
    return {
      name: plainText(name),
      places: list.map((each) => at(each.values[plainText(name)]!)),
      labels: shown.map((text) => ({ at: at(text), text })),
    };
  });
  const rates = list.map(({ row }) => Math.log(row.lr));
  const scores = list.map(({ row }) => row.score);
  const goodness = spread(scores).map((place) => (better === "smaller" ? 1 - place : place));
  const ends = (values: readonly number[], format: (value: number) => string) => [
    { at: 0, text: format(Math.min(...values)) },
    ...(Math.min(...values) === Math.max(...values) ? [] : [{ at: 1, text: format(Math.max(...values)) }]),
  ];
  const lines = [
    ...axes,
    {
      name: "learning rate",
      places: spread(rates),
      labels: ends(rates, (value) => formatRate(Math.exp(value))),
    },
    { name: plainText(monitor), places: spread(scores), labels: ends(scores, formatLoss) },
  ];
  const note = "A line for each combination, the best in front.";
  const picture = { toSvg: () => parallel({ title: "All combinations", note, axes: lines, goodness }) };
  return [{ heading: "All combinations", picture }];
}

/** Values from the least, 0, to the greatest, 1. */
function spread(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (high === low ? 0 : (value - low) / (high - low)));
}

function tablePart(rows: readonly Row[], monitor: string): ReportPart {
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point.config)))];
  const more = rows.length > SHOWN ? { note: `The first ${SHOWN} of ${rows.length}.` } : {};
  return {
    heading: "Table",
    ...more,
    table: {
      columns: [...axes.map(plainText), "learning rate", "epochs", plainText(monitor), "seeds"],
      rows: rows
        .slice(0, SHOWN)
        .map(({ point, lr, epochs, score, scores, failure }) => [
          ...axes.map((name) => plainText(String(point.config[name] ?? ""))),
          lr === undefined ? "" : formatRate(lr),
          epochs === 0 ? "" : String(epochs),
          failure === undefined ? (score === undefined ? "" : formatLoss(score)) : "failed",
          scores.length > 1 ? scores.map(formatLoss).join(", ") : "",
        ]),
    },
  };
}

/** The curves of range tests, those of the best combinations. */
async function curvesPart(
  rows: readonly Row[],
  results: ReadonlyMap<string, JobResult>,
): Promise<ReportPart[]> {
  const searches = new Map<string, { name: string; value: SearchValue }>();
  for (const { point, jobs } of rows) {
    for (const hash of jobs) {
      const value = results.get(hash)?.value;
      if (value?.kind !== "search" || searches.has(hash) || searches.size === OVERLAID) continue;
      const name = Object.entries(point.config)
        .map(([axis, setting]) => `${axis} ${setting}`)
        .join(", ");
      searches.set(hash, { name: plainText(name) || "the range test", value });
    }
  }
  const list = [...searches.values()].filter(({ value }) => value.curve.lr.length > 1);
  if (list.length === 0) return [];
  const drawn = list.map(({ name, value }) => ({
    name,
    result: { curve: value.curve, suggestions: value.suggestions },
  }));
  const svg = await toSvg(drawn, { title: "Range tests" });
  return [{ heading: "Range tests", picture: { toSvg: () => svg } }];
}

function failuresPart(rows: readonly Row[], results: ReadonlyMap<string, JobResult>): ReportPart[] {
  const failed = rows.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return [];
  const tailOf = ({ jobs }: Row) => jobs.flatMap((hash) => results.get(hash)?.failure?.tail ?? []).join("\n");
  return [
    {
      heading: "What failed",
      table: {
        columns: ["combination", "why", "the end of what it printed"],
        rows: failed
          .slice(0, SHOWN)
          .map((row) => [
            plainText(JSON.stringify(row.point.config)),
            plainText(row.failure!),
            plainText(tailOf(row).slice(-400)),
          ]),
      },
    },
  ];
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { formatRate, type LrFindResult, toJson } from "lrfind";
import { writeAtomically } from "lrfind/core";
import type { ReportPart } from "lrfind/report";
import type { EpochRecord, Learner } from "../learner/index.js";
import { fitToHtml } from "../pictures/index.js";
import type { Baselines } from "./baselines.js";
import type { Recipe } from "./columns/column-spec.js";
import { isBetter } from "./compare.js";
import { exportWithRecipe } from "./export-with-recipe.js";
import { type RunFacts, runCode } from "./run-code.js";

/** What a run leaves. */
export interface RunParts {
  readonly learner: Learner;
  readonly search: LrFindResult | undefined;
  readonly records: readonly EpochRecord[];
  readonly metrics: object;
  /** The measure on held-out items, and what it has to beat. */
  readonly metric: number;
  readonly baselines: Baselines;
  readonly facts: RunFacts;
  readonly recipe: Recipe | undefined;
  /** The line that repeats the run. */
  readonly command: string;
}

/** Makes the run's folder, so that what cannot be written is known before a training. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
}

/** Writes a run; gives the names of its files. */
export async function writeRun(folder: string, parts: RunParts): Promise<readonly string[]> {
  const { learner, search, records, metrics, facts, recipe } = parts;
  const model = join(folder, "model.onnx");
  if (recipe === undefined) await learner.export(model);
  else await exportWithRecipe(learner, model, recipe);
  const files: Record<string, string> = {
    ...(search === undefined ? {} : { "result.json": toJson(search) }),
    "metrics.json": `${JSON.stringify(metrics, undefined, 2)}\n`,
    "log.csv": logOf(records),
    "train.ts": runCode(facts),
    // Node takes train.ts for a module by it, whatever the folders above are.
    "package.json": `${JSON.stringify({ private: true, type: "module" })}\n`,
  };
  const write = (name: string, text: string) =>
    writeAtomically(join(folder, name), [new TextEncoder().encode(text)]);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  // Last, as it looks at every held-out item: whatever it meets, the run is kept.
  await write("report.html", await reportOf(parts));
  return ["model.onnx", ...Object.keys(files), "report.html"];
}

/** The search and the fit on one page: the comparison first, and what was made of the data. */
function reportOf({ learner, search, facts, metric, baselines, command }: RunParts): Promise<string> {
  const { measure, constant, constantWords, linear } = baselines;
  const is = isBetter(metric, baselines) ? "better" : "no better";
  const value = (number: number) => String(Number(number.toPrecision(4)));
  const models: ReportPart = {
    heading: "Against a first try",
    note: `On the same held-out items; ${measure === "accuracy" ? "more" : "less"} is better.`,
    table: {
      columns: ["model", measure],
      rows: [
        ["this one", value(metric)],
        ...(linear === null ? [] : [["linear", value(linear)]]),
        [constantWords, value(constant)],
      ],
    },
  };
  const understood: ReportPart = {
    heading: "What was made of the data",
    table: {
      columns: ["what, and the flag that changes it"],
      rows: facts.plan.lines.map((line) => [line.trim()]),
    },
  };
  return fitToHtml(learner, {
    title: `Training on ${facts.plan.data}`,
    notes: [
      `${measure} ${value(metric)} on items that were held out: ${is} than what one would try first.`,
      ...(search === undefined ? [`The learning rate, ${formatRate(facts.lr)}, was given.`] : []),
    ],
    command,
    parts: [models, understood],
    ...(search === undefined ? {} : { search }),
  });
}

function logOf(records: readonly EpochRecord[]): string {
  const names = Object.keys(records[0]?.metrics ?? {});
  const rows = records.map(({ epoch, trainLoss, validLoss, metrics, durationMs }) =>
    [epoch, trainLoss, validLoss ?? "", ...names.map((name) => metrics[name]), Math.round(durationMs)].join(
      ",",
    ),
  );
  return `${[["epoch", "train_loss", "valid_loss", ...names, "duration_ms"].join(","), ...rows].join("\n")}\n`;
}

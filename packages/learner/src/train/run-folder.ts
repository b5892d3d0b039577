import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type LrFindResult, toJson } from "lrfind";
import { writeAtomically } from "lrfind/core";
import { toHtml } from "lrfind/report";
import type { EpochRecord, Learner } from "../learner/index.js";
import type { Recipe } from "./columns/column-spec.js";
import { exportWithRecipe } from "./export-with-recipe.js";
import { type RunFacts, runCode } from "./run-code.js";

/** What a run leaves. */
export interface RunParts {
  readonly learner: Learner;
  readonly search: LrFindResult | undefined;
  readonly records: readonly EpochRecord[];
  readonly metrics: object;
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
  const { learner, search, records, metrics, facts, recipe, command } = parts;
  const model = join(folder, "model.onnx");
  if (recipe === undefined) await learner.export(model);
  else await exportWithRecipe(learner, model, recipe);
  const files: Record<string, string> = {
    ...(search === undefined
      ? {}
      : {
          "result.json": toJson(search),
          "report.html": await toHtml(search, { title: `Learning rate for ${facts.plan.data}`, command }),
        }),
    "metrics.json": `${JSON.stringify(metrics, undefined, 2)}\n`,
    "log.csv": logOf(records),
    "train.ts": runCode(facts),
    // Node takes train.ts for a module by it, whatever the folders above are.
    "package.json": `${JSON.stringify({ private: true, type: "module" })}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeAtomically(join(folder, name), [new TextEncoder().encode(text)]);
  }
  return ["model.onnx", ...Object.keys(files)];
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

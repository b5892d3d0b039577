import { type Checks, csvCell, nodeModule, oneOf, required } from "lrfind/core";
import { checkLearnerOptions, path as pathCheck } from "../../checks.js";
import { checkWritable } from "../../store/index.js";
import type { Callback, FitLoop } from "./callback.js";
import { epochScalars, stepOf, stepScalars } from "./scalars.js";

/** Where losses and metrics are written, and how often. */
export interface CsvLoggerOptions {
  /** The file. A fit that begins anew begins it anew; one that is resumed by `startEpoch` goes on with it. */
  readonly path: string | URL;
  /**
   * A row for each epoch, with losses, metrics and seconds; or for each step, with rate, momentum and loss.
   * @default "epoch"
   */
  readonly every?: "epoch" | "step";
}

const OPTIONS: Checks<CsvLoggerOptions> = { path: required(pathCheck), every: oneOf("epoch", "step") };

/**
 * Writes a row of CSV for each epoch, or step, as the fit goes on. `readLogs` of "lrfind/logs" reads it, spreadsheets too.
 *
 * @param options - See `CsvLoggerOptions`.
 * @throws {LearnerError} from `fit` when the file cannot be written; the learner keeps the last finished step.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(5, { cbs: [csvLogger({ path: "log.csv" })] });
 * ```
 *
 * Source: fastai's `CSVLogger`.
 */
export function csvLogger(options: CsvLoggerOptions): Callback {
  checkLearnerOptions("csvLogger", options, OPTIONS);
  const { path, every = "epoch" } = options;
  let hasHead = false;
  let rows: string[] = [];
  const add = (first: readonly [name: string, value: number], scalars: Readonly<Record<string, number>>) => {
    const entries = [first, ...Object.entries(scalars)];
    if (!hasHead) rows.push(entries.map(([name]) => csvCell(name)).join(","));
    hasHead = true;
    rows.push(entries.map(([, value]) => String(value)).join(","));
  };
  const flush = () => {
    if (rows.length === 0) return;
    nodeModule<typeof import("node:fs")>("fs").appendFileSync(path, `${rows.join("\n")}\n`);
    rows = [];
  };
  return {
    name: "csvLogger",
    keeps: "nothing",
    async beforeFit({ startEpoch }) {
      await checkWritable(path);
      const { existsSync, writeFileSync } = nodeModule<typeof import("node:fs")>("fs");
      hasHead = startEpoch > 0 && existsSync(path);
      rows = [];
      if (!hasHead) writeFileSync(path, "");
    },
    ...(every === "step"
      ? { afterStep: (loop: FitLoop) => add(["step", stepOf(loop)], stepScalars(loop)) }
      : {}),
    afterEpoch({ record }) {
      if (every === "epoch" && record) {
        add(["epoch", record.epoch], { ...epochScalars(record), seconds: record.durationMs / 1000 });
      }
      flush();
    },
    finish: flush,
  };
}

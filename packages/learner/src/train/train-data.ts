import { basename, join, relative, resolve } from "node:path";
import { formatLoss, formatRate } from "lrfind";
import { checkOptions } from "lrfind/core";
import type { Table } from "../data/index.js";
import { type Callback, type EpochRecord, earlyStopping, saveBest } from "../learner/index.js";
import { type Baselines, baselinesOf } from "./baselines.js";
import { tidyTable } from "./columns/tidy.js";
import { comparison, isBetter } from "./compare.js";
import { findRate, type Rate } from "./find-rate.js";
import { learnerOf, linearLearnerOf, loadersOf, yRangeOf } from "./make-learner.js";
import { TRAIN_HOST, type TrainDataOptions, type TrainHost } from "./options.js";
import { planAndTable } from "./plan/plan-data.js";
import { LAYERS } from "./plan/setup.js";
import type { TrainPlan } from "./plan/train-plan.js";
import { withTarget } from "./read/read-tidy.js";
import type { RunFacts } from "./run-code.js";
import { makeFolder, writeRun } from "./run-folder.js";
import { epochsWithin, timeLimit } from "./time-limit.js";

/** What a run came to. */
export interface TrainReport {
  readonly plan: TrainPlan;
  /** The peak rate. */
  readonly lr: number;
  readonly records: readonly EpochRecord[];
  /** The measure on held-out items, of the best epoch. */
  readonly metric: number;
  readonly baselines: Baselines;
  /** Whether it is better than both baselines. */
  readonly beatsBaselines: boolean;
  /** The run's folder, and the files in it. */
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Trains a model on a file or a folder, without code: looks at the data, finds a rate, trains by one-cycle, compares with
 * what a person would try first on the same split, and writes a folder with all of it.
 *
 * The folder holds `model.onnx` with all that `predictData` needs, `result.json` of the search, `report.html`
 * of search and training, `metrics.json`, `log.csv` (an epoch a row) and `train.ts`, the same run as code.
 *
 * @param data - As for `planData`.
 * @param options - See `TrainDataOptions`.
 * @param host - Whom it tells what it does.
 * @throws {DataError} for data that cannot be understood without a guess.
 * @throws {LearnerError} where no rate is found.
 *
 * @example
 * ```ts
 * const { metric, baselines } = await trainData("penguins.csv", { target: "species" }, { say: console.error });
 * console.log(metric, "against", baselines.constant, "and", baselines.linear);
 * ```
 */
export async function trainData(
  data: string,
  options: TrainDataOptions = {},
  host: TrainHost = {},
): Promise<TrainReport> {
  checkOptions("trainData", host, TRAIN_HOST);
  const { plan, raw } = await planAndTable(data, options);
  const say = (lines: readonly string[]) => {
    for (const line of lines) host.say?.(line);
  };
  say(plan.lines);
  const folder = resolve(options.out ?? "lrfind-run");
  makeFolder(folder);
  const table =
    raw && plan.kind !== "images" ? withTarget(tidyTable(raw.table, plan.recipe), plan.target) : undefined;
  const run = await prepared(plan, table);
  say([...run.warnings, `${run.items} items to learn from, ${run.held} held out`]);
  try {
    const rate = await findRate(run.learner, plan.kind, { ...options, ...host });
    say([`learning rate ${formatRate(rate.lr)} (${rate.words})`]);
    const fit = await fitted(run, { plan, rate, folder, options, host });
    const linear = linearLearnerOf(run.loaders, run);
    const baselines = await baselinesOf(run.learner, linear, fit.epochs);
    await linear?.[Symbol.asyncDispose]();
    const { metrics, loss } = await run.learner.validate();
    const metric = metrics[baselines.measure]!;
    const beatsBaselines = isBetter(metric, baselines);
    say(comparison(plan, metric, baselines));
    const { records } = fit;
    const facts: RunFacts = { plan, ...run, ...fit, lr: rate.lr, data: relative(folder, resolve(data)) };
    const files = await writeRun(folder, {
      learner: run.learner,
      search: rate.search,
      records,
      metrics: {
        ...metrics,
        validLoss: loss,
        baselines,
        beatsBaselines,
        lr: rate.lr,
        epochs: records.length,
      },
      metric,
      baselines,
      facts,
      recipe: plan.kind === "images" ? undefined : plan.recipe,
      command: commandOf(data, plan, options),
    });
    return {
      ...{ plan, lr: rate.lr, records, metric, baselines, beatsBaselines, folder },
      files: [...files, "best.safetensors"],
    };
  } finally {
    await run.learner[Symbol.asyncDispose]();
  }
}

/** A plan's loaders and learner. */
async function prepared(plan: TrainPlan, table: Table | undefined) {
  const layers = plan.kind === "images" ? LAYERS : plan.layers;
  const loaders = await loadersOf(plan, table);
  const yRange = yRangeOf(plan, table);
  const { learner, dls } = learnerOf(loaders, { layers, yRange, seed: plan.seed });
  return {
    loaders,
    learner,
    layers,
    yRange,
    seed: plan.seed,
    warnings: dls.warnings ?? [],
    steps: dls.train.batchesPerEpoch,
    items: dls.train.dataset.length,
    held: dls.valid!.dataset.length,
  };
}

/** What a run is trained by. */
interface FitContext {
  readonly plan: TrainPlan;
  readonly rate: Rate;
  readonly folder: string;
  readonly options: TrainDataOptions;
  readonly host: TrainHost;
}

/** Trains by one-cycle; the weights are then those of the best epoch. */
async function fitted(
  { learner, steps }: Awaited<ReturnType<typeof prepared>>,
  { plan, rate, folder, options: { maxTime }, host }: FitContext,
): Promise<Pick<RunFacts, "epochs" | "patience" | "stoppedAfter"> & { readonly records: EpochRecord[] }> {
  const { stepMs = 0, lr } = rate;
  const epochs = maxTime === undefined ? plan.epochs : epochsWithin(plan.epochs, { stepMs, steps, maxTime });
  if (epochs < plan.epochs)
    host.say?.(
      `${epochs} ${epochs === 1 ? "epoch" : "epochs"} in place of ${plan.epochs}, to end within ${maxTime} s`,
    );
  // The rate is high in the first half of one-cycle, where the loss need not fall yet.
  const patience = Math.max(3, Math.ceil(0.6 * epochs));
  const limit = maxTime === undefined ? undefined : timeLimit(maxTime);
  const records = await learner.fitOneCycle(epochs, {
    lrMax: lr,
    ...(host.signal && { signal: host.signal }),
    cbs: [
      earlyStopping({ patience }),
      saveBest({ path: join(folder, "best.safetensors") }),
      ...(limit ? [limit.callback] : []),
      told(host, epochs),
    ],
  });
  const stoppedAfter = limit?.stoppedAfter();
  if (stoppedAfter !== undefined) host.say?.(`ended after ${stoppedAfter} epochs: ${maxTime} s are over`);
  return { epochs, patience, stoppedAfter, records };
}

/** Tells of each epoch. */
function told({ progress, say }: TrainHost, epochs: number): Callback {
  return {
    name: "told",
    keeps: "nothing",
    // Before those that end the fit.
    order: 60,
    afterEpoch({ record }) {
      if (record === undefined) return;
      const { epoch, trainLoss, validLoss, metrics } = record;
      const measures = Object.entries(metrics).map(([name, value]) => `${name} ${formatLoss(value)}`);
      const detail = [
        `loss ${formatLoss(trainLoss)}`,
        `held-out ${formatLoss(validLoss ?? Number.NaN)}`,
        ...measures,
      ].join("  ");
      if (progress) progress("training", epoch + 1, epochs, detail);
      else say?.(`epoch ${epoch + 1}/${epochs}  ${detail}`);
    },
  };
}

function commandOf(data: string, plan: TrainPlan, { out }: TrainDataOptions): string {
  const target = plan.kind === "images" ? "" : ` --target ${JSON.stringify(plan.target)}`;
  return `lrfind train ${basename(data)}${target}${out === undefined ? "" : ` --out ${out}`}`;
}

import { basename, join, relative, resolve } from "node:path";
import {
  edge,
  formatLoss,
  formatRate,
  type LrFindResult,
  minimum,
  type Suggester,
  slide,
  steep,
  valley,
} from "lrfind";
import { checkOptions } from "lrfind/core";
import type { Table } from "../data/index.js";
import {
  type Callback,
  type EpochRecord,
  earlyStopping,
  type Learner,
  LearnerError,
  saveBest,
} from "../learner/index.js";
import { type Baselines, baselinesOf } from "./baselines.js";
import { tidyTable } from "./columns/tidy.js";
import { batchSizeFor, learnerOf, linearLearnerOf, loadersOf, yRangeOf } from "./make-learner.js";
import { TRAIN_HOST, type TrainDataOptions, type TrainHost } from "./options.js";
import { planAndTable, type TrainPlan } from "./plan.js";
import { withTarget } from "./read-tidy.js";
import type { RunFacts } from "./run-code.js";
import { makeFolder, writeRun } from "./run-folder.js";

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
 * The folder holds `model.onnx` with all that `predictData` needs, `result.json` and `report.html` of the search,
 * `metrics.json`, `log.csv` (an epoch a row) and `train.ts`, the same run as code.
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
  const say = (line: string) => host.say?.(line);
  const { plan, raw } = await planAndTable(data, options);
  for (const line of plan.lines) say(line);
  const folder = resolve(options.out ?? "lrfind-run");
  makeFolder(folder);
  const table =
    raw && plan.kind !== "images" ? withTarget(tidyTable(raw.table, plan.recipe), plan.target) : undefined;
  const run = await prepared(plan, table, options);
  say(
    `${run.items} items to learn from, ${run.held} held out; ${run.words}, batches of ${run.batchSize} (--batch-size)`,
  );
  try {
    const { search, lr } = await rateFor(run.learner, plan.kind, { ...options, ...host });
    say(
      `learning rate ${formatRate(lr)}${search === undefined ? ", as given" : ` (${Object.keys(firstSuggestions(search))[0]})`}`,
    );
    const epochs = epochsFor(run, search, options, host);
    // The rate is high in the first half of one-cycle, where the loss need not fall yet.
    const patience = Math.max(3, Math.ceil(0.6 * epochs));
    const records = await run.learner.fitOneCycle(epochs, {
      lrMax: lr,
      ...(host.signal && { signal: host.signal }),
      cbs: [
        earlyStopping({ patience }),
        saveBest({ path: join(folder, "best.safetensors") }),
        told(host, epochs),
      ],
    });
    const linear = linearLearnerOf(run.loaders, run);
    const baselines = await baselinesOf(run.learner, linear, epochs);
    await linear?.[Symbol.asyncDispose]();
    const { metrics, loss } = await run.learner.validate();
    const metric = metrics[baselines.measure]!;
    const beatsBaselines = isBetter(metric, baselines);
    for (const line of comparison(plan, { metric, baselines, beats: beatsBaselines })) say(line);
    const facts: RunFacts = { plan, ...run, epochs, patience, lr, data: relative(folder, resolve(data)) };
    const files = await writeRun(folder, {
      learner: run.learner,
      search,
      records,
      metrics: { ...metrics, validLoss: loss, baselines, beatsBaselines, lr, epochs: records.length },
      facts,
      recipe: plan.kind === "images" ? undefined : plan.recipe,
      command: commandOf(data, plan, options),
    });
    return {
      plan,
      lr,
      records,
      metric,
      baselines,
      beatsBaselines,
      folder,
      files: [...files, "best.safetensors"],
    };
  } finally {
    await run.learner[Symbol.asyncDispose]();
  }
}

async function prepared(plan: TrainPlan, table: Table | undefined, options: TrainDataOptions) {
  const { layers = [200, 100] } = options;
  const batchSize = options.batchSize ?? batchSizeFor(plan.items, plan.kind);
  const loaders = await loadersOf(plan, table, batchSize);
  const yRange = yRangeOf(plan, table);
  const { learner, words, dls } = learnerOf(loaders, { layers, yRange, seed: plan.seed });
  const { seed } = plan;
  const steps = dls.train.batchesPerEpoch;
  return {
    loaders,
    learner,
    words,
    batchSize,
    layers,
    yRange,
    seed,
    steps,
    items: dls.train.dataset.length,
    held: dls.valid!.dataset.length,
  };
}

/** A mean of word vectors has a long, even descent, of which the edge is far too high; else the edge is best. */
const SUGGESTERS: Readonly<Record<TrainPlan["kind"], readonly Suggester[]>> = {
  table: [edge, valley, slide, steep, minimum],
  images: [edge, valley, slide, steep, minimum],
  text: [valley, edge, slide, steep, minimum],
};

async function rateFor(
  learner: Learner,
  kind: TrainPlan["kind"],
  { lr, progress, signal }: TrainDataOptions & TrainHost,
): Promise<{ readonly search: LrFindResult | undefined; readonly lr: number }> {
  if (lr !== undefined) return { search: undefined, lr };
  const search = await learner.lrFind({
    suggestFuncs: SUGGESTERS[kind],
    ...(signal && { signal }),
    onPoint: ({ lr: rate, smoothed }, { done, total }) =>
      progress?.("search", done, total, `lr ${formatRate(rate)}  loss ${formatLoss(smoothed)}`),
  });
  signal?.throwIfAborted();
  const found = Object.values(search.suggestions).find((suggestion) => suggestion.lr !== null)?.lr;
  if (found) return { search, lr: found };
  const why = search.diagnostics[0]?.message ?? "no suggester has an answer";
  throw new LearnerError({
    where: "trainData",
    expected: "a learning rate",
    got: `none: ${why}`,
    hint: "--lr 1e-3",
  });
}

function firstSuggestions(search: LrFindResult): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(search.suggestions).filter(([, { lr }]) => lr !== null));
}

/** As many as asked for, or by the number of steps; fewer where the time would not do, as the search's steps let expect. */
function epochsFor(
  { steps }: { readonly steps: number },
  search: LrFindResult | undefined,
  { epochs, maxTime }: TrainDataOptions,
  { say }: TrainHost,
): number {
  const wanted = epochs ?? Math.min(40, Math.max(10, Math.ceil(1500 / steps)));
  if (maxTime === undefined || search === undefined) return wanted;
  // Validation and what is around a step take their part too.
  const seconds = (1.5 * steps * search.durationMs) / 1000 / Math.max(1, search.curve.lr.length);
  const possible = Math.max(1, Math.floor(maxTime / seconds));
  if (possible >= wanted) return wanted;
  say?.(`${possible} epochs in place of ${wanted}, to end within ${maxTime} s`);
  return possible;
}

/** Tells of each epoch. */
function told({ progress, say }: TrainHost, epochs: number): Callback {
  return {
    name: "told",
    keeps: "nothing",
    order: 90,
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

function isBetter(metric: number, { measure, constant, linear }: Baselines): boolean {
  const others = linear === null ? [constant] : [constant, linear];
  return others.every((other) => (measure === "accuracy" ? metric > other : metric < other));
}

function comparison(
  plan: TrainPlan,
  {
    metric,
    baselines,
    beats,
  }: { readonly metric: number; readonly baselines: Baselines; readonly beats: boolean },
): string[] {
  const { measure, constant, constantWords, linear } = baselines;
  const row = (name: string, value: number | null) =>
    `  ${(value === null ? "none" : value.toPrecision(4)).padStart(9)}  ${name}`;
  return [
    `${measure} on what was held out:`,
    row("this model", metric),
    ...(plan.kind === "text"
      ? ["             (a bag of words is a linear model)"]
      : [row("a linear model", linear)]),
    row(constantWords, constant),
    ...(beats ? [] : ["! It is no better than what one would try first: do not use it as it is."]),
  ];
}

function commandOf(data: string, plan: TrainPlan, { out }: TrainDataOptions): string {
  const target = plan.kind === "images" ? "" : ` --target ${JSON.stringify(plan.target)}`;
  return `lrfind train ${basename(data)}${target}${out === undefined ? "" : ` --out ${out}`}`;
}

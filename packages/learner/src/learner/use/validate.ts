import type { LabelOptions, LossFunc, Metric } from "@lrfind/engine";
import { abortSignal, type Checks, instanceOf, yieldIfDue } from "lrfind/core";
import { DataLoader, type DataLoaders } from "../../data/index.js";
import { datasetConflict } from "../../data/internal.js";
import { checkLearnerOptions } from "../checks.js";
import { LearnerError } from "../errors.js";
import type { Validation } from "../fit/epoch-record.js";
import type { StateTensors } from "../state.js";
import type { Evaluator } from "./evaluator.js";

/** What to go through, and when to stop. */
export interface EvaluationOptions {
  /** All of its items are gone through, in order, without augmentation. Default: the validation set. */
  readonly loader?: DataLoader;
  /** Stops between two mini-batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The checks of what to go through. */
export const EVALUATION_OPTIONS: Checks<EvaluationOptions> = {
  loader: instanceOf(DataLoader),
  signal: abortSignal,
};

/** Checks how to evaluate. @throws {LearnerError} */
export function checkEvaluation(where: string, options: unknown): void {
  checkLearnerOptions<EvaluationOptions>(where, options, EVALUATION_OPTIONS);
}

/**
 * The loader to evaluate on: all its items, each once, in order, not augmented, even if it is one to train with.
 *
 * @throws {LearnerError} when there is none, or its classes are not those trained on.
 */
export function evaluationLoader(
  where: string,
  loader: DataLoader | undefined,
  dls: DataLoaders,
): DataLoader {
  const found = loader ?? dls.valid;
  if (found) {
    checkClasses(where, found, dls);
    return found.inOrder();
  }
  throw new LearnerError({
    where,
    expected: "a validation set",
    got: "none",
    hint: "validPct above 0 when making the data loaders",
  });
}

/**
 * Checks that indices of classes, categories and tokens mean the same in a loader as in what is trained on: else a
 * perfect model seems worthless.
 *
 * @throws {LearnerError} when they do not.
 */
export function checkClasses(where: string, loader: DataLoader | undefined, dls: DataLoaders): void {
  const { vocab = dls.vocab, processor } = dls.train.dataset;
  const train = {
    ...(vocab === undefined ? {} : { vocab }),
    ...(processor === undefined ? {} : { processor }),
  };
  const conflict = datasetConflict(train, loader?.dataset);
  if (conflict !== undefined) throw new LearnerError({ where, ...conflict });
}

/**
 * Loss and metrics over all of a loader, whatever its mini-batches: the loss is the sum of their sums over the sum of
 * their weights, NaN where nothing counts.
 */
export async function validateOn(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  options: {
    readonly metrics: readonly Metric[];
    readonly lossFunc: LossFunc;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Validation> {
  const { labels } = options.lossFunc;
  const start = (reading?: LabelOptions) =>
    options.metrics.map((metric) => [metric.name, metric.start(reading)] as const);
  let tallies: ReturnType<typeof start> | undefined;
  let total = 0;
  let totalWeight = 0;
  for await (const batch of loader.epoch()) {
    await yieldIfDue();
    options.signal?.throwIfAborted();
    const { scores, outputs, loss, sum, weight } = await evaluator.evaluate(tensors, batch, options.signal);
    tallies ??= start(outputs === "probabilities" ? { ...labels, outputs } : labels);
    total += sum;
    totalWeight += weight;
    for (const [, tally] of tallies) tally.add(scores, batch.targets, loss, { sum, weight });
  }
  return {
    loss: total / totalWeight,
    metrics: Object.fromEntries((tallies ?? start(labels)).map(([name, tally]) => [name, tally.value()])),
  };
}

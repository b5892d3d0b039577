import { yieldIfDue } from "../core/index.js";
import type { DataLoader } from "../data/index.js";
import type { LossFunc } from "../nn/index.js";
import type { Metric } from "../nn/metrics/index.js";
import type { Validation } from "./epoch-record.js";
import { LearnerError } from "./errors.js";
import type { Evaluator } from "./evaluator.js";
import type { StateTensors } from "./state.js";

/** What to go through, and when to stop. */
export interface EvaluationOptions {
  /** Default: the validation set. */
  readonly loader?: DataLoader;
  /** Stops between two mini-batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The loader to evaluate on. @throws {LearnerError} when there is none. */
export function evaluationLoader(
  where: string,
  loader: DataLoader | undefined,
  valid: DataLoader | undefined,
): DataLoader {
  const found = loader ?? valid;
  if (found) return found;
  throw new LearnerError({
    where,
    expected: "a validation set",
    got: "none",
    hint: "validPct above 0 when making the data loaders",
  });
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
  const tallies = options.metrics.map((metric) => [metric.name, metric.start(labels)] as const);
  let total = 0;
  let totalWeight = 0;
  for await (const batch of loader.epoch()) {
    await yieldIfDue();
    options.signal?.throwIfAborted();
    const { prediction, loss, sum, weight } = await evaluator.evaluate(tensors, batch);
    total += sum;
    totalWeight += weight;
    for (const [, tally] of tallies) tally.add(prediction, batch.targets, loss, { sum, weight });
  }
  return {
    loss: total / totalWeight,
    metrics: Object.fromEntries(tallies.map(([name, tally]) => [name, tally.value()])),
  };
}

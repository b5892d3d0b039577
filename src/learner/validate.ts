import { yieldIfDue } from "../core/index.js";
import type { DataLoader } from "../data/index.js";
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

/** Loss and metrics over all items of a loader, each item counted alike. */
export async function validateOn(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  options: { readonly metrics: readonly Metric[]; readonly signal?: AbortSignal | undefined },
): Promise<Validation> {
  const tallies = options.metrics.map((metric) => [metric.name, metric.start()] as const);
  let total = 0;
  let count = 0;
  for await (const batch of loader.epoch()) {
    await yieldIfDue();
    options.signal?.throwIfAborted();
    const { prediction, loss } = await evaluator.evaluate(tensors, batch);
    total += loss * batch.size;
    count += batch.size;
    for (const [, tally] of tallies) tally.add(prediction, batch.targets, loss);
  }
  return {
    loss: total / count,
    metrics: Object.fromEntries(tallies.map(([name, tally]) => [name, tally.value()])),
  };
}

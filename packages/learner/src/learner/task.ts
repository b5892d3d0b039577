import type { LossFunc, Metric } from "@lrfind/engine";
import { accuracy, crossEntropy, mse, rmse } from "@lrfind/engine";
import type { DataLoaders } from "../data/index.js";
import { check, dataLoaders } from "./checks.js";
import { LearnerError } from "./errors.js";
import type { LearnerOptions } from "./learner-options.js";

/** What every ready-made learner takes: the options of `Learner` but those that it makes itself. */
export interface ReadyLearnerOptions extends Omit<LearnerOptions, "dls" | "model" | "lossFunc"> {
  /** Default: cross-entropy where the target is a class, else the mean squared error. */
  readonly lossFunc?: LossFunc;
}

/** What the data say about the task. */
export interface Task {
  /** Numbers that the model puts out for an item: one for each class, or for each target. */
  readonly outputs: number;
  readonly lossFunc: LossFunc;
  readonly metrics: readonly Metric[];
}

/**
 * Reads off the data loaders what is to be learnt: classes (a vocab and one integer target), else numbers.
 *
 * @param where - Names the caller in errors.
 * @throws {LearnerError} when there is not exactly one target.
 */
export function taskOf(dls: DataLoaders, where: string): Task {
  check(where, "dls", dls, dataLoaders);
  const { targets } = dls.train.dataset;
  if (targets.length !== 1) {
    throw new LearnerError({
      where,
      expected: "data loaders with one target",
      got: String(targets.length),
      hint: "a Learner with a model and a loss of your own",
    });
  }
  if (dls.vocab) return { outputs: dls.vocab.length, lossFunc: crossEntropy(), metrics: [accuracy] };
  const outputs = targets[0]!.shape.reduce((a, b) => a * b, 1);
  return { outputs, lossFunc: mse(), metrics: [rmse] };
}

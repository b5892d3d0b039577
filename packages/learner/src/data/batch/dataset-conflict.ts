import type { Dataset } from "./dataset.js";
import type { Processor } from "./processor.js";

/** What is wrong with a dataset, for an error. */
interface Conflict {
  readonly expected: string;
  readonly got: string;
  readonly hint: string;
}

/**
 * Compares a dataset with the one that is trained on: an index of a class, a category or a token must mean the same in
 * both. Fewer classes are none the worse, if they are the first ones.
 *
 * @param train - What is trained on.
 * @param other - What the model is judged by, if anything.
 * @returns What is wrong; undefined if nothing is, or one says nothing of its indices, so that they are taken as they
 *   are.
 */
export function datasetConflict(
  train: Pick<Dataset, "vocab" | "processor">,
  other: Pick<Dataset, "vocab" | "processor"> | undefined,
): Conflict | undefined {
  return classConflict(train.vocab, other?.vocab) ?? processorConflict(train.processor, other?.processor);
}

function processorConflict(train: Processor | undefined, other: Processor | undefined): Conflict | undefined {
  if (train === undefined || other === undefined || train === other) return undefined;
  if (JSON.stringify(train) === JSON.stringify(other)) return undefined;
  return {
    expected: "rows that the training data's processor prepared",
    got: "rows prepared by another, whose categories, tokens or scales are not the same",
    hint: "inputs and targets of the training data's processor, or one table that is split",
  };
}

function classConflict(
  train: readonly string[] | undefined,
  other: readonly string[] | undefined,
): Conflict | undefined {
  if (train === undefined || other === undefined) return undefined;
  const at = other.findIndex((name, i) => name !== train[i]);
  if (at < 0) return undefined;
  const isOrder = other.every((name) => train.includes(name));
  return {
    expected: `the classes of the training data in their order (class ${at} is ${JSON.stringify(train[at])})`,
    got: `${isOrder ? "another order" : "other classes"} (class ${at} is ${JSON.stringify(other[at])})`,
    hint: "one list of classes for both, or one dataset that is split",
  };
}

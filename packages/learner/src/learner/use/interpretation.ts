import type { EndingKind, LabelOptions, Tensor } from "@lrfind/engine";
import { classOutputs } from "@lrfind/engine/internal";
import { describe, yieldIfDue } from "lrfind/core";
import type { DataLoader } from "../../data/index.js";
import { originOf } from "../../data/internal.js";
import { LearnerError } from "../errors.js";
import type { StateTensors } from "../state.js";
import type { Evaluator } from "./evaluator.js";
import type { Predictions } from "./predictions.js";

/** An item that the model does badly on. */
export interface TopLoss {
  /** The item's row in what the data loaders were made of: the table, the arrays, the list of files. From 0. */
  readonly row: number;
  /** The item's file, where it has one of its own, as images in folders do. */
  readonly file?: string;
  readonly loss: number;
  /** What the model was given, [1, …] each. */
  readonly inputs: readonly Tensor[];
  /** The model's output, [1, …]. */
  readonly prediction: Tensor;
  /** What it should have been, [1, …] each. */
  readonly targets: readonly Tensor[];
  /** What the model ends in, where its outputs are probabilities or their logarithms. */
  readonly ending?: EndingKind;
}

/** How often which class was taken for which. */
export interface ConfusionMatrix {
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** `counts[actual][predicted]`: items. */
  readonly counts: readonly (readonly number[])[];
}

/**
 * The items of a loader with the largest losses, largest first; NaN counts as larger than all. Items that do not count,
 * as all their labels are ignored, are left out.
 *
 * @param k - How many; all, where there are fewer.
 */
export async function largestLosses(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  options: { readonly k: number; readonly signal?: AbortSignal | undefined },
): Promise<TopLoss[]> {
  if (!Number.isInteger(options.k) || options.k < 1) {
    throw new LearnerError({
      where: "topLosses k",
      expected: "a whole number from 1 up",
      got: describe(options.k),
    });
  }
  // A loss is a mean over its mini-batch: one item at a time gives the item's own.
  const single = loader.with({ batchSize: 1, dropLast: false });
  const losses: (Omit<TopLoss, "inputs"> & { readonly step: number })[] = [];
  let ending: EndingKind | undefined;
  for (let step = 0; step < single.batchesPerEpoch; step++) {
    await yieldIfDue();
    options.signal?.throwIfAborted();
    const batch = await single.batchAt(0, step);
    ending ??= await evaluator.ending(batch.inputs, options.signal);
    const { prediction, loss, weight } = await evaluator.evaluate(tensors, batch, options.signal);
    if (weight === 0) continue;
    const origin = originOf(loader.dataset, single.rowsAt(0, step)[0]!);
    losses.push({
      ...origin,
      targets: batch.targets,
      prediction,
      loss,
      step,
      ...(ending === undefined ? {} : { ending }),
    });
  }
  const rank = ({ loss }: { readonly loss: number }) => (Number.isNaN(loss) ? Infinity : loss);
  const top = losses.sort((a, b) => rank(b) - rank(a) || a.row - b.row).slice(0, options.k);
  // Read again: all items' inputs together may be larger than memory.
  const found: TopLoss[] = [];
  for (const { step, ...each } of top) {
    found.push({ ...each, inputs: (await single.batchAt(0, step)).inputs });
  }
  return found;
}

/**
 * Counts which class was taken for which; per position, where items have several.
 *
 * @param reading - How the loss reads targets: what it ignores does not count.
 * @throws {LearnerError} when the classes have no names, or a target is none of them.
 */
export function countConfusions(
  { predictions, targets, ending }: Predictions,
  labels: readonly string[] | undefined,
  reading: LabelOptions = {},
): ConfusionMatrix {
  if (!labels) {
    throw new LearnerError({
      where: "confusionMatrix",
      expected: "classes",
      got: "data loaders without a vocab",
      hint: "confusionMatrix for classifiers only",
    });
  }
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  const outputs = ending === "sigmoid" ? "probabilities" : "logits";
  const { positions, label, largest } = classOutputs("confusionMatrix", predictions, targets[0], {
    ...reading,
    outputs,
  });
  for (let i = 0; i < positions; i++) {
    const actual = label(i);
    if (actual === undefined) continue;
    const predicted = largest(i);
    const row = counts[actual];
    if (row?.[predicted] === undefined) {
      const got = Number.isNaN(predicted) ? "an output of NaN" : `${actual} predicted as ${predicted}`;
      throw new LearnerError({
        where: "confusionMatrix",
        expected: `class indices below ${labels.length}`,
        got: `${got} at item ${i}`,
      });
    }
    row[predicted]!++;
  }
  return { labels, counts };
}

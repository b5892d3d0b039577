import type { EndingKind, Tensor, TensorData } from "@lrfind/engine";
import { describeTensor, sizeOf } from "@lrfind/engine";
import { yieldIfDue } from "lrfind/core";
import type { DataLoader, DataLoaders } from "../../data/index.js";
import { originOf } from "../../data/internal.js";
import { LearnerError } from "../errors.js";
import type { StateTensors } from "../state.js";
import type { Evaluator } from "./evaluator.js";

/** The model's outputs for all items of a loader: in its order, or in that of the table, where it is one to train with. */
export interface Predictions {
  /** [items, …]: what the model gives out; logits, where the loss takes logits and the model does not end in their softmax. */
  readonly predictions: Tensor;
  /** [items, …] each. */
  readonly targets: readonly Tensor[];
  /** The row of each item in what the data loaders were made of: the table, the arrays, the list of files. */
  readonly rows: readonly number[];
  /** What the model ends in, where the predictions are probabilities or their logarithms. */
  readonly ending?: EndingKind;
}

/** Runs the model over all items of a loader. */
export async function predictAll(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  {
    signal,
    epoch = 0,
  }: {
    readonly signal?: AbortSignal | undefined;
    /** Which of the loader's epochs: where it augments, each is augmented otherwise. */
    readonly epoch?: number;
  } = {},
): Promise<Predictions> {
  const predictions: Tensor[] = [];
  const targets: Tensor[][] = [];
  let ending: EndingKind | undefined;
  const rows: number[] = [];
  for (let step = 0; step < loader.batchesPerEpoch; step++) {
    for (const row of loader.rowsAt(epoch, step)) rows.push(originOf(loader.dataset, row).row);
    const batch = await loader.batchAt(epoch, step);
    await yieldIfDue();
    signal?.throwIfAborted();
    ending ??= await evaluator.ending(batch.inputs, signal);
    predictions.push(await evaluator.predict(tensors, batch.inputs, signal));
    batch.targets.forEach((target, i) => {
      targets[i] ??= [];
      targets[i].push(target);
    });
  }
  return {
    predictions: concatenate(predictions),
    targets: targets.map(concatenate),
    rows,
    ...(ending ? { ending } : {}),
  };
}

/**
 * The inputs of a batch of one item: by the data loaders' processor where they have one; else the item is to be a
 * tensor, or one for each input, without the batch dimension.
 *
 * @throws {LearnerError} when there is no processor and the item is something else, or has another shape than the
 *   items trained on.
 */
export async function encodeItem(item: unknown, dls: DataLoaders): Promise<readonly Tensor[]> {
  if (dls.processor) return dls.processor.process(item);
  const specs = dls.train.dataset.inputs;
  const items: readonly unknown[] = Array.isArray(item) ? item : [item];
  const expected = specs.map(describeTensor).join(" and ");
  const fits =
    items.length === specs.length &&
    items.every((part, i) => {
      const { dtype, shape } = specs[i]!;
      return isTensor(part) && part.dtype === dtype && part.shape.join() === shape.join();
    });
  if (!fits) {
    throw new LearnerError({
      where: "predict item",
      expected: `a tensor ${expected}`,
      got: items.map(describeTensor).join(" and "),
      hint: "data loaders with a processor, which take raw items",
    });
  }
  return (items as Tensor[]).map(({ dtype, shape, data }) => ({ dtype, shape: [1, ...shape], data }));
}

/** Batches one after another. */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as [Tensor];
  const items = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const shape = [items, ...first.shape.slice(1)];
  const TypedArray = first.data.constructor as new (length: number) => TensorData;
  const data = new TypedArray(sizeOf(shape));
  let at = 0;
  for (const part of tensors) {
    // The arrays are of one class, which TypeScript cannot see here.
    data.set(part.data as never, at);
    at += part.data.length;
  }
  return { dtype: first.dtype, shape, data };
}

/** Whether a value has what a tensor has. */
export function isTensor(value: unknown): value is Tensor {
  return (
    typeof value === "object" &&
    value !== null &&
    "dtype" in value &&
    "shape" in value &&
    Array.isArray(value.shape) &&
    "data" in value
  );
}

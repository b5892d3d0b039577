import { yieldIfDue } from "../core/index.js";
import { originOf } from "../data/dataset.js";
import type { DataLoader, DataLoaders } from "../data/index.js";
import type { Tensor, TensorData } from "../onnx/index.js";
import { sizeOf } from "../onnx/index.js";
import { LearnerError } from "./errors.js";
import type { Evaluator } from "./evaluator.js";
import type { StateTensors } from "./state.js";

/** The model's outputs for all items of a loader, in the order of its dataset. */
export interface Predictions {
  /** [items, …]: what the model gives out; logits, where the loss takes logits. */
  readonly predictions: Tensor;
  /** [items, …] each. */
  readonly targets: readonly Tensor[];
  /** The row of each item in what the data loaders were made of: the table, the arrays, the list of files. */
  readonly rows: readonly number[];
}

/** What the model makes of one item. */
export interface Prediction {
  /** The model's output, without the batch dimension. */
  readonly output: Tensor;
  /** For classes: the softmax of the output (of a single output: 1 minus its sigmoid, and its sigmoid). */
  readonly probabilities?: readonly number[];
  /** Index of the likeliest class. */
  readonly index?: number;
  /** Name of the likeliest class. */
  readonly label?: string;
}

/** Runs the model over all items of a loader. */
export async function predictAll(
  loader: DataLoader,
  evaluator: Evaluator,
  tensors: StateTensors,
  signal?: AbortSignal,
): Promise<Predictions> {
  const predictions: Tensor[] = [];
  const targets: Tensor[][] = [];
  for await (const batch of loader.epoch()) {
    await yieldIfDue();
    signal?.throwIfAborted();
    predictions.push(await evaluator.predict(tensors, batch.inputs));
    batch.targets.forEach((target, i) => {
      targets[i] ??= [];
      targets[i].push(target);
    });
  }
  const rows = Array.from({ length: loader.dataset.length }, (_, row) => originOf(loader.dataset, row).row);
  return { predictions: concatenate(predictions), targets: targets.map(concatenate), rows };
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
  const expected = specs.map(({ dtype, shape }) => `${dtype}[${shape.join(", ")}]`).join(" and ");
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
      got: items.map(describeItem).join(" and "),
      hint: "data loaders with a processor, which take raw items",
    });
  }
  return (items as Tensor[]).map(({ dtype, shape, data }) => ({ dtype, shape: [1, ...shape], data }));
}

/** What the output for one item says. */
export function decodePrediction(output: Tensor, vocab: readonly string[] | undefined): Prediction {
  const { dtype, shape, data } = output;
  const single: Tensor = { dtype, shape: shape.slice(1), data };
  const isClassifier =
    vocab !== undefined && (vocab.length === data.length || (vocab.length === 2 && data.length === 1));
  if (!isClassifier) return { output: single };
  const logits = data.length === 1 ? [0, Number(data[0])] : Array.from(data as Float32Array);
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  const probabilities = weights.map((weight) => weight / total);
  const index = probabilities.indexOf(Math.max(...probabilities));
  return { output: single, probabilities, index, ...(index < 0 ? {} : { label: vocab[index]! }) };
}

function concatenate(tensors: readonly Tensor[]): Tensor {
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

function isTensor(value: unknown): value is Tensor {
  return (
    typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value
  );
}

function describeItem(value: unknown): string {
  if (isTensor(value)) return `a tensor ${value.dtype}[${value.shape.join(", ")}]`;
  return value === null ? "null" : typeof value;
}

import type { DType, Tensor, TensorDataByDType } from "@lrfind/engine";
import { allocate } from "@lrfind/engine";
import type { Batch, BatchContext, Dataset } from "./dataset.js";

/** What a dataset that recycles is told. */
export interface RecyclingContext extends BatchContext {
  /** A batch of the dataset that nobody holds any more: the new one's tensors may be written over its own. */
  readonly into?: Batch | undefined;
}

/** A list, and not a property: what wraps a dataset, say to keep its batches, would come by the property too. */
const recycling = new WeakSet<Dataset>();

/** Says of a dataset that it heeds `into` and keeps none of its batches. */
export function markRecycling<D extends Dataset>(dataset: D): D {
  recycling.add(dataset);
  return dataset;
}

/** Whether a dataset may be given `into`. */
export function recycles(dataset: Dataset): boolean {
  return recycling.has(dataset);
}

/** The array of a tensor that nobody holds any more, where it has the type and length; else a new one. */
export function spareArray<D extends DType>(
  dtype: D,
  length: number,
  spare: Tensor | undefined,
): TensorDataByDType[D] {
  if (spare?.dtype === dtype && spare.data.length === length) return spare.data as TensorDataByDType[D];
  return allocate(dtype, length);
}

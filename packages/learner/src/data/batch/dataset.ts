import type { DType, Tensor } from "@lrfind/engine";
import type { Processor } from "./processor.js";

/** The rows of a mini-batch, as tensors whose first dimension is the number of rows. */
export interface Batch {
  /** What the model is given. */
  readonly inputs: readonly Tensor[];
  /** What the loss compares the model's output with. */
  readonly targets: readonly Tensor[];
  /** The number of rows. */
  readonly size: number;
  /**
   * For inputs that are a mixture: the targets of the other part, in the shapes of `targets`, and the share of this one in
   * [0, 1]. A training step takes the loss of both (see `mixedLoss`).
   */
  readonly mix?: { readonly targets: readonly Tensor[]; readonly share: number };
}

/** What a batch may depend on besides its rows: all that augmentation needs to be a pure function. */
export interface BatchContext {
  readonly seed: number;
  readonly epoch: number;
  /** The batch's number in its epoch, from 0. */
  readonly step: number;
  /** Whether the batch is to be trained on; only then may a dataset augment its rows. */
  readonly training: boolean;
}

/** The type and shape of one row of one tensor of a batch, without the batch dimension. */
export interface RowSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Where a row comes from. */
export interface RowOrigin {
  /** The row of what the user gave: the table, the arrays, the list of files. From 0. */
  readonly row: number;
  /** The file, where the row is one. */
  readonly file?: string;
}

/** Rows that can be read in any order, many at a time. */
export interface Dataset {
  /** The number of rows. */
  readonly length: number;
  /** What a row of each of a batch's inputs looks like. */
  readonly inputs: readonly RowSpec[];
  /** What a row of each of a batch's targets looks like. */
  readonly targets: readonly RowSpec[];
  /** The names of the classes, if the target is a class index. */
  readonly vocab?: readonly string[];
  /**
   * What made the inputs of raw rows, if it numbers categories or tokens as it learnt them: another processor's numbers
   * mean something else.
   */
  readonly processor?: Processor;
  /**
   * Where a row comes from, in a dataset made of some rows of another.
   *
   * @default the row itself
   */
  origin?(row: number): RowOrigin;
  /**
   * Gathers rows into new tensors.
   *
   * @param rows - Integers in [0, length); the batch has them in this order.
   * @param context - Equal rows and contexts give equal batches.
   */
  batch(rows: Uint32Array, context: BatchContext): Batch | Promise<Batch>;
}

/** Where a row of a dataset comes from. */
export function originOf(dataset: Dataset, row: number): RowOrigin {
  return dataset.origin?.(row) ?? { row };
}

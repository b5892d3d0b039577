import type { DType, Tensor } from "@lrfind/engine";
import { made } from "lrfind/core";
import { type Checks, checkDataOptions, func, names, required, tensors } from "../checks.js";
import { DataError } from "../errors.js";
import type { Dataset, RowOrigin, RowSpec } from "./dataset.js";
import type { Processor } from "./processor.js";
import { markRecycling, type RecyclingContext, spareArray } from "./recycling.js";
import { checkRows } from "./rows.js";

/** The contents of a `tensorDataset`. */
export interface TensorDatasetOptions {
  /** What the model is given: tensors with one row per example. */
  readonly inputs: readonly Tensor[];
  /** What its output is compared with: tensors with one row per example. */
  readonly targets: readonly Tensor[];
  /** The names of the classes, if the target is a class index. */
  readonly vocab?: readonly string[];
  /** What made the inputs of raw rows: see `Dataset`. */
  readonly processor?: Processor;
  /** Where a row comes from, if not from the row of that number. */
  readonly origin?: (row: number) => RowOrigin;
}

const TENSOR_DATASET: Checks<TensorDatasetOptions> = {
  inputs: required(tensors),
  targets: required(tensors),
  vocab: names,
  processor: made("a processor", ["process"], "TextProcessor.fit(texts)"),
  origin: func,
};

/**
 * A dataset whose rows are those of some tensors, of any type and shape.
 *
 * @param options - See `TensorDatasetOptions`.
 * @throws DataError if there is no tensor or no row, the tensors have different numbers of rows, or a tensor's
 *   data does not fit its shape.
 *
 * @example
 * ```ts
 * const x = { dtype: "float32", shape: [4, 1], data: Float32Array.of(0, 1, 2, 3) } as const;
 * const y = { dtype: "float32", shape: [4, 1], data: Float32Array.of(1, 3, 5, 7) } as const;
 * const line = tensorDataset({ inputs: [x], targets: [y] });
 * ```
 */
export function tensorDataset(options: TensorDatasetOptions): Dataset {
  checkDataOptions("tensorDataset", options, TENSOR_DATASET);
  const { inputs, targets, vocab, processor, origin } = options;
  const length = rowCount([
    ...inputs.map((tensor, i) => [`inputs[${i}]`, tensor] as const),
    ...targets.map((tensor, i) => [`targets[${i}]`, tensor] as const),
  ]);
  return markRecycling({
    length,
    inputs: inputs.map(rowSpec),
    targets: targets.map(rowSpec),
    ...(vocab === undefined ? {} : { vocab }),
    ...(processor === undefined ? {} : { processor }),
    ...(origin === undefined ? {} : { origin }),
    batch(rows: Uint32Array, context: RecyclingContext) {
      const into = context?.into;
      checkRows("batch", rows, length);
      return {
        inputs: inputs.map((tensor, i) => gatherRows(tensor, rows, into?.inputs[i])),
        targets: targets.map((tensor, i) => gatherRows(tensor, rows, into?.targets[i])),
        size: rows.length,
      };
    },
  });
}

function rowCount(named: readonly (readonly [where: string, tensor: Tensor])[]): number {
  const length = named[0]?.[1].shape[0];
  if (length === undefined || length === 0) {
    const got = named.length === 0 ? "no tensor" : `shape [${named[0]![1].shape.join(", ")}]`;
    throw new DataError({ where: "tensorDataset", expected: "tensors with at least one row", got });
  }
  for (const [where, { shape, data }] of named) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (shape[0] !== length) {
      throw new DataError({
        where,
        expected: `${length} rows, as the first has`,
        got: `shape [${shape.join(", ")}]`,
      });
    }
    if (data.length !== size) {
      throw new DataError({
        where,
        expected: `${size} values for [${shape.join(", ")}]`,
        got: String(data.length),
      });
    }
  }
  return length;
}

function rowSpec({ dtype, shape }: Tensor): RowSpec {
  return { dtype, shape: shape.slice(1) };
}

function gatherRows<D extends DType>(
  { dtype, shape, data }: Tensor<D>,
  rows: Uint32Array,
  spare: Tensor | undefined,
): Tensor<D> {
  const rowSize = data.length / shape[0]!;
  const gathered = spareArray(dtype, rows.length * rowSize, spare);
  for (let i = 0; i < rows.length; i++) {
    const row = data.subarray(rows[i]! * rowSize, (rows[i]! + 1) * rowSize);
    // The two arrays are of one class, which TypeScript cannot see here.
    gathered.set(row as never, i * rowSize);
  }
  return { dtype, shape: [rows.length, ...shape.slice(1)], data: gathered };
}

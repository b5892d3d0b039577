import {
  boolean,
  type Checks,
  check,
  checkDataOptions,
  dataset as datasetCheck,
  optionsFor,
  own,
  rowLabels,
  rowNumbers,
} from "../checks.js";
import { DataError } from "../errors.js";
import { DataLoader } from "./data-loader.js";
import type { Dataset } from "./dataset.js";
import { datasetConflict } from "./dataset-conflict.js";
import type { Processor } from "./processor.js";
import { type RowLabels, SPLIT, type Split, type SplitOptions, splitRows } from "./split.js";
import { subset } from "./subset.js";
import { weightedSampler } from "./weighted-sampler.js";

/** The training and the validation data of a `Learner`. */
export interface DataLoaders {
  readonly train: DataLoader;
  /** Absent if nothing is held out. */
  readonly valid?: DataLoader;
  /** The names of the classes, if the target is a class index. */
  readonly vocab?: readonly string[];
  /** Makes a raw item what the model was trained on; saved with the model. */
  readonly processor?: Processor;
  /** What was chosen or left out when they were made, and what may be a mistake, in sentences. */
  readonly warnings?: readonly string[];
}

/** Loaders as the functions here make them: they always have `warnings`, if only an empty list. */
export interface MadeDataLoaders extends DataLoaders {
  readonly warnings: readonly string[];
}

/** How loaders cut rows into batches. */
export interface BatchOptions {
  /**
   * Rows in a batch, in training and validation.
   *
   * @default 64
   */
  readonly batchSize?: number;
  /**
   * Seed of the split, the order and augmentation: an integer in [0, 2⁵³).
   *
   * @default 0
   */
  readonly seed?: number;
  /**
   * Train on the rows in a new random order each epoch.
   *
   * @default true
   */
  readonly shuffle?: boolean;
  /**
   * Leave out a short last training batch. Validation always sees every row.
   *
   * @default true
   */
  readonly dropLast?: boolean;
  /**
   * Draw the training rows with replacement by these weights, in place of `shuffle`: one weight per row of the
   * whole dataset; those of rows held out are not used.
   */
  readonly weights?: ArrayLike<number>;
}

/** How `dataLoaders` splits and cuts. */
export interface DataLoadersOptions extends SplitOptions, BatchOptions {
  /**
   * A validation set of its own; then all of the dataset is trained on. Where both have a `vocab`, an index must have
   * the same name in both.
   */
  readonly valid?: Dataset;
  /** The rows' classes, for a `splitter` that keeps their proportions. */
  readonly labels?: RowLabels;
}

/** The checks of how rows become mini-batches. */
export const BATCHES: Checks<Omit<DataLoadersOptions, keyof SplitOptions | "valid" | "labels">> = {
  batchSize: own,
  shuffle: boolean,
  dropLast: boolean,
  weights: rowNumbers,
};

const DATA_LOADERS: Checks<DataLoadersOptions> = {
  ...SPLIT,
  ...BATCHES,
  valid: datasetCheck,
  labels: rowLabels,
};

/** Of the options of batches those that validation has as well. */
const BOTH: Checks<Pick<BatchOptions, "batchSize" | "seed">> = { batchSize: own, seed: own };

/**
 * Splits a dataset at random into a training and a validation loader.
 *
 * @param dataset - All rows (the training rows, where `valid` is given).
 * @param options - See `DataLoadersOptions`.
 * @throws DataError if an option is out of its range, the dataset is empty, or a training batch is larger than
 *   the training part.
 *
 * @example
 * ```ts
 * const dls = dataLoaders(dataset, { batchSize: 64, validPct: 0.2, seed: 42 });
 * const first = await dls.train.batchAt(0, 0);
 * ```
 */
export function dataLoaders(dataset: Dataset, options: DataLoadersOptions = {}): MadeDataLoaders {
  check("dataLoaders", "dataset", dataset, datasetCheck);
  checkDataOptions("dataLoaders", options, DATA_LOADERS);
  const { weights, labels, valid } = options;
  checkLength("weights", weights, dataset);
  checkLength("labels", labels, dataset);
  if (valid !== undefined) {
    const { validPct, validIdx, splitter } = options;
    const given = Object.entries({ validPct, validIdx, splitter }).find(([, value]) => value !== undefined);
    if (given === undefined) return loadersOf(dataset, valid, options);
    throw new DataError({ where: given[0], expected: "none, as valid is held out", got: "one" });
  }
  return splitLoaders(dataset, splitRows(dataset.length, optionsFor(SPLIT, options), labels), options);
}

/** The loaders of the two parts of a dataset. */
export function splitLoaders(
  dataset: Dataset,
  rows: Split,
  options: BatchOptions & Pick<SplitOptions, "validPct">,
): MadeDataLoaders {
  const { weights, validPct = 0.2 } = options;
  checkLength("weights", weights, dataset);
  const valid = rows.valid.length === 0 ? undefined : subset(dataset, rows.valid);
  const loaders = loadersOf(subset(dataset, rows.train), valid, {
    ...options,
    ...(weights === undefined ? {} : { weights: Float64Array.from(rows.train, (row) => weights[row]!) }),
  });
  if (valid !== undefined || validPct === 0) return loaders;
  const none = `no row is held out to validate on: ${validPct} of ${dataset.length} rows is less than one`;
  return { ...loaders, warnings: [...loaders.warnings, none] };
}

function checkLength(where: string, values: ArrayLike<unknown> | undefined, { length }: Dataset): void {
  if (values === undefined || values.length === length) return;
  const expected = `${length}, one per row of the dataset`;
  throw new DataError({ where, expected, got: String(values.length) });
}

/** The loaders of a training and a validation set. `weights` has one weight per row of `train`. */
export function loadersOf(
  train: Dataset,
  valid: Dataset | undefined,
  options: BatchOptions,
): MadeDataLoaders {
  const conflict = datasetConflict(train, valid);
  if (conflict !== undefined) throw new DataError({ where: "valid", ...conflict });
  const { shuffle = true, dropLast = true, weights } = options;
  const both = optionsFor<Pick<BatchOptions, "batchSize" | "seed">>(BOTH, options);
  const sampler = weights === undefined ? {} : { sampler: weightedSampler(weights) };
  return {
    train: new DataLoader({ dataset: train, ...both, shuffle, dropLast, training: true, ...sampler }),
    ...(valid === undefined ? {} : { valid: new DataLoader({ dataset: valid, ...both }) }),
    ...(train.vocab === undefined ? {} : { vocab: train.vocab }),
    warnings: train.vocab?.length === 1 ? [oneClass(train.vocab[0]!)] : [],
  };
}

function oneClass(name: string): string {
  return `classes: all rows are of one class, ${JSON.stringify(name)}: there is nothing to learn`;
}

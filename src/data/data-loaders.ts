import { DataLoader } from "./data-loader.js";
import type { Dataset } from "./dataset.js";
import { randomSplit, subset } from "./subset.js";

/** The training and the validation data of a `Learner`. */
export interface DataLoaders {
  readonly train: DataLoader;
  /** Absent if nothing is held out. */
  readonly valid?: DataLoader;
  /** The names of the classes, if the target is a class index. */
  readonly vocab?: readonly string[];
}

/** How `dataLoaders` splits and cuts. */
export interface DataLoadersOptions {
  /**
   * Rows in a batch, in training and validation.
   *
   * @default 64
   */
  readonly batchSize?: number;
  /**
   * The part held out for validation, in [0, 1). Ignored where `valid` is given.
   *
   * @default 0.2
   */
  readonly validPct?: number;
  /** A validation set of its own; then all of the dataset is trained on. */
  readonly valid?: Dataset;
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
}

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
export function dataLoaders(dataset: Dataset, options: DataLoadersOptions = {}): DataLoaders {
  const { validPct = 0.2, seed = 0 } = options;
  if (options.valid !== undefined) return loadersOf(dataset, options.valid, options);
  const rows = randomSplit(dataset.length, { validPct, seed });
  const valid = rows.valid.length === 0 ? undefined : subset(dataset, rows.valid);
  return loadersOf(subset(dataset, rows.train), valid, options);
}

function loadersOf(train: Dataset, valid: Dataset | undefined, options: DataLoadersOptions): DataLoaders {
  const { batchSize = 64, seed = 0, shuffle = true, dropLast = true } = options;
  return {
    train: new DataLoader({ dataset: train, batchSize, seed, shuffle, dropLast, training: true }),
    ...(valid === undefined ? {} : { valid: new DataLoader({ dataset: valid, batchSize, seed }) }),
    ...(train.vocab === undefined ? {} : { vocab: train.vocab }),
  };
}

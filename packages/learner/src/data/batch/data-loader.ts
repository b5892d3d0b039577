import {
  boolean,
  type Check,
  type Checks,
  check,
  checkDataOptions,
  dataset as datasetCheck,
  own,
  required,
} from "../checks.js";
import { DataError, integerOption } from "../errors.js";
import { type Batch, type Dataset, originOf } from "./dataset.js";
import { type RecyclingContext, recycles } from "./recycling.js";
import { checkRows } from "./rows.js";
import { type Sampler, sequentialSampler, shuffleSampler } from "./sampler.js";

/** What a `DataLoader` is made of. */
export interface DataLoaderOptions {
  readonly dataset: Dataset;
  /**
   * Rows in a batch, at least 1.
   *
   * @default 64
   */
  readonly batchSize?: number;
  /**
   * Visit the rows in a new random order each epoch.
   *
   * @default false
   */
  readonly shuffle?: boolean;
  /**
   * Leave out the last batch of an epoch if it is short.
   *
   * @default false
   */
  readonly dropLast?: boolean;
  /**
   * Seed of the order and of augmentation, an integer in [0, 2⁵³).
   *
   * @default 0
   */
  readonly seed?: number;
  /**
   * Whether the batches are trained on, so that the dataset may augment them.
   *
   * @default shuffle
   */
  readonly training?: boolean;
  /** Which rows an epoch visits, in place of `shuffle`. */
  readonly sampler?: Sampler;
}

const BATCH_OPTIONS: Check = {
  expected: "an object { into }",
  accepts: (value) => {
    const { into } = (value ?? { into: null }) as { into?: Partial<Batch> | null };
    return into === undefined || (Array.isArray(into?.inputs) && Array.isArray(into.targets));
  },
};

const DATA_LOADER: Checks<DataLoaderOptions> = {
  dataset: required(datasetCheck),
  batchSize: own,
  shuffle: boolean,
  dropLast: boolean,
  seed: own,
  training: boolean,
  sampler: {
    expected: "a sampler",
    accepts: (value) => {
      const { length, order } = Object(value) as Partial<Sampler>;
      return Number.isSafeInteger(length) && typeof order === "function";
    },
    hint: (value) =>
      typeof value === "function" ? `${value.name}(dataset.length)` : "shuffleSampler(dataset.length)",
  },
};

/**
 * Cuts a dataset into mini-batches. Batch (epoch, step) is a pure function of the seed, the epoch and the step:
 * there is no position to lose, so a mock training, a resumed run and another thread see the same batches.
 *
 * @example
 * ```ts
 * const loader = new DataLoader({ dataset, batchSize: 64, shuffle: true, dropLast: true, seed: 42 });
 * for await (const { inputs, targets } of loader.epoch(0)) console.log(inputs[0]!.shape, targets[0]!.shape);
 * ```
 */
export class DataLoader {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly seed: number;
  readonly training: boolean;
  /** How many batches an epoch has. */
  readonly batchesPerEpoch: number;
  readonly #options: DataLoaderOptions;
  readonly #sampler: Sampler;
  /** The order of the epoch asked for last: a cache, invisible from outside. */
  #order: { readonly epoch: number; readonly rows: Uint32Array } | undefined;

  /**
   * @param options - See `DataLoaderOptions`.
   * @throws DataError if the dataset is empty, an option is out of its range, or `dropLast` leaves no batch.
   */
  constructor(options: DataLoaderOptions) {
    checkDataOptions("DataLoader", options, DATA_LOADER);
    const { dataset, batchSize = 64, shuffle = false, dropLast = false, seed = 0 } = options;
    this.dataset = dataset;
    this.batchSize = integerOption("batchSize", batchSize, 1);
    this.seed = integerOption("seed", seed, 0);
    this.dropLast = dropLast;
    this.training = options.training ?? shuffle;
    this.#options = options;
    this.#sampler =
      options.sampler ?? (shuffle ? shuffleSampler(dataset.length) : sequentialSampler(dataset.length));
    const rows = this.#sampler.length;
    if (dataset.length === 0 || rows === 0) {
      throw new DataError({ where: "dataset", expected: "at least one row", got: "none" });
    }
    if (dropLast && batchSize > rows) {
      throw new DataError({
        where: "batchSize",
        expected: `at most the ${rows} rows of the dataset, as dropLast leaves out short batches`,
        got: String(batchSize),
        hint: "a smaller batchSize, or dropLast: false",
      });
    }
    this.batchesPerEpoch = dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
  }

  /** The number of rows of batch `step`; only the last of an epoch can be shorter than `batchSize`. */
  sizeAt(step: number): number {
    this.#checkStep(step);
    return Math.min(this.batchSize, this.#sampler.length - step * this.batchSize);
  }

  /**
   * The dataset's rows in batch `step` of an epoch.
   *
   * @param epoch - From 0.
   * @param step - In [0, batchesPerEpoch).
   * @throws DataError if either is out of its range, or the sampler gives rows that are not there.
   */
  rowsAt(epoch: number, step: number): Uint32Array {
    integerOption("epoch", epoch, 0);
    const size = this.sizeAt(step);
    const start = step * this.batchSize;
    const end = start + size;
    if (this.#order?.epoch !== epoch) {
      this.#order = { epoch, rows: this.#epochRows(epoch) };
    }
    return this.#order.rows.slice(start, end);
  }

  /**
   * Batch `step` of an epoch.
   *
   * @param epoch - From 0.
   * @param step - In [0, batchesPerEpoch).
   * @param options - `into`: a batch of this loader that nobody holds any more; the tensors of the new one may be
   *   written over its own, where the dataset is one of lrfind's.
   * @throws DataError if either is out of its range.
   */
  async batchAt(
    epoch: number,
    step: number,
    options: { readonly into?: Batch | undefined } = {},
  ): Promise<Batch> {
    const rows = this.rowsAt(epoch, step);
    // Not by its options, one by one: it is called for every mini-batch.
    check("DataLoader.batchAt", "options", options, BATCH_OPTIONS);
    const { dataset, seed, training } = this;
    // No spread: V8's optimized code gives what it makes a hidden class of its own, 200 bytes that stay until a full
    // collection.
    if (!recycles(dataset)) return dataset.batch(rows, { seed, epoch, step, training });
    const context: RecyclingContext = { seed, epoch, step, training, into: options.into };
    return dataset.batch(rows, context);
  }

  /**
   * The batches of an epoch, in order.
   *
   * @param epoch - From 0. Default 0.
   */
  async *epoch(epoch = 0): AsyncGenerator<Batch, void, undefined> {
    for (let step = 0; step < this.batchesPerEpoch; step++) yield await this.batchAt(epoch, step);
  }

  /**
   * The same loader but for some of its options, such as another seed for an independent trial.
   *
   * @param changes - The options that differ.
   * @throws DataError as the constructor does.
   */
  with(changes: Partial<DataLoaderOptions>): DataLoader {
    return new DataLoader({ ...this.#options, ...changes });
  }

  /**
   * The same rows for evaluation: all rows of the dataset, each once and in order, as they are outside training,
   * whatever this loader draws, drops and augments. A split leaves the rows to train on in a random order: they come in
   * that of the table, arrays or files that they are from.
   */
  inOrder(): DataLoader {
    const { sampler, ...options } = this.#options;
    const order = this.training ? { sampler: originSampler(this.dataset) } : {};
    return new DataLoader({ ...options, ...order, shuffle: false, dropLast: false, training: false });
  }

  #epochRows(epoch: number): Uint32Array {
    const rows = this.#sampler.order({ seed: this.seed, epoch });
    const { length } = this.#sampler;
    if (rows.length !== length) {
      throw new DataError({
        where: "sampler",
        expected: `${length} rows, its length`,
        got: String(rows.length),
      });
    }
    checkRows("sampler", rows, this.dataset.length);
    return rows;
  }

  #checkStep(step: number): void {
    integerOption("step", step, 0);
    if (step >= this.batchesPerEpoch) {
      const expected = `a step in 0 … ${this.batchesPerEpoch - 1}`;
      throw new DataError({ where: "step", expected, got: String(step) });
    }
  }
}

/** Visits all rows in the order of what the user gave. */
function originSampler(dataset: Dataset): Sampler {
  const origins = Float64Array.from({ length: dataset.length }, (_, row) => originOf(dataset, row).row);
  const rows = Uint32Array.from(origins.keys()).sort((a, b) => origins[a]! - origins[b]!);
  return { length: rows.length, order: () => rows.slice() };
}

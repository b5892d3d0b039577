import { BATCHES, type BatchOptions, type MadeDataLoaders, splitLoaders } from "../batch/data-loaders.js";
import { SPLIT, type SplitOptions, splitRows } from "../batch/split.js";
import { tensorDataset } from "../batch/tensor-dataset.js";
import { arrayOf, type Checks, checkDataOptions, optionsFor, own, required, string } from "../checks.js";
import { DataError } from "../errors.js";
import { readTable, type TableSource } from "../table/read-table.js";
import { READ_TABLE, type ReadTableOptions } from "../table/table.js";
import { TabularProcessor } from "../table/tabular-processor.js";
import { categorify } from "../table/tabular-spec.js";

/** Where ratings are, how they are split and cut into batches. */
export interface CollabDataLoadersOptions extends ReadTableOptions, SplitOptions, BatchOptions {
  /** A CSV or Parquet file (see `FileSource`), or rows in memory: one rating a row. */
  readonly source: TableSource;
  /**
   * The column that says who rated.
   *
   * @default the first column
   */
  readonly userName?: string;
  /**
   * The column that says what was rated.
   *
   * @default the second column
   */
  readonly itemName?: string;
  /**
   * The column of the ratings.
   *
   * @default the third column
   */
  readonly ratingName?: string;
  /**
   * The range of a model's outputs. As a sigmoid never reaches its ends, it should go a little beyond that of the
   * ratings.
   *
   * @default the training part's least and greatest rating, a twentieth of their distance added at either end
   */
  readonly yRange?: readonly [low: number, high: number];
  /**
   * Texts that count as missing, besides null, undefined and NaN: of users and items, which become `#na#`, and of
   * ratings, where that is an error. `NA` and `Null` are names, unless they are listed.
   *
   * @default [""]: the empty cell
   */
  readonly missing?: readonly string[];
}

const COLLAB: Checks<CollabDataLoadersOptions> = {
  ...READ_TABLE,
  ...SPLIT,
  ...BATCHES,
  source: required(own),
  userName: string,
  itemName: string,
  ratingName: string,
  missing: arrayOf(string),
  yRange: arrayOf(own),
};

/** Loaders of ratings, with all that a model for them needs to know. */
export interface CollabDataLoaders extends MadeDataLoaders {
  readonly processor: TabularProcessor;
  readonly userName: string;
  readonly itemName: string;
  readonly ratingName: string;
  /** The users by index; index 0 is `#na#`: unknown, or not in the training part. */
  readonly users: readonly string[];
  /** The items by index; index 0 is `#na#`: unknown, or not in the training part. */
  readonly items: readonly string[];
  readonly yRange: readonly [low: number, high: number];
}

/**
 * Reads ratings and splits them. A batch has one input, int32 [size, 2] of user and item indices, and one target,
 * float32 [size, 1].
 *
 * @param options - See `CollabDataLoadersOptions`.
 * @throws DataError if the file or a cell in it cannot be used, naming file, row and column, or an option is out
 *   of its range.
 *
 * @example
 * ```ts
 * const source = [{ user: "Ada", item: "Metropolis", rating: 4.5 }, { user: "Bo", item: "M", rating: 5 }];
 * const dls = await collabDataLoaders({ source, validPct: 0, batchSize: 2 });
 * dls.users; // ["#na#", "Ada", "Bo"]
 * ```
 */
export async function collabDataLoaders(options: CollabDataLoadersOptions): Promise<CollabDataLoaders> {
  checkDataOptions("collabDataLoaders", options, COLLAB);
  const table = await readTable(options.source, optionsFor(READ_TABLE, options));
  const [userName, itemName, ratingName] = (["userName", "itemName", "ratingName"] as const).map(
    (role, i) => {
      const name = options[role] ?? table.columns[i];
      if (name !== undefined) return name;
      const expected = "three columns: user, item and rating";
      throw new DataError({ where: table.name, expected, got: String(table.columns.length) });
    },
  ) as [string, string, string];
  const rows = splitRows(table.length, optionsFor(SPLIT, options));
  const processor = TabularProcessor.fit(table, rows.train, {
    catNames: [userName, itemName],
    yNames: ratingName,
    yBlock: "regression",
    procs: [categorify],
    missing: options.missing ?? [""],
  });
  const targets = processor.targets(table);
  const dataset = tensorDataset({ inputs: processor.inputs(table), targets: [targets], processor });
  const { categories } = processor.spec;
  const loaders = splitLoaders(dataset, rows, options);
  return {
    ...loaders,
    warnings: [...(table.warnings ?? []), ...loaders.warnings],
    processor,
    userName,
    itemName,
    ratingName,
    users: categories[userName]!,
    items: categories[itemName]!,
    yRange: checkRange(options.yRange ?? widened(Array.from(rows.train, (row) => Number(targets.data[row])))),
  };
}

function widened(ratings: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const rating of ratings) {
    low = Math.min(low, rating);
    high = Math.max(high, rating);
  }
  const margin = (high - low) / 20 || 0.5;
  return [low - margin, high + margin];
}

function checkRange([low, high]: readonly [number, number]): readonly [number, number] {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    const expected = "two finite numbers, the lesser first";
    throw new DataError({ where: "yRange", expected, got: `[${low}, ${high}]` });
  }
  return [low, high];
}

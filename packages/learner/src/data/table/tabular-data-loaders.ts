import { BATCHES, type BatchOptions, type MadeDataLoaders, splitLoaders } from "../batch/data-loaders.js";
import { SPLIT, type SplitOptions, splitRows } from "../batch/split.js";
import { tensorDataset } from "../batch/tensor-dataset.js";
import { type Checks, checkDataOptions, oneOf, optionsFor, own, required } from "../checks.js";
import { DataError } from "../errors.js";
import { isMissing, MISSING_TEXTS, missingTexts, toCategory } from "./raw-value.js";
import { readTable, type TableSource } from "./read-table.js";
import { columnOf, READ_TABLE, type ReadTableOptions, type Table } from "./table.js";
import { TABULAR_FIT, type TabularFitOptions } from "./tabular-fit.js";
import { type EmbeddingSize, TabularProcessor } from "./tabular-processor.js";
import { targetWarnings } from "./tabular-target.js";

/** Where a table is, what its columns are, how it is split and cut into batches. */
export interface TabularDataLoadersOptions
  extends TabularFitOptions,
    ReadTableOptions,
    SplitOptions,
    BatchOptions {
  /** A CSV or Parquet file (see `FileSource`), or rows in memory. */
  readonly source: TableSource;
  /**
   * What becomes of rows without a target: an error, or they are left out (before the split, whose row numbers
   * are then those of the rows left).
   *
   * @default "error"
   */
  readonly missingTarget?: "error" | "drop";
}

const TABULAR: Checks<TabularDataLoadersOptions> = {
  ...READ_TABLE,
  ...SPLIT,
  ...BATCHES,
  ...TABULAR_FIT,
  source: required(own),
  missingTarget: oneOf("error", "drop"),
};

/** Loaders of a table, with all that a model for it needs to know. */
export interface TabularDataLoaders extends MadeDataLoaders {
  readonly processor: TabularProcessor;
  /** Categorical columns in the order of the first input's columns, `<column>_na` ones last. */
  readonly catNames: readonly string[];
  /** Continuous columns in the order of the last input's columns. */
  readonly contNames: readonly string[];
  readonly yNames: readonly string[];
  readonly yBlock: "category" | "regression";
  /** For each of `catNames`, the number of categories (`#na#` counted) and the width of the embedding. */
  readonly embeddingSizes: readonly EmbeddingSize[];
  /** How many numbers the model puts out for a row: the number of classes, or of `yNames`. */
  readonly outputs: number;
}

/**
 * Reads a table, splits it, and fits its processing on the training part.
 *
 * A batch has the inputs int32 [size, catNames] and float32 [size, contNames], the one without columns left out,
 * and one target: int32 [size] for a class, float32 [size, yNames] for numbers.
 *
 * @param options - See `TabularDataLoadersOptions`.
 * @throws DataError if the file or a cell in it cannot be used, naming file, row and column, or an option is out
 *   of its range.
 *
 * @example
 * ```ts
 * const dls = await tabularDataLoaders({
 *   source: "examples/data/penguins.csv",
 *   catNames: ["island", "sex"],
 *   contNames: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
 *   yNames: "species",
 *   seed: 42,
 * });
 * dls.embeddingSizes; // [[4, 3], [3, 3], …]
 * ```
 */
export async function tabularDataLoaders(options: TabularDataLoadersOptions): Promise<TabularDataLoaders> {
  checkDataOptions("tabularDataLoaders", options, TABULAR);
  const missing = missingTexts(options.missing ?? MISSING_TEXTS);
  const yNames = typeof options.yNames === "string" ? [options.yNames] : options.yNames;
  const whole = await readTable(options.source, optionsFor(READ_TABLE, options));
  const kept = rowsWithTargets();
  const table = kept === undefined ? whole : tableOf(kept);
  const rows = splitRows(table.length, optionsFor(SPLIT, options), targetLabels());
  const processor = TabularProcessor.fit(
    table,
    rows.train,
    optionsFor<TabularFitOptions>(TABULAR_FIT, options),
  );
  const { spec } = processor;
  const dataset = tensorDataset({
    inputs: processor.inputs(table),
    targets: [processor.targets(table)],
    processor,
    ...(spec.vocab === undefined ? {} : { vocab: spec.vocab }),
    ...(kept === undefined ? {} : { origin: (row: number) => ({ row: kept[row]! }) }),
  });
  const loaders = splitLoaders(dataset, rows, options);
  return {
    ...loaders,
    processor,
    catNames: spec.catNames,
    contNames: spec.contNames,
    yNames: spec.yNames,
    yBlock: spec.yBlock,
    embeddingSizes: processor.embeddingSizes,
    outputs: spec.vocab?.length ?? spec.yNames.length,
    warnings: [
      ...(whole.warnings ?? []),
      ...loaders.warnings,
      ...targetWarnings(table, spec, { asked: options.yBlock, missing }),
      ...filledUnseen(),
    ],
  };

  /** Columns that lack numbers outside the training part alone: what a model makes of that, it cannot learn. */
  function filledUnseen(): string[] {
    return spec.contNames.flatMap((name) => {
      if (spec.flagged!.includes(name)) return [];
      const values = columnOf(table, name);
      const count = rows.valid.filter((row) => isMissing(values[row], missing)).length;
      if (count === 0) return [];
      const where = `${table.name}, column ${JSON.stringify(name)}`;
      const what = `${count} rows held out lack a number, and none of the training part does`;
      return [`${where}: ${what}: they get its median, ${spec.medians[name]}, as if it were theirs`];
    });
  }

  /** The raw targets, for a splitter that keeps their proportions. */
  function targetLabels(): string[] | undefined {
    if (options.splitter === undefined || yNames.length !== 1) return undefined;
    return columnOf(table, yNames[0]!).map((value) =>
      isMissing(value, missing)
        ? ""
        : toCategory(value, `${table.name}, column ${JSON.stringify(yNames[0])}`),
    );
  }

  /** The rows that have a target, if the others are to be left out. */
  function rowsWithTargets(): readonly number[] | undefined {
    if (options.missingTarget !== "drop") return undefined;
    const targets = yNames.map((name) => columnOf(whole, name));
    const rows = [...Array(whole.length).keys()];
    return rows.filter((row) => targets.every((values) => !isMissing(values[row], missing)));
  }

  function tableOf(rows: readonly number[]): Table {
    if (rows.length === 0) {
      throw new DataError({ where: whole.name, expected: "at least one row with a target", got: "none" });
    }
    const values = new Map([...whole.values].map(([name, column]) => [name, rows.map((row) => column[row])]));
    return { ...whole, length: rows.length, values };
  }
}

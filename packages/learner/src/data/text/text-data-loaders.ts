import { BATCHES, type BatchOptions, type MadeDataLoaders, splitLoaders } from "../batch/data-loaders.js";
import { SPLIT, type SplitOptions, splitRows } from "../batch/split.js";
import { tensorDataset } from "../batch/tensor-dataset.js";
import { type Checks, checkDataOptions, names, optionsFor, own, required, string } from "../checks.js";
import { DataError, describe } from "../errors.js";
import { categoriesOf } from "../table/categories.js";
import { classIndices } from "../table/class-indices.js";
import { isMissing, missingTexts, toCategory } from "../table/raw-value.js";
import { readTable, type TableSource } from "../table/read-table.js";
import { cellName, columnOf, READ_TABLE, type ReadTableOptions } from "../table/table.js";
import { TEXT_FIT, type TextFitOptions, TextProcessor } from "./text-processor.js";
import { PAD_INDEX } from "./tokenize.js";

/** Where texts and their classes are, how they are split and cut into batches. */
export interface TextDataLoadersOptions extends TextFitOptions, ReadTableOptions, SplitOptions, BatchOptions {
  /** A CSV or Parquet file (see `FileSource`), or rows in memory. */
  readonly source: TableSource;
  /**
   * The column of the texts.
   *
   * @default "text"
   */
  readonly textCol?: string;
  /**
   * The column of the classes.
   *
   * @default "label"
   */
  readonly labelCol?: string;
  /**
   * Texts that count as missing, besides null, undefined and NaN: as a label or as a text that is an error. `NA` and
   * `Null` are a label or a text like any other, unless they are listed.
   *
   * @default [""] for labels: the empty cell; an empty text is a text without words
   */
  readonly missing?: readonly string[];
}

const TEXTS: Checks<TextDataLoadersOptions> = {
  ...READ_TABLE,
  ...SPLIT,
  ...BATCHES,
  ...TEXT_FIT,
  source: required(own),
  textCol: string,
  labelCol: string,
  missing: names,
};

/** Loaders of texts, with all that a model for them needs to know. */
export interface TextDataLoaders extends MadeDataLoaders {
  readonly processor: TextProcessor;
  /** The names of the classes. */
  readonly vocab: readonly string[];
  /** The vocabulary of tokens; an embedding needs one row for each. */
  readonly tokens: readonly string[];
  /** The number of tokens of every row. */
  readonly maxLength: number;
  /** The index that fills rows up. */
  readonly padIndex: number;
}

/**
 * Reads labelled texts, splits them, and builds the vocabulary from the training part. A batch has one input,
 * int32 [size, maxLength] of token indices, and one target, int32 [size].
 *
 * @param options - See `TextDataLoadersOptions`.
 * @throws DataError if the file or a cell in it cannot be used, naming file, row and column, or an option is out
 *   of its range.
 *
 * @example
 * ```ts
 * const dls = await textDataLoaders({ source: "messages.csv", textCol: "message", labelCol: "kind", seed: 42 });
 * const [inputs] = dls.processor.processText("You have won!");
 * ```
 */
export async function textDataLoaders(options: TextDataLoadersOptions): Promise<TextDataLoaders> {
  checkDataOptions("textDataLoaders", options, TEXTS);
  const { textCol = "text", labelCol = "label" } = options;
  const table = await readTable(options.source, optionsFor(READ_TABLE, options));
  const missing = missingTexts(options.missing ?? [""]);
  const missingText = missingTexts(options.missing ?? []);
  const texts = columnOf(table, textCol).map((text, row) => {
    if (typeof text === "string" && !isMissing(text, missingText)) return text;
    throw new DataError({ where: cellName(table, row, textCol), expected: "a text", got: describe(text) });
  });
  const labels = columnOf(table, labelCol);
  const names = labels.map((label, row) =>
    isMissing(label, missing) ? "" : toCategory(label, cellName(table, row, labelCol)),
  );
  const rows = splitRows(table.length, optionsFor(SPLIT, options), names);
  const trainRows = Array.from(rows.train);
  const vocab = categoriesOf(
    trainRows.filter((row) => !isMissing(labels[row], missing)).map((row) => names[row]!),
  );
  const targets = classIndices(labels, vocab, { table: table.name, column: labelCol, missing });
  const processor = TextProcessor.fit(
    trainRows.map((row) => texts[row]!),
    { ...optionsFor<TextFitOptions>(TEXT_FIT, options), vocab },
  );
  const dataset = tensorDataset({
    inputs: [processor.inputs(texts)],
    targets: [{ dtype: "int32", shape: [table.length], data: targets }],
    vocab,
    processor,
  });
  const { tokens, maxLength } = processor.spec;
  const loaders = splitLoaders(dataset, rows, options);
  return {
    ...loaders,
    warnings: [...(table.warnings ?? []), ...loaders.warnings],
    processor,
    vocab,
    tokens,
    maxLength,
    padIndex: PAD_INDEX,
  };
}

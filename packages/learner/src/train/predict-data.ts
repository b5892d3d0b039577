import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readMetadata } from "@lrfind/engine/internal";
import { checkArgument, checkOptions, didYouMean, string } from "lrfind/core";
import { type Processor, type Table, type TableRow, TabularProcessor } from "../data/index.js";
import { DataError } from "../data/internal.js";
import { loadLearner, type Prediction, type RawItem } from "../learner/index.js";
import type { Recipe } from "./columns/column-spec.js";
import { tidyTable } from "./columns/tidy.js";
import { RECIPE } from "./export-with-recipe.js";
import { listed } from "./plan/listed.js";
import { imageNames } from "./read/image-names.js";
import { type ReadRawOptions, readRaw } from "./read/read-raw.js";

/** A prediction of a row or an image. */
export interface DataPrediction {
  /** The row's number from 1, or the image's path. */
  readonly item: number | string;
  /** The likeliest class, or the number; null for a row that the model cannot take. */
  readonly prediction: string | number | null;
  /** Of the likeliest class. */
  readonly probability?: number;
  /** Why there is no prediction. */
  readonly why?: string;
}

/**
 * What a model of `trainData` makes of new rows or images.
 *
 * @param model - The path of its `model.onnx`.
 * @param data - A file with the columns that the model was trained on (the target may be missing), an image, or a folder of
 *   images, at any depth.
 * @param options - How a table is read, where it cannot be told.
 * @returns One for each row or image, in their order.
 * @throws {DataError} for a column that is missing, or a cell that is not what its column is.
 *
 * @example
 * ```ts
 * const [first] = await predictData("lrfind-run/model.onnx", "new.csv");
 * console.log(first?.prediction, first?.probability);
 * ```
 */
export async function predictData(
  model: string,
  data: string,
  options: ReadRawOptions = {},
): Promise<DataPrediction[]> {
  checkArgument("predictData", "model", model, string);
  checkArgument("predictData", "data", data, string);
  checkOptions("predictData", options, { delimiter: string, encoding: string });
  const metadata = readMetadata(await bytesOf(model), model);
  await using learner = await loadLearner(model);
  const recipe = metadata[RECIPE] === undefined ? undefined : (JSON.parse(metadata[RECIPE]) as Recipe);
  const { processor } = learner;
  const items =
    processor.kind === "image" ? imagesIn(data) : await rowsIn(data, { recipe, processor, options });
  const usable: Item[] = [];
  const refused = new Map<Item, string>();
  for (const item of items) {
    try {
      await (learner.processor as Processor<RawItem>).process(item.raw);
      usable.push(item);
    } catch (error) {
      // One row must not keep the others from their answers.
      if (!(error instanceof DataError)) throw error;
      refused.set(item, error.message);
    }
  }
  const predictions = await learner.predict(usable.map(({ raw }) => raw));
  const answers = new Map(usable.map((item, i) => [item, answerOf(predictions[i]!)]));
  return items.map((item) => ({
    item: item.item,
    ...(answers.get(item) ?? { prediction: null, why: refused.get(item)! }),
  }));
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new DataError({ where: path, expected: "a model", got, hint: "model.onnx of a run" }, { cause });
  }
}

interface Item {
  readonly item: number | string;
  readonly raw: RawItem;
}

async function rowsIn(
  data: string,
  {
    recipe,
    processor,
    options,
  }: {
    readonly recipe: Recipe | undefined;
    readonly processor: Processor;
    readonly options: ReadRawOptions;
  },
): Promise<Item[]> {
  const { table } = await readRaw(data, options);
  const targets = processor instanceof TabularProcessor ? processor.spec.yNames : [];
  const textCol = recipe && Object.entries(recipe.columns).find(([, spec]) => spec.kind === "text")?.[0];
  const columns =
    recipe &&
    Object.fromEntries(
      Object.entries(recipe.columns).filter(([name]) =>
        textCol === undefined ? !targets.includes(name) : name === textCol,
      ),
    );
  if (columns) refuseMissing(table, columns);
  const tidy = recipe && columns ? tidyTable(table, { ...recipe, columns }) : table;
  return Array.from({ length: tidy.length }, (_, row): Item => {
    const raw: TableRow = Object.fromEntries(
      Array.from(tidy.values, ([name, column]) => [name, column[row]]),
    );
    return { item: row + 1, raw: processor.kind === "text" ? String(raw[textCol ?? "text"] ?? "") : raw };
  });
}

/** All columns that are not there, at once. */
function refuseMissing(table: Table, columns: Recipe["columns"]): void {
  const lacking = Object.entries(columns)
    .filter(([name, { kind }]) => kind !== "ignore" && !table.columns.includes(name))
    .map(([name]) => name);
  if (lacking.length === 0) return;
  throw new DataError({
    where: table.name,
    expected: `the columns that the model was trained on, with ${listed(lacking)}`,
    got: listed(table.columns),
    hint: didYouMean(lacking[0]!, table.columns),
  });
}

function imagesIn(data: string): Item[] {
  if (!statSync(data, { throwIfNoEntry: false }))
    throw new DataError({ where: data, expected: "an image or a folder", got: "none" });
  if (!statSync(data).isDirectory()) return [{ item: data, raw: data }];
  const found = imageNames(data);
  if (found.length === 0) throw new DataError({ where: data, expected: "images", got: "none in it" });
  return found.map((name) => ({ item: name, raw: join(data, name) }));
}

function answerOf({ label, index, numbers, probabilities }: Prediction): Omit<DataPrediction, "item"> {
  if (numbers !== undefined) return { prediction: numbers[0]! };
  return { prediction: label ?? String(index), probability: probabilities?.[index ?? 0] ?? Number.NaN };
}

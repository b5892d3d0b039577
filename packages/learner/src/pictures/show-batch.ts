import type { Tensor } from "@lrfind/engine";
import { type Check, checkArgument, checkOptions } from "lrfind/core";
import { DataLoader, type DataLoaders } from "../data/index.js";
import { itemsOf } from "../data/internal.js";
import { itemsPicture } from "./items/items-picture.js";
import { SHOW } from "./items/show-options.js";
import { meaningOf, numberText, shownItem, targetNames, targetText } from "./items/shown-item.js";
import type { Picture } from "./picture.js";

/** What to show of a loader. */
export interface ShowBatchOptions {
  /** Most items, an integer from 1 to 100. @default 9 */
  readonly maxN?: number;
  /** The items. @default those to train with */
  readonly loader?: DataLoader;
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal;
}

const LOADERS: Check = {
  expected: "data loaders",
  accepts: (value) => (Object(value) as Partial<DataLoaders>).train instanceof DataLoader,
  hint: () => "learn.dls",
};

/**
 * The first items of a mini-batch with their targets, as the model is given them, augmentations included: images in a grid, rows
 * of a table and texts in a table. What normalisation did is undone, categories and tokens have their names again.
 *
 * @param dls - Data loaders.
 * @param options - See `ShowBatchOptions`.
 * @throws {OptionError} when an argument cannot be used.
 *
 * @example
 * ```ts
 * const picture = await showBatch(dls);
 * console.log(picture.toTerminal());
 * await writeFile("batch.png", await picture.toPng());
 * ```
 *
 * Source: fastai's `DataLoaders.show_batch`.
 */
export async function showBatch(dls: DataLoaders, options: ShowBatchOptions = {}): Promise<Picture> {
  checkArgument("showBatch", "dls", dls, LOADERS);
  checkOptions("showBatch", options, SHOW);
  const { maxN = 9, loader = dls.train, signal } = options;
  signal?.throwIfAborted();
  const meaning = meaningOf(dls, loader);
  const batch = await loader.batchAt(0, 0);
  signal?.throwIfAborted();
  const count = Math.min(maxN, batch.size);
  const inputs = batch.inputs.map(itemsOf);
  const targets = batch.targets.map(itemsOf);
  const mixed = batch.mix && { targets: batch.mix.targets.map(itemsOf), share: batch.mix.share };
  const named = targetNames(meaning);
  const name = named.length === 1 ? named[0]! : "target";
  const items = Array.from({ length: count }, (_, i) => {
    const target = targetText(at(targets, i), meaning);
    const other = mixed && targetText(at(mixed.targets, i), meaning);
    const value =
      mixed === undefined
        ? target
        : `${numberText(mixed.share)} ${target} + ${numberText(1 - mixed.share)} ${other}`;
    return {
      shown: shownItem(at(inputs, i), meaning),
      labels: targets.length === 0 ? [] : [{ name, value }],
      isWrong: false,
    };
  });
  const note = `${count} of ${loader.dataset.length} items${loader.training ? ", as in training" : ""}`;
  return itemsPicture("showBatch", { title: "A mini-batch", note, items });
}

/** The i-th item of each tensor. */
export function at(tensors: readonly (readonly Tensor[])[], i: number): Tensor[] {
  return tensors.map((items) => items[i]!);
}

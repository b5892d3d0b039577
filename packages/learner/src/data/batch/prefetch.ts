import { nextTask } from "lrfind/core";
import { arrayOf, type Check, type Checks, check, checkDataOptions, instanceOf, own } from "../checks.js";
import { integerOption } from "../errors.js";
import { DataLoader } from "./data-loader.js";
import type { Batch } from "./dataset.js";

/** How far ahead `prefetch` prepares batches, and which. */
export interface PrefetchOptions {
  /**
   * From 0.
   *
   * @default 0
   */
  readonly epoch?: number;
  /**
   * The first batch, for an epoch that is resumed.
   *
   * @default 0
   */
  readonly step?: number;
  /**
   * Batches begun but not yet asked for, at least 0.
   *
   * @default 2
   */
  readonly ahead?: number;
  /**
   * Batches of this loader that nobody holds any more, for the next ones to be written over: taken out as they are
   * used. The caller may add those it is done with.
   *
   * @default []
   */
  readonly spare?: Batch[];
}

const BATCH: Check = {
  expected: "a mini-batch",
  accepts: (value) => Array.isArray(Object(value).inputs) && Array.isArray(Object(value).targets),
};
const PREFETCH: Checks<PrefetchOptions> = { epoch: own, step: own, ahead: own, spare: arrayOf(BATCH) };

/**
 * The batches of an epoch in order, the next ones being prepared while the caller works on one: files are read
 * and images decoded meanwhile. A batch is a pure function of (epoch, step), so that the batches are exactly
 * those of `loader.epoch`, and leaving early loses nothing.
 *
 * A batch is begun in a task of its own, after the caller has received the one before and has had the chance to
 * start its step.
 *
 * @param loader - Whose batches.
 * @param options - See `PrefetchOptions`.
 * @throws DataError if an option is out of its range; whatever a batch throws, when its turn comes.
 *
 * @example
 * ```ts
 * for await (const batch of prefetch(dls.train, { epoch: 3 })) await step(batch);
 * ```
 */
export async function* prefetch(
  loader: DataLoader,
  options: PrefetchOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  check("prefetch", "loader", loader, instanceOf(DataLoader));
  checkDataOptions("prefetch", options, PREFETCH);
  const { epoch = 0, step = 0, ahead = 2, spare = [] } = options;
  integerOption("epoch", epoch, 0);
  integerOption("step", step, 0);
  integerOption("ahead", ahead, 0);
  const begun: Promise<Batch>[] = [];
  let next = step;
  let left = false;
  try {
    for (let at = step; at < loader.batchesPerEpoch; at++) {
      if (begun.length === 0) begun.push(read(next++));
      const batch = await begun.shift()!;
      while (begun.length < ahead && next < loader.batchesPerEpoch) begun.push(begin(next++));
      yield batch;
    }
  } finally {
    left = true;
  }

  function read(at: number): Promise<Batch> {
    return loader.batchAt(epoch, at, { into: spare.pop() });
  }

  function begin(at: number): Promise<Batch> {
    // One that is left behind stays pending, and nobody waits for it.
    const batch = nextTask().then(() => (left ? new Promise<Batch>(() => {}) : read(at)));
    // A failure is reported when the batch's turn comes; until then it must not count as unhandled.
    batch.catch(() => {});
    return batch;
  }
}

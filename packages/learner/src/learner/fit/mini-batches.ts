import type { Batch, DataLoader } from "../../data/index.js";
import { prefetch } from "../../data/index.js";

/** Optimizer steps of an epoch, where each takes `accumulate` mini-batches and the last what is left. */
export function stepsPerEpoch(loader: DataLoader, accumulate: number): number {
  return Math.ceil(loader.batchesPerEpoch / accumulate);
}

/**
 * The mini-batches of one optimizer step of an epoch.
 *
 * @param spare - Mini-batches of this loader that nobody holds any more: the new ones may be written over them.
 */
export function batchesOfStep(
  loader: DataLoader,
  at: { readonly epoch: number; readonly step: number; readonly accumulate: number },
  spare: readonly Batch[] = [],
): Promise<Batch[]> {
  const first = at.step * at.accumulate;
  const end = Math.min(first + at.accumulate, loader.batchesPerEpoch);
  return Promise.all(
    Array.from({ length: end - first }, (_, i) => loader.batchAt(at.epoch, first + i, { into: spare[i] })),
  );
}

/**
 * The mini-batches of an epoch, in lists of those of one optimizer step; the next ones are prepared meanwhile.
 *
 * @param at - `recycle`: whether nobody holds a list's mini-batches once the next list is asked for, so that later
 *   ones may be written over them.
 */
export async function* batchesOfEpoch(
  loader: DataLoader,
  at: { readonly epoch: number; readonly accumulate: number; readonly recycle: boolean },
): AsyncGenerator<Batch[], void, undefined> {
  let batches: Batch[] = [];
  const ahead = Math.max(2, at.accumulate);
  const spare: Batch[] = [];
  for await (const batch of prefetch(loader, { epoch: at.epoch, ahead, spare })) {
    batches.push(batch);
    if (batches.length < at.accumulate) continue;
    yield batches;
    if (at.recycle) spare.push(...batches);
    batches = [];
  }
  if (batches.length > 0) yield batches;
}

import type { Tensor } from "@lrfind/engine";
import { tensor } from "@lrfind/engine";
import { slotName } from "@lrfind/engine/internal";
import type { Batch } from "../../../data/index.js";

/** What a session is fed, by the names of the graph's inputs. */
export type Feeds = Record<string, Tensor>;

/** The sum and the weight of a mini-batch's loss, from what its graph gave. */
export function lossOf(
  results: Readonly<Record<string, Tensor>>,
  { weight }: { readonly weight: number | undefined },
): { readonly sum: number; readonly weight: number } {
  if (weight !== undefined) return { sum: (results["loss"]!.data[0] as number) * weight, weight };
  return {
    sum: results["lossSum"]!.data[0] as number,
    weight: results["lossWeight"]!.data[0] as number,
  };
}

/** What the loss of a step is given: a mixture's has the targets of both parts, and the share of the first. */
export function targetsOf({ targets, mix }: Pick<Batch, "targets" | "mix">): readonly Tensor[] {
  return mix ? [...targets, ...mix.targets, scalar(mix.share)] : targets;
}

/** The inputs of a graph that a mini-batch gives. */
export function batchFeeds(batch: Pick<Batch, "inputs" | "targets" | "mix">): Feeds {
  const { inputs } = batch;
  const targets = targetsOf(batch);
  const feeds: Feeds = {};
  for (let i = 0; i < inputs.length; i++) feeds[slotName.input(i)] = inputs[i]!;
  for (let i = 0; i < targets.length; i++) feeds[slotName.target(i)] = targets[i]!;
  return feeds;
}

/** A number as a graph is fed it. */
export function scalar(value: number): Tensor {
  return tensor("float32", [], [value]);
}

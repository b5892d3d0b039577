import type { Layer, Model, ParamGroup } from "@lrfind/engine";
import { buildEvaluationGraph } from "@lrfind/engine";
import { describe } from "lrfind/core";
import type { RowSpec } from "../../../data/index.js";
import { LearnerError } from "../../errors.js";

/** Kinds of layers that end a body: what follows belongs to the old head. */
const POOLS = new Set(["AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "AdaptiveConcatPool2d", "GlobalAvgPool"]);

/**
 * The part of a network before its head, as a layer of its own.
 *
 * @param network - A layer whose children run one after another, as those of `sequential` and `resnet` do.
 * @param cut - How many children the body has (negative: how many go), or the name of the first one that goes.
 *   Default: those before the first global pool; all, where there is none.
 * @throws {LearnerError} when that leaves no child, or there is none of that name.
 */
export function cutLayer(network: Layer, cut?: number | string): Layer {
  const children = Object.entries(network.children ?? {});
  const count = countOf(children, cut);
  if (count === children.length) return network;
  const kept = children.slice(0, count);
  return {
    kind: network.kind,
    children: Object.fromEntries(kept),
    forward: ({ child }, x) => kept.reduce((value, [name]) => child(name, value), x!),
  };
}

function countOf(children: readonly (readonly [string, Layer])[], cut: number | string | undefined): number {
  if (cut === undefined) {
    const pool = children.findIndex(([, layer]) => isPool(layer));
    return pool < 0 ? children.length : pool;
  }
  const count =
    typeof cut === "number"
      ? cut < 0
        ? children.length + cut
        : cut
      : children.findIndex(([name]) => name === cut);
  if (Number.isInteger(count) && count >= 1 && count <= children.length) return count;
  throw new LearnerError({
    where: "visionLearner cut",
    expected: `a number of children from 1 to ${children.length}, or the name of one but the first of ${children.map(([name]) => name).join(", ")}`,
    got: describe(cut),
  });
}

function isPool(layer: Layer): boolean {
  if (POOLS.has(layer.kind)) return true;
  const [first] = Object.values(layer.children ?? {});
  return layer.kind === "Sequential" && first !== undefined && isPool(first);
}

/**
 * What a body makes of one image: the shape without the batch dimension, [C, H, W] or [F].
 *
 * @throws {LearnerError} when it is neither.
 */
export async function featureShape(body: Model, { dtype, shape }: RowSpec): Promise<readonly number[]> {
  // More than one image, as a batch-norm of an imported model may ask for.
  const inputs = [{ dtype, shape: [2, ...shape] }];
  await body.prepare?.(inputs);
  const { predictionShape } = buildEvaluationGraph({ model: body, inputs });
  const features = predictionShape.slice(1);
  if (features.length === 3 || features.length === 1) return features;
  throw new LearnerError({
    where: "visionLearner",
    expected: "a body that gives [N, C, H, W] or [N, F]",
    got: `[N, ${features.join(", ")}]`,
    hint: "another cut",
  });
}

/**
 * Parameter groups of a body and a head. A residual network's body falls into two, as fastai divides it: stem with
 * the first two stages, and the last two (after a deep stem: the stem, and all stages). Others are one group.
 */
export function visionGroups(kind: string, names: readonly string[]): ParamGroup[] {
  const isHead = (name: string) => name.startsWith("head.");
  const hasDeepStem = names.some((name) => name.startsWith("body.stem."));
  const late = hasDeepStem ? /^body\.layer\d/ : /^body\.layer[34]\./;
  const isLate = (name: string) => kind === "ResNet" && late.test(name);
  const body = names.filter((name) => !isHead(name));
  const groups = [
    { name: "body", parameters: body.filter((name) => !isLate(name)) },
    { name: "late body", parameters: body.filter(isLate) },
    { name: "head", parameters: names.filter(isHead) },
  ];
  return groups.filter(({ parameters }) => parameters.length > 0);
}

import type { Layer, Model } from "@lrfind/engine";
import { embedding, modelOf, sigmoidRange, tensor, wrappedNormalInit } from "@lrfind/engine";
import { range, required } from "lrfind/core";
import { checkLearnerOptions, size } from "../../checks.js";

/** How many users and items there are, unknown ones counted. */
export interface CollabSizes {
  readonly users: number;
  readonly items: number;
}

/**
 * A model of ratings: users and items are vectors, and a rating is their product and a bias of each:
 * `r = u · i + b_u + b_i`, squeezed into `yRange` by a sigmoid.
 *
 * Input int32 [N, 2] of user and item indices, output [N, 1]. Parameters `userFactors.weight` [users, nFactors],
 * `itemFactors.weight`, `userBias.weight` [users, 1] and `itemBias.weight`, all normal with deviation 0.01 at first, cut
 * at two deviations. Parameter groups "factors" and "biases".
 *
 * @param options.nFactors - Numbers in a vector. Default: 50.
 * @param options.yRange - The interval of ratings. Default: none.
 *
 * @example
 * ```ts
 * const model = embeddingDotBias({ users: 436, items: 17 }, { nFactors: 10, yRange: [0, 1] });
 * ```
 *
 * Source: Koren, Bell and Volinsky, Matrix Factorization Techniques for Recommender Systems (2009), equation 4; fastai's
 * `EmbeddingDotBias`.
 */
export function embeddingDotBias(
  sizes: CollabSizes,
  options: { readonly nFactors?: number; readonly yRange?: readonly [low: number, high: number] } = {},
): Model {
  checkLearnerOptions<CollabSizes>("embeddingDotBias", sizes, {
    users: required(size),
    items: required(size),
  });
  checkLearnerOptions<typeof options>("embeddingDotBias", options, { nFactors: size, yRange: range });
  const { users, items } = sizes;
  const { nFactors = 50, yRange } = options;
  const table = (count: number, size: number) =>
    embedding(count, size, { weightInit: wrappedNormalInit(0.01) });
  const layer: Layer = {
    kind: "EmbeddingDotBias",
    children: {
      userFactors: table(users, nFactors),
      itemFactors: table(items, nFactors),
      userBias: table(users, 1),
      itemBias: table(items, 1),
      ...(yRange ? { range: sigmoidRange(...yRange) } : {}),
    },
    forward({ g, child }, indices) {
      const column = (i: number) =>
        g.op("Gather", [indices!, g.constant(tensor("int64", [], [i]))], { axis: 1 });
      const [user, item] = [column(0), column(1)];
      const dot = g.reduceSum(g.mul(child("userFactors", user), child("itemFactors", item)), [1], {
        keepDims: true,
      });
      const rating = g.add(g.add(dot, child("userBias", user)), child("itemBias", item));
      return yRange ? child("range", rating) : rating;
    },
  };
  const model = modelOf(layer);
  const named = (suffix: string) =>
    model.parameters.map(({ name }) => name).filter((name) => name.includes(suffix));
  return {
    ...model,
    paramGroups: [
      { name: "factors", parameters: named("Factors.") },
      { name: "biases", parameters: named("Bias.") },
    ],
  };
}

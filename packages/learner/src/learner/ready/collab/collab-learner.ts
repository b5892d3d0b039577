import { boolean, type Checks, either, oneOf, range } from "lrfind/core";
import type { CollabDataLoaders } from "../../../data/index.js";
import { embeddingSize } from "../../../data/index.js";
import { check, checkLearnerOptions, dropProbability, drops, size, widths } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import { Learner } from "../../learner.js";
import { learnerPart, READY_OPTIONS } from "../../option-checks.js";
import type { ReadyLearnerOptions } from "../../task.js";
import { taskOf } from "../../task.js";
import { tabularModel } from "../tabular/index.js";
import { embeddingDotBias } from "./collab-model.js";

/** Options of a learner for ratings. */
export interface CollabLearnerOptions extends ReadyLearnerOptions {
  /** Numbers in the vector of a user or an item; with `useNn` fastai's rule sets them. Default: 50. */
  readonly nFactors?: number;
  /** A neural net on the vectors, instead of their product. Default: false. */
  readonly useNn?: boolean;
  /** Widths of the neural net's hidden layers. Default: [100]. */
  readonly layers?: readonly number[];
  /** Probability of dropping an element of the vectors, in the neural net. Default: 0. */
  readonly embDrop?: number;
  /** Probability of dropping an element after each of its hidden layers, or one for each. Default: 0. */
  readonly ps?: number | readonly number[];
  /** The interval of the outputs; "none" for any number. Default: the data loaders'. */
  readonly yRange?: readonly [low: number, high: number] | "none";
}

const OPTIONS: Checks<CollabLearnerOptions> = {
  ...READY_OPTIONS,
  nFactors: size,
  useNn: boolean,
  layers: widths,
  embDrop: dropProbability,
  ps: drops,
  yRange: either(range, oneOf("none")),
};
const COLLAB_LOADERS = {
  expected: "what collabDataLoaders gives",
  accepts: (value: unknown) => Array.isArray((value as Partial<CollabDataLoaders>).users),
};

/**
 * A learner for ratings: collaborative filtering by the product of vectors, or by a neural net on them.
 *
 * @param dls - What `collabDataLoaders` gives: it knows users, items and the range of ratings.
 * @param options - See `CollabLearnerOptions`. Default loss: `mse()`; metric: `rmse`.
 * @returns A learner with the parameter groups "factors" and "biases"; with `useNn` "embeddings", "hidden" and "output".
 * @throws {LearnerError} when an option does not fit, or belongs to the other model.
 *
 * @example
 * ```ts
 * await using learn = collabLearner(dls, { nFactors: 50, wd: 0.1 });
 * await learn.fitOneCycle(5, { lrMax: await learn.lrFind() });
 * await learn.predict({ user: "Ada", item: "Metropolis" });
 * ```
 *
 * Source: fastai's `collab_learner`.
 */
export function collabLearner(dls: CollabDataLoaders, options: CollabLearnerOptions = {}): Learner {
  checkLearnerOptions("collabLearner", options, OPTIONS);
  const { useNn = false } = options;
  const foreign = (useNn ? ["nFactors"] : ["layers", "embDrop", "ps"]).filter((name) => name in options);
  if (foreign.length > 0) {
    throw new LearnerError({
      where: "collabLearner",
      expected: `options of the ${useNn ? "neural net" : "product of vectors"}`,
      got: foreign.join(" and "),
      hint: `useNn: ${!useNn}`,
    });
  }
  const { lossFunc, metrics } = taskOf(dls, "collabLearner");
  check("collabLearner", "dls", dls, COLLAB_LOADERS);
  const [users, items] = [dls.users.length, dls.items.length];
  const yRange = options.yRange === "none" ? {} : { yRange: options.yRange ?? dls.yRange };
  const { nFactors = 50, layers = [100], embDrop = 0, ps = 0 } = options;
  const model = useNn
    ? tabularModel(
        {
          embeddings: [users, items].map((count) => [count, embeddingSize(count)] as const),
          continuous: 0,
          outputs: 1,
        },
        { layers, embDrop, ps, ...yRange },
      )
    : embeddingDotBias({ users, items }, { nFactors, ...yRange });
  return new Learner({ lossFunc, metrics, ...learnerPart(options), dls, model });
}

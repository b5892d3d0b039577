import type { TextDataLoaders } from "../../data/index.js";
import type { Layer, Model } from "../../nn/index.js";
import { modelOf } from "../../nn/index.js";
import { LearnerError } from "../errors.js";
import { Learner } from "../learner.js";
import type { ReadyLearnerOptions } from "../task.js";
import { taskOf } from "../task.js";
import type { BagOptions, LstmOptions, TextSizes, TransformerOptions } from "./text-models.js";
import { bagClassifier, lstmClassifier, transformerClassifier } from "./text-models.js";

/** Options of a learner for texts: which model, and how it is made. */
export type TextLearnerOptions = ReadyLearnerOptions &
  (
    | ({ readonly arch: "bag" } & BagOptions)
    | ({ readonly arch: "lstm" } & LstmOptions)
    | ({ readonly arch: "transformer" } & TransformerOptions)
  );

/**
 * A learner for texts and their classes.
 *
 * @param dls - What `textDataLoaders` gives: it knows vocabulary, padding and classes.
 * @param options - `arch` is "bag" (the mean of token vectors: quick, and hard to beat on small data), "lstm" or
 *   "transformer"; its options are those of `bagClassifier`, `lstmClassifier` and `transformerClassifier`.
 *   Default metric: `accuracy`.
 * @returns A learner with the parameter groups "embeddings", "encoder" (but for a bag) and "head".
 * @throws {LearnerError} when there is no such `arch`.
 *
 * @example
 * ```ts
 * await using learn = textLearner(dls, { arch: "bag", embSize: 32 });
 * await learn.fitOneCycle(5, { lrMax: await learn.lrFind() });
 * await learn.predict("You have won a prize!"); // { label: "spam", … }
 * ```
 *
 * Source: fastai's `text_classifier_learner`.
 */
export function textLearner(dls: TextDataLoaders, options: TextLearnerOptions): Learner {
  const { outputs, lossFunc, metrics } = taskOf(dls, "textLearner");
  const { padIndex, maxLength } = dls;
  const model = grouped(layerOf(options, { tokens: dls.tokens.length, padIndex, maxLength, outputs }));
  return new Learner({ lossFunc, metrics, ...options, dls, model });
}

function layerOf(options: TextLearnerOptions, sizes: TextSizes): Layer {
  switch (options.arch) {
    case "bag":
      return bagClassifier(sizes, options);
    case "lstm":
      return lstmClassifier(sizes, options);
    case "transformer":
      return transformerClassifier(sizes, options);
    default:
      throw new LearnerError({
        where: "textLearner arch",
        expected: '"bag", "lstm" or "transformer"',
        got: JSON.stringify((options as { arch?: unknown }).arch),
      });
  }
}

function grouped(layer: Layer): Model {
  const model = modelOf(layer);
  const groupOf = (name: string) =>
    /^(embed|positions)\./.test(name) ? "embeddings" : name.startsWith("encoder.") ? "encoder" : "head";
  const groups = ["embeddings", "encoder", "head"].map((group) => ({
    name: group,
    parameters: model.parameters.map(({ name }) => name).filter((name) => groupOf(name) === group),
  }));
  return { ...model, paramGroups: groups.filter(({ parameters }) => parameters.length > 0) };
}

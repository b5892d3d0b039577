import type { Layer, Model } from "@lrfind/engine";
import { modelOf } from "@lrfind/engine";
import { anything, describe } from "lrfind/core";
import type { TextDataLoaders } from "../../../data/index.js";
import { check, checkLearnerOptions } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import { Learner } from "../../learner.js";
import { learnerPart, READY_OPTIONS } from "../../option-checks.js";
import type { ReadyLearnerOptions } from "../../task.js";
import { taskOf } from "../../task.js";
import type { BagOptions, LstmOptions, TextSizes, TransformerOptions } from "./text-models.js";
import {
  BAG_OPTIONS,
  bagClassifier,
  LSTM_OPTIONS,
  lstmClassifier,
  TRANSFORMER_OPTIONS,
  transformerClassifier,
} from "./text-models.js";

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
  checkText(options);
  const { outputs, lossFunc, metrics } = taskOf(dls, "textLearner");
  check("textLearner", "dls", dls, TEXT_LOADERS);
  const { padIndex, maxLength } = dls;
  const model = grouped(layerOf(options, { tokens: dls.tokens.length, padIndex, maxLength, outputs }));
  return new Learner({ lossFunc, metrics, ...learnerPart(options), dls, model });
}

const TEXT_LOADERS = {
  expected: "what textDataLoaders gives",
  accepts: (value: unknown) => Array.isArray((value as Partial<TextDataLoaders>).tokens),
};

const ARCHITECTURES = {
  bag: { options: BAG_OPTIONS, make: bagClassifier },
  lstm: { options: LSTM_OPTIONS, make: lstmClassifier },
  transformer: { options: TRANSFORMER_OPTIONS, make: transformerClassifier },
} as const;

/** Checks the options of one architecture, once it is known which. @throws {LearnerError} */
function checkText(options: unknown): void {
  const arch = (options as Partial<TextLearnerOptions> | null | undefined)?.arch;
  if (typeof arch !== "string" || !Object.hasOwn(ARCHITECTURES, arch)) {
    throw new LearnerError({
      where: "textLearner arch",
      expected: '"bag", "lstm" or "transformer"',
      got: describe(arch),
    });
  }
  const checks = { ...READY_OPTIONS, ...ARCHITECTURES[arch].options, arch: anything };
  checkLearnerOptions<object>("textLearner", options, checks);
}

function layerOf(options: TextLearnerOptions, sizes: TextSizes): Layer {
  const { options: checks, make } = ARCHITECTURES[options.arch];
  const own = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(checks, name) && value !== undefined,
  );
  return make(sizes, Object.fromEntries(own));
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

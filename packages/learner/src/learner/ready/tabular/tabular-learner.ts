import type { Checks } from "lrfind/core";
import type { TabularDataLoaders } from "../../../data/index.js";
import { check, checkLearnerOptions } from "../../checks.js";
import { Learner } from "../../learner.js";
import { learnerPart, READY_OPTIONS } from "../../option-checks.js";
import type { ReadyLearnerOptions } from "../../task.js";
import { taskOf } from "../../task.js";
import type { TabularModelOptions } from "./tabular-model.js";
import { TABULAR_OPTIONS, tabularModel } from "./tabular-model.js";

/** Options of a learner for tables. */
export interface TabularLearnerOptions extends ReadyLearnerOptions, TabularModelOptions {}

const OPTIONS: Checks<TabularLearnerOptions> = { ...READY_OPTIONS, ...TABULAR_OPTIONS };
const TABULAR_LOADERS = {
  expected: "what tabularDataLoaders gives",
  accepts: (value: unknown) => Array.isArray((value as Partial<TabularDataLoaders>).embeddingSizes),
};

/**
 * A learner for tables: embeddings of the categorical columns, hidden layers, and an output for each class or target.
 *
 * @param dls - What `tabularDataLoaders` gives: it knows the columns and the sizes of their embeddings.
 * @param options - See `TabularLearnerOptions`. Default metrics: `accuracy` for classes, `rmse` for
 *   numbers.
 * @returns A learner with the parameter groups "embeddings" (where there are categories), "hidden" and "output".
 * @throws {LearnerError} when an option does not fit.
 *
 * @example
 * ```ts
 * await using learn = tabularLearner(dls, { layers: [200, 100], ps: 0.1 });
 * await learn.fitOneCycle(5, { lrMax: await learn.lrFind() });
 * await learn.predict({ island: "Biscoe", sex: null, bill_length_mm: 46.1, body_mass_g: 4500 });
 * ```
 *
 * Source: fastai's `tabular_learner`.
 */
export function tabularLearner(dls: TabularDataLoaders, options: TabularLearnerOptions = {}): Learner {
  checkLearnerOptions("tabularLearner", options, OPTIONS);
  const { lossFunc, metrics } = taskOf(dls, "tabularLearner");
  check("tabularLearner", "dls", dls, TABULAR_LOADERS);
  const sizes = {
    embeddings: dls.embeddingSizes,
    continuous: dls.contNames.length,
    outputs: dls.outputs,
  };
  const own = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(TABULAR_OPTIONS, name) && value !== undefined,
  );
  const model = tabularModel(sizes, Object.fromEntries(own));
  return new Learner({ lossFunc, metrics, ...learnerPart(options), dls, model });
}

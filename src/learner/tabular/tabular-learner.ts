import type { TabularDataLoaders } from "../../data/index.js";
import { Learner } from "../learner.js";
import type { ReadyLearnerOptions } from "../task.js";
import { taskOf } from "../task.js";
import type { TabularModelOptions } from "./tabular-model.js";
import { tabularModel } from "./tabular-model.js";

/** Options of a learner for tables. */
export interface TabularLearnerOptions extends ReadyLearnerOptions, TabularModelOptions {}

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
  const { lossFunc, metrics } = taskOf(dls, "tabularLearner");
  const sizes = {
    embeddings: dls.embeddingSizes,
    continuous: dls.contNames.length,
    outputs: dls.outputs,
  };
  const model = tabularModel(sizes, options);
  return new Learner({ lossFunc, metrics, ...options, dls, model });
}

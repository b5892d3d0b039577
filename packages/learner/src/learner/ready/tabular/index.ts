export type { TabularLearnerOptions } from "./tabular-learner.js";
export { tabularLearner } from "./tabular-learner.js";
export type { TabularModelOptions, TabularSizes } from "./tabular-model.js";
export { tabularModel } from "./tabular-model.js";

export type { CollabLearnerOptions } from "./collab-learner.js";
export { collabLearner } from "./collab-learner.js";
export type { CollabSizes } from "./collab-model.js";
export { embeddingDotBias } from "./collab-model.js";

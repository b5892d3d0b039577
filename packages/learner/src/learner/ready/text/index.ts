export type { TextLearnerOptions } from "./text-learner.js";
export { textLearner } from "./text-learner.js";
export type { BagOptions, LstmOptions, TextSizes, TransformerOptions } from "./text-models.js";
export { bagClassifier, lstmClassifier, transformerClassifier } from "./text-models.js";

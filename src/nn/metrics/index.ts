export { accuracy, errorRate, topKAccuracy } from "./accuracy.js";
export { predictedClasses } from "./classes.js";
export type { F1Options } from "./f1-score.js";
export { f1Score } from "./f1-score.js";
export type { LossNumbers, Metric, MetricTally } from "./metric.js";
export { perplexity } from "./perplexity.js";
export { mae, r2Score, rmse } from "./regression.js";
export { rocAuc } from "./roc-auc.js";

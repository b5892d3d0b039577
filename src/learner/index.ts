export type { F1Options, Metric, MetricTally } from "../nn/metrics/index.js";
export {
  accuracy,
  errorRate,
  f1Score,
  mae,
  perplexity,
  predictedClasses,
  r2Score,
  rmse,
  rocAuc,
  topKAccuracy,
} from "../nn/metrics/index.js";
export type { LearnerErrorDetails } from "./errors.js";
export { LearnerError, NonFiniteLossError } from "./errors.js";
export type { EpochRecord, FitOptions, FitStep, LearnerOptions, Validation } from "./learner.js";
export { Learner } from "./learner.js";
export type { LearningRate } from "./learning-rate.js";
export { ratesOf } from "./learning-rate.js";
export type {
  FlatCosOptions,
  Momenta,
  OneCycleOptions,
  Schedule,
  ScheduleSegment,
  SgdrCycles,
} from "./schedules/index.js";
export {
  combineSchedules,
  cosineSchedule,
  flatCos,
  linearSchedule,
  oneCycle,
  oneCycleMomentum,
  sgdr,
  sgdrEpochs,
} from "./schedules/index.js";
export type { TrainState } from "./state.js";
export { initialState } from "./state.js";

export type {
  AccuracyMultiOptions,
  F1MultiOptions,
  F1Options,
  LossNumbers,
  Metric,
  MetricTally,
} from "../nn/index.js";
export {
  accuracy,
  accuracyMulti,
  errorRate,
  f1Score,
  f1ScoreMulti,
  mae,
  perplexity,
  predictedClasses,
  r2Score,
  rmse,
  rocAuc,
  topKAccuracy,
} from "../nn/index.js";
export type {
  Callback,
  CallbackState,
  CancelScope,
  EarlyStoppingOptions,
  FitLoop,
  Hook,
  HookName,
  MonitorOptions,
  ParamSchedules,
  Recorder,
  SaveBestOptions,
} from "./callbacks/index.js";
export {
  Cancel,
  cancelBatch,
  cancelEpoch,
  cancelFit,
  cancelTrain,
  cancelValidate,
  earlyStopping,
  HOOKS,
  paramScheduler,
  saveBest,
} from "./callbacks/index.js";
export type { RestoreOptions, TensorFile } from "./checkpoint/index.js";
export { decodeSafetensors, encodeSafetensors, writeAtomically } from "./checkpoint/index.js";
export type { CollabLearnerOptions, CollabSizes } from "./collab/index.js";
export { collabLearner, embeddingDotBias } from "./collab/index.js";
export type { OutputMeaning, Prediction, PredictOptions } from "./decode-output.js";
export type { EpochRecord, Validation } from "./epoch-record.js";
export type { LearnerErrorDetails } from "./errors.js";
export { LearnerError, NonFiniteLossError, NonFiniteStateError } from "./errors.js";
export type { ExportOptions, ExportResult } from "./export.js";
export type { ExportedModel, ExportModelOptions, GroupSplitter, LoadModelOptions } from "./import/index.js";
export { exportModel, ImportedModel, loadModel } from "./import/index.js";
export type { ConfusionMatrix, TopLoss } from "./interpretation.js";
export { Learner } from "./learner.js";
export type {
  CommonFitOptions,
  FineTuneOptions,
  FitFlatCosOptions,
  FitOneCycleOptions,
  FitOptions,
  FitSgdrOptions,
  FitStep,
  LearnerOptions,
} from "./learner-options.js";
export type { FoundRate, LearningRate } from "./learning-rate.js";
export { ratesOf } from "./learning-rate.js";
export type { LoadLearnerOptions, RawItem } from "./load-learner.js";
export { LoadedLearner, loadLearner } from "./load-learner.js";
export type { Predictions } from "./predictions.js";
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
export type { StateTensors, TrainState } from "./state.js";
export { initialState } from "./state.js";
export type { TabularLearnerOptions, TabularModelOptions, TabularSizes } from "./tabular/index.js";
export { tabularLearner, tabularModel } from "./tabular/index.js";
export type { ReadyLearnerOptions, Task } from "./task.js";
export type {
  BagOptions,
  LstmOptions,
  TextLearnerOptions,
  TextSizes,
  TransformerOptions,
} from "./text/index.js";
export { bagClassifier, lstmClassifier, textLearner, transformerClassifier } from "./text/index.js";
export type { EvaluationOptions } from "./validate.js";
export type { HeadOptions, VisionArch, VisionLearnerOptions, VisionModel } from "./vision/index.js";
export { createHead, visionLearner } from "./vision/index.js";

export type {
  AccuracyMultiOptions,
  F1MultiOptions,
  F1Options,
  LossNumbers,
  Metric,
  MetricTally,
} from "@lrfind/engine";
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
} from "@lrfind/engine";
export { LearnerError, NonFiniteLossError, NonFiniteStateError } from "./errors.js";
export type {
  Callback,
  CallbackState,
  CancelScope,
  CsvLoggerOptions,
  EarlyStoppingOptions,
  FitHost,
  FitLoop,
  Hook,
  HookName,
  MixOptions,
  MonitorOptions,
  ParamSchedules,
  Recorder,
  ReduceLrOnPlateauOptions,
  SaveBestOptions,
  TensorBoardOptions,
  ValidateAverageOptions,
} from "./fit/callbacks/index.js";
export {
  Cancel,
  cancelBatch,
  cancelEpoch,
  cancelFit,
  cancelTrain,
  cancelValidate,
  csvLogger,
  cutMix,
  earlyStopping,
  HOOKS,
  mixUp,
  paramScheduler,
  reduceLrOnPlateau,
  saveBest,
  tensorBoard,
  validateAverage,
} from "./fit/callbacks/index.js";
export type { EpochRecord, Validation } from "./fit/epoch-record.js";
export type {
  FlatCosOptions,
  Momenta,
  OneCycleOptions,
  Schedule,
  ScheduleSegment,
  SgdrCycles,
} from "./fit/schedules/index.js";
export {
  combineSchedules,
  cosineSchedule,
  flatCos,
  linearSchedule,
  oneCycle,
  oneCycleMomentum,
  sgdr,
  sgdrEpochs,
} from "./fit/schedules/index.js";
export type { ExportedModel, ExportModelOptions, GroupSplitter, LoadModelOptions } from "./import/index.js";
export { exportModel, ImportedModel, loadModel } from "./import/index.js";
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
export type { CollabLearnerOptions, CollabSizes } from "./ready/collab/index.js";
export { collabLearner, embeddingDotBias } from "./ready/collab/index.js";
export type { TabularLearnerOptions, TabularModelOptions, TabularSizes } from "./ready/tabular/index.js";
export { tabularLearner, tabularModel } from "./ready/tabular/index.js";
export type {
  BagOptions,
  LstmOptions,
  TextLearnerOptions,
  TextSizes,
  TransformerOptions,
} from "./ready/text/index.js";
export { bagClassifier, lstmClassifier, textLearner, transformerClassifier } from "./ready/text/index.js";
export type { HeadOptions, VisionArch, VisionLearnerOptions, VisionModel } from "./ready/vision/index.js";
export { createHead, visionLearner } from "./ready/vision/index.js";
export type { StateTensors, TrainState } from "./state.js";
export { initialState } from "./state.js";
export type { RestoreOptions, TensorFile } from "./store/index.js";
export { decodeSafetensors, encodeSafetensors, writeAtomically } from "./store/index.js";
export type { ReadyLearnerOptions, Task } from "./task.js";
export type { OutputMeaning, Prediction, PredictOptions } from "./use/decode-output.js";
export type { ExportOptions, ExportResult } from "./use/export.js";
export type { ConfusionMatrix, TopLoss } from "./use/interpretation.js";
export type { LoadLearnerOptions, RawItem } from "./use/load-learner.js";
export { LoadedLearner, loadLearner } from "./use/load-learner.js";
export type { Predictions } from "./use/predictions.js";
export type { TtaOptions } from "./use/test-time.js";
export type { EvaluationOptions } from "./use/validate.js";

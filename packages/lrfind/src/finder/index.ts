export { FileError, formatLoss, formatRate, LrfindError, OptionError } from "../core/index.js";
export type { Curve, CurvePoint, StopReason } from "./curve/curve.js";
export { curveToJson, parseCurve } from "./curve/curve-json.js";
export { type DenoisedLoss, denoise } from "./curve/denoise.js";
export { smooth, smoother } from "./curve/smoothing.js";
export { trimCurve } from "./curve/trim.js";
export { ContractError, CurveFormatError, LrFindOptionError, ResultFormatError } from "./errors.js";
export { eventToJson, parseEvent } from "./result-file/event-json.js";
export { parseResult, toJson } from "./result-file/result-json.js";
export { divergenceWatch } from "./search/divergence.js";
export type { LossOn, ValidationCost } from "./search/loss-on.js";
export { type LrFindOptions, lrFind } from "./search/lr-find.js";
export type { RangeTestOptions } from "./search/options.js";
export { rangeTest } from "./search/range-test.js";
export type {
  Band,
  Finding,
  FindProgress,
  FindRun,
  GroupFinding,
  LrFindGroupsResult,
  LrFindResult,
  OnPoint,
  RunSet,
  SearchFacts,
  SearchOptionsRecord,
  SearchResult,
  Spread,
} from "./search/result.js";
export { type Sweep, sweepLr } from "./search/schedule.js";
export { resultOf, search } from "./search/search.js";
export type { SearchOptions } from "./search/search-options.js";
export type { Trainer, TrainerInfo, Trial } from "./search/trainer.js";
export type {
  FindingMade,
  PointMeasured,
  RunEnded,
  RunStarted,
  SearchEnded,
  SearchEvent,
  SearchStarted,
} from "./stream/events.js";
export { SearchRecord } from "./stream/record.js";
export { type Diagnostic, type DiagnosticKind, diagnose } from "./suggest/diagnose.js";
export { explain } from "./suggest/explain.js";
export type { Explanation } from "./suggest/explanation.js";
export { type DefaultSuggestFuncs, suggest } from "./suggest/suggest.js";
export { type EdgeOptions, type EdgeSuggestion, edge } from "./suggest/suggesters/edge.js";
export { type MinimumOptions, minimum } from "./suggest/suggesters/minimum.js";
export { type SlideOptions, slide } from "./suggest/suggesters/slide.js";
export { steep } from "./suggest/suggesters/steep.js";
export {
  type Suggester,
  type SuggesterInput,
  type Suggestions,
  suggester,
} from "./suggest/suggesters/suggester.js";
export { valley } from "./suggest/suggesters/valley.js";
export type { FoundSuggestion, NoSuggestion, Suggestion } from "./suggest/suggestion.js";

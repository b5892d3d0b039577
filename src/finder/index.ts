export { FileError, formatLoss, formatRate, LrfindError, OptionError } from "../core/index.js";
export { type Curve, type CurvePoint, type StopReason, trimCurve } from "./curve.js";
export { curveToJson, parseCurve } from "./curve-json.js";
export { type DenoisedLoss, denoise } from "./denoise.js";
export { type Diagnostic, type DiagnosticKind, diagnose } from "./diagnose.js";
export { divergenceWatch } from "./divergence.js";
export { ContractError, CurveFormatError, LrFindOptionError } from "./errors.js";
export { type LrFindOptions, lrFind } from "./lr-find.js";
export type { LossOn, RangeTestOptions } from "./options.js";
export { rangeTest } from "./range-test.js";
export type {
  Band,
  Finding,
  FindProgress,
  FindRun,
  GroupFinding,
  LrFindResult,
  OnPoint,
  RunSet,
  Spread,
} from "./result.js";
export { type Sweep, sweepLr } from "./schedule.js";
export { smooth, smoother } from "./smoothing.js";
export { type DefaultSuggestFuncs, suggest } from "./suggest.js";
export { type EdgeOptions, type EdgeSuggestion, edge } from "./suggesters/edge.js";
export { type MinimumOptions, minimum } from "./suggesters/minimum.js";
export { type SlideOptions, slide } from "./suggesters/slide.js";
export { steep } from "./suggesters/steep.js";
export { type Suggester, type SuggesterInput, type Suggestions, suggester } from "./suggesters/suggester.js";
export { valley } from "./suggesters/valley.js";
export type { FoundSuggestion, NoSuggestion, Suggestion } from "./suggestion.js";
export type { Trainer, Trial } from "./trainer.js";

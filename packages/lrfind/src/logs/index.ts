export { LogError, type LogErrorKind } from "./errors.js";
export type { LogFile } from "./log-file.js";
export type { LoggedRates } from "./rates.js";
export { type ReadLogsOptions, type RecordedLog, readLogs } from "./read-logs.js";
export { type Smoothing, unsmooth } from "./unsmooth.js";
export {
  type LoggedStep,
  stepsOf,
  type TfeventsOptions,
  toCsvLog,
  toTfevents,
} from "./write-logs.js";

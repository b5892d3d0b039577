export { SweepError } from "./errors.js";
export type { CheckValue, FitValue, JobResult, SearchValue } from "./job-result.js";
export type { CheckTask, Config, ConfigValue, FitTask, JobSpec, SearchTask } from "./job-spec.js";
export { runJob } from "./run-job.js";

// For lrfind's own other rooms: what users of this one have no need of.

export { type JobBase, type NamedJob, nextJobs, type Outcome, PlanMemo, type Step } from "./next-jobs.js";
export { pointsOf, seedsOf } from "./points.js";
export { fullSpec } from "./sweep-spec.js";

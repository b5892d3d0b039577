// For lrfind's own other rooms: what users of this one have no need of.

export { hashOf } from "./canonical.js";
export { checkVersion } from "./check-version.js";
export { refuse } from "./errors.js";
export { jobResultOf, parseJobResult } from "./job-result.js";
export { hashOfJob, hashOfModule, parseJob, VALUES } from "./job-spec.js";
export { SUGGESTERS } from "./suggesters.js";
export { UNWRITTEN } from "./unwritten.js";
export { VERSION } from "./version.js";

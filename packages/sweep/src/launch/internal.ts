// For lrfind's own other rooms: what users of this one have no need of.

export { resultIn } from "./job-process.js";
export { within } from "./within.js";

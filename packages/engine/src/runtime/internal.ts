// For lrfind's own other rooms: what users of this one have no need of.
export { openModel } from "./raw-session.js";
export { SESSION_OPTIONS } from "./session.js";

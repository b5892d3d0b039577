// For lrfind's own other rooms: what users of this one have no need of.
export { suggestions } from "./checks.js";
export { checkCurve } from "./curve/check-curve.js";
export { STOP_REASONS } from "./curve/curve.js";

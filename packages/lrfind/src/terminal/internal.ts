// For lrfind's own other rooms: what users of this one have no need of.

export { barLine, timeLeft } from "./bar-line.js";

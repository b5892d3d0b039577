// For lrfind's own other rooms: what users of this one have no need of.
export { checkPlottable } from "./checks.js";
export { paddedTo, widthOf, wrapped } from "./terminal/text-width.js";

export type { Check, Checks, Fail, Interval } from "./checks.js";
export {
  anything,
  arrayOf,
  boolean,
  checkArgument,
  checkOptions,
  didYouMean,
  either,
  func,
  integer,
  made,
  number,
  oneOf,
  required,
  string,
} from "./checks.js";
export { describe } from "./describe.js";
export type { Problem } from "./errors.js";
export { LrfindError, OptionError, sentence } from "./errors.js";
export type { Surroundings } from "./event-loop.js";
export { nextTask, yieldIfDue, yielding } from "./event-loop.js";

export type { Check, Checks, Fail, Interval } from "./checks.js";
export {
  abortSignal,
  anything,
  arrayOf,
  boolean,
  checkArgument,
  checkOptions,
  didYouMean,
  either,
  func,
  instanceOf,
  integer,
  made,
  number,
  oneOf,
  range,
  required,
  string,
  tuple,
  withHint,
} from "./checks.js";
export { endQuietly, tolerateClosed } from "./closed-pipe.js";
export { describe } from "./describe.js";
export type { Problem } from "./errors.js";
export { FileError, LrfindError, OptionError, sentence } from "./errors.js";
export type { Surroundings } from "./event-loop.js";
export { nextTask, yieldIfDue, yielding } from "./event-loop.js";
export { csvCell, formatLoss, formatRate } from "./format.js";
export { isNode, nodeModule } from "./node-module.js";
export { removeLeftovers, temporaryBeside } from "./temporary-files.js";
export { plainText, terminalColumns } from "./terminal.js";
export type { TextStream } from "./text-stream.js";
export type { WriteOptions } from "./write-atomically.js";
export { checkWritable, writeAtomically } from "./write-atomically.js";

// For lrfind's own other rooms: what users of this one have no need of.
export {
  bytes,
  check,
  checkGraph,
  checkOnnxOptions,
  dtype,
  isValue,
  name,
  shape,
  target,
  tensorCheck,
  value,
} from "./checks.js";
export { readMetadata, withMetadata } from "./file/metadata.js";
export { holds } from "./graph/tensor.js";
export { PASSES, type Pass, type Purpose, runPasses, type Stage } from "./passes/pipeline.js";

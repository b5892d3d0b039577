// For lrfind's own other rooms: what users of this one have no need of.

export { originOf } from "./dataset.js";
export { datasetConflict } from "./dataset-conflict.js";
export { FILE_SOURCE, isFileSource, nameOf, readSource } from "./read-bytes.js";

// For lrfind's own other rooms: what users of this one have no need of.

export { originOf } from "./batch/dataset.js";
export { datasetConflict } from "./batch/dataset-conflict.js";
export { FILE_SOURCE, isFileSource, nameOf, readSource } from "./read/read-bytes.js";

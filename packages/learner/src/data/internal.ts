// For lrfind's own other rooms: what users of this one have no need of.

export { originOf } from "./batch/dataset.js";
export { datasetConflict } from "./batch/dataset-conflict.js";
export { DataError } from "./errors.js";
export { decodeText } from "./read/decode-text.js";
export { FILE_SOURCE, isFileSource, nameOf, readBytes, readSource } from "./read/read-bytes.js";
export { TABLE } from "./table/table.js";

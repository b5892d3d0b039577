// For lrfind's own other rooms: what users of this one have no need of.

export { originOf } from "./batch/dataset.js";
export { datasetConflict } from "./batch/dataset-conflict.js";
export { itemsOf } from "./batch/items-of.js";
export { wholePart } from "./batch/subset.js";
export { DataError } from "./errors.js";
export { type FoundImages, findImages } from "./image/folder/find-images.js";
export { decodeText } from "./read/decode-text.js";
export { FILE_SOURCE, isFileSource, nameOf, readBytes, readSource } from "./read/read-bytes.js";
export { TABLE } from "./table/table.js";

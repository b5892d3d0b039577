export {
  fillDropoutMask,
  fillNormal,
  fillUniform,
  normal,
  permutation,
  type RandomKey,
  RandomSequence,
  randomUint32,
  uniform,
} from "@lrfind/engine";
export { type ArrayDataset, type ArrayDatasetOptions, arrayDataset } from "./batch/array-dataset.js";
export { DataLoader, type DataLoaderOptions } from "./batch/data-loader.js";
export {
  type BatchOptions,
  type DataLoaders,
  type DataLoadersOptions,
  dataLoaders,
  type MadeDataLoaders,
} from "./batch/data-loaders.js";
export type { Batch, BatchContext, Dataset, RowOrigin, RowSpec } from "./batch/dataset.js";
export { type PrefetchOptions, prefetch } from "./batch/prefetch.js";
export type { Processor } from "./batch/processor.js";
export { type AnyProcessor, processorFromJSON } from "./batch/processor-from-json.js";
export { type Sampler, sequentialSampler, shuffleSampler } from "./batch/sampler.js";
export {
  type KFoldOptions,
  kFold,
  type RowLabels,
  type Split,
  type SplitOptions,
  type Splitter,
  splitRows,
  stratifiedSplit,
} from "./batch/split.js";
export { type RandomSplitOptions, randomSplit, subset } from "./batch/subset.js";
export { type TensorDatasetOptions, tensorDataset } from "./batch/tensor-dataset.js";
export { balancedWeights, weightedSampler } from "./batch/weighted-sampler.js";
export { DataError } from "./errors.js";
export type { Augmentation } from "./image/augment/augment.js";
export { type Flip, flip } from "./image/augment/flip.js";
export { type Lighting, lighting } from "./image/augment/lighting.js";
export { type RandomCrop, randomCrop } from "./image/augment/random-crop.js";
export { type PadMode, type Rotate, rotate } from "./image/augment/rotate.js";
export { type DecodeImageOptions, decodeImage } from "./image/decode-image.js";
export { type ImageFolderOptions, imageDataLoadersFromFolder } from "./image/folder/image-folder.js";
export {
  CorruptImagesError,
  type ImageFailure,
  type VerifyImagesOptions,
  verifyImages,
} from "./image/folder/verify-images.js";
export {
  type ImageArrayOptions,
  type ImageDataLoaders,
  type ImageTransformOptions,
  imageDataLoadersFromArrays,
} from "./image/image-data-loaders.js";
export { type ImageIdxOptions, imageDataLoadersFromIdx } from "./image/image-idx.js";
export { ImageProcessor, type ImageSpec, type RawImageItem } from "./image/image-processor.js";
export { channelStats, type ImageArray, type Normalization } from "./image/normalization.js";
export type { ImageSize, Pixels, RawImage } from "./image/raw-image.js";
export { type ResizeOptions, resizeImage } from "./image/resize-image.js";
export { classLabels } from "./labels.js";
export {
  type CollabDataLoaders,
  type CollabDataLoadersOptions,
  collabDataLoaders,
} from "./ratings/collab-data-loaders.js";
export { type IdxArray, parseIdx, readIdx } from "./read/idx.js";
export type { FileSource } from "./read/read-bytes.js";
export { embeddingSize } from "./table/embedding-size.js";
export { readTable, type TableRow, type TableSource } from "./table/read-table.js";
export type { ReadTableOptions, Table } from "./table/table.js";
export {
  type TabularDataLoaders,
  type TabularDataLoadersOptions,
  tabularDataLoaders,
} from "./table/tabular-data-loaders.js";
export type { TabularFitOptions } from "./table/tabular-fit.js";
export { type EmbeddingSize, TabularProcessor } from "./table/tabular-processor.js";
export {
  categorify,
  fillMissing,
  normalize,
  type TabularProc,
  type TabularSpec,
} from "./table/tabular-spec.js";
export {
  type TextDataLoaders,
  type TextDataLoadersOptions,
  textDataLoaders,
} from "./text/text-data-loaders.js";
export { type TextFitOptions, TextProcessor, type TextSpec } from "./text/text-processor.js";
export {
  PAD_INDEX,
  SPECIAL_TOKENS,
  type TokenizeOptions,
  tokenizer,
  UNKNOWN_INDEX,
} from "./text/tokenize.js";

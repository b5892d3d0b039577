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
} from "../random/index.js";
export { type ArrayDataset, type ArrayDatasetOptions, arrayDataset } from "./array-dataset.js";
export type { Augmentation } from "./augment/augment.js";
export { type Flip, flip } from "./augment/flip.js";
export { type Lighting, lighting } from "./augment/lighting.js";
export { type RandomCrop, randomCrop } from "./augment/random-crop.js";
export { type PadMode, type Rotate, rotate } from "./augment/rotate.js";
export {
  type CollabDataLoaders,
  type CollabDataLoadersOptions,
  collabDataLoaders,
} from "./collab-data-loaders.js";
export { DataLoader, type DataLoaderOptions } from "./data-loader.js";
export {
  type BatchOptions,
  type DataLoaders,
  type DataLoadersOptions,
  dataLoaders,
  type MadeDataLoaders,
} from "./data-loaders.js";
export type { Batch, BatchContext, Dataset, RowOrigin, RowSpec } from "./dataset.js";
export { type DecodeImageOptions, decodeImage } from "./decode-image.js";
export { embeddingSize } from "./embedding-size.js";
export { DataError, type DataErrorDetails } from "./errors.js";
export { type IdxArray, parseIdx, readIdx } from "./idx.js";
export {
  type ImageArrayOptions,
  type ImageDataLoaders,
  type ImageTransformOptions,
  imageDataLoadersFromArrays,
} from "./image-data-loaders.js";
export { type ImageFolderOptions, imageDataLoadersFromFolder } from "./image-folder.js";
export { type ImageIdxOptions, imageDataLoadersFromIdx } from "./image-idx.js";
export { ImageProcessor, type ImageSpec, type RawImageItem } from "./image-processor.js";

export { classLabels } from "./labels.js";
export { channelStats, type ImageArray, type Normalization } from "./normalization.js";
export { type PrefetchOptions, prefetch } from "./prefetch.js";
export type { Processor } from "./processor.js";
export { type AnyProcessor, processorFromJSON } from "./processor-from-json.js";
export type { ImageSize, Pixels, RawImage } from "./raw-image.js";
export type { FileSource } from "./read-bytes.js";
export { type ResizeOptions, resizeImage } from "./resize-image.js";
export { type Sampler, sequentialSampler, shuffleSampler } from "./sampler.js";
export {
  type KFoldOptions,
  kFold,
  type RowLabels,
  type Split,
  type SplitOptions,
  type Splitter,
  splitRows,
  stratifiedSplit,
} from "./split.js";
export { type RandomSplitOptions, randomSplit, subset } from "./subset.js";
export { type ReadTableOptions, readTable, type Table, type TableRow, type TableSource } from "./table.js";
export {
  type TabularDataLoaders,
  type TabularDataLoadersOptions,
  tabularDataLoaders,
} from "./tabular-data-loaders.js";
export type { TabularFitOptions } from "./tabular-fit.js";
export { type EmbeddingSize, TabularProcessor } from "./tabular-processor.js";
export { categorify, fillMissing, normalize, type TabularProc, type TabularSpec } from "./tabular-spec.js";
export { type TensorDatasetOptions, tensorDataset } from "./tensor-dataset.js";
export { type TextDataLoaders, type TextDataLoadersOptions, textDataLoaders } from "./text-data-loaders.js";
export { type TextFitOptions, TextProcessor, type TextSpec } from "./text-processor.js";
export { PAD_INDEX, SPECIAL_TOKENS, type TokenizeOptions, tokenizer, UNKNOWN_INDEX } from "./tokenize.js";
export {
  CorruptImagesError,
  type ImageFailure,
  type VerifyImagesOptions,
  verifyImages,
} from "./verify-images.js";
export { balancedWeights, weightedSampler } from "./weighted-sampler.js";

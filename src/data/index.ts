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
export { DataLoader, type DataLoaderOptions } from "./data-loader.js";
export { type DataLoaders, type DataLoadersOptions, dataLoaders } from "./data-loaders.js";
export type { Batch, BatchContext, Dataset, RowSpec } from "./dataset.js";
export { DataError, type DataErrorDetails } from "./errors.js";
export { type IdxArray, parseIdx, readIdx } from "./idx.js";
export { type ImageDataLoaders, type ImageIdxOptions, imageDataLoadersFromIdx } from "./image-idx.js";
export { classLabels } from "./labels.js";
export { channelStats, type ImageArray, type Normalization } from "./normalization.js";
export { type Sampler, sequentialSampler, shuffleSampler } from "./sampler.js";
export { type RandomSplitOptions, randomSplit, subset } from "./subset.js";
export { type TensorDatasetOptions, tensorDataset } from "./tensor-dataset.js";

import type { DataLoaders, ImageDataLoaders } from "@lrfind/learner";
import {
  conv2d,
  crossEntropy,
  flatten,
  imageDataLoadersFromIdx,
  Learner,
  linear,
  maxPool2d,
  relu,
  sequential,
  sgd,
} from "@lrfind/learner";

/** The 10,000 embedded images, normalised by their training part. */
export function fashionMnist(): Promise<ImageDataLoaders> {
  return imageDataLoadersFromIdx({
    images: new URL("../examples/data/t10k-images-idx3-ubyte.gz", import.meta.url),
    labels: new URL("../examples/data/t10k-labels-idx1-ubyte.gz", import.meta.url),
    normalize: "train",
  });
}

/** The CNN of `npm start` on images of 28 x 28. */
export function cnnLearner(dls: DataLoaders): Learner {
  const model = sequential(
    ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
    ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
    ...[flatten(), linear(32 * 7 * 7, 10)],
  );
  return new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd() });
}

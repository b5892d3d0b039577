import { fileURLToPath } from "node:url";
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
} from "@lrfind/learner";
import { optimizerOf } from "./optimizers.js";

const file = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../examples/data/digits-${name}-ubyte.gz`, import.meta.url));

/**
 * Handwritten digits of 8 x 8 pixels.
 *
 * @param {{ readonly batchSize: number, readonly wd: number, readonly optFunc: string, readonly seed: number }} config
 */
export default async function make({ batchSize, wd, optFunc, seed }) {
  const images = file("images-idx3");
  const dls = await imageDataLoadersFromIdx({ images, labels: file("labels-idx1"), batchSize, seed: 42 });
  const model = sequential(
    ...[conv2d(1, 8, { padding: 1 }), relu(), maxPool2d(2)],
    ...[conv2d(8, 16, { padding: 1 }), relu(), maxPool2d(2)],
    ...[flatten(), linear(16 * 2 * 2, 10)],
  );
  return new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: optimizerOf(optFunc), wd, seed });
}

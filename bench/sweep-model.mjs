import { fileURLToPath } from "node:url";
import { imageDataLoadersFromIdx } from "@lrfind/learner";
import { cnnLearner } from "./built-cnn.js";

const file = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../examples/data/t10k-${name}-ubyte.gz`, import.meta.url));

/**
 * The CNN on Fashion-MNIST, of some mini-batches' order.
 *
 * @param {{ readonly order: number }} config
 */
export default async function make({ order }) {
  const dls = await imageDataLoadersFromIdx({
    images: file("images-idx3"),
    labels: file("labels-idx1"),
    seed: order,
  });
  return cnnLearner(dls);
}

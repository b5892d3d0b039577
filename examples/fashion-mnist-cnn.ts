/** A small CNN on Fashion-MNIST, four epochs of one-cycle at the rate that the finder suggests. */

import {
  flatten,
  imageDataLoadersFromIdx,
  linear,
  sequential,
  smallCnn,
  visionLearner,
} from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly, progressCallback } from "lrfind/terminal";

endQuietly();
const classes = "T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot".split(" ");
const dls = await imageDataLoadersFromIdx({
  images: new URL("data/t10k-images-idx3-ubyte.gz", import.meta.url),
  labels: new URL("data/t10k-labels-idx1-ubyte.gz", import.meta.url),
  classes,
  normalize: "train",
  seed: 42,
});
const body = (options: { inChannels: number }) =>
  smallCnn({ ...options, channels: [16, 32], batchNorm: false });
const head = sequential(flatten(), linear(32 * 7 * 7, 10));
await using learn = await visionLearner(dls, body, { head });

const found = await learn.lrFind({ suggestFuncs: [edge] });
console.log(`learning rate ${formatRate(found.lr)}`);
const epochs = await learn.fitOneCycle(4, { lrMax: found, cbs: [progressCallback()] });

const [worst] = await learn.topLosses(1);
const named = (index: number) => classes[index]!;
const taken = worst!.prediction.data.indexOf(Math.max(...(worst!.prediction.data as Float32Array)) as never);
console.log(
  `most surprising: image ${worst!.row} of the held-out ones, a ${named(Number(worst!.targets[0]!.data[0]))} taken for a ${named(taken)}`,
);
console.log(
  `accuracy ${epochs.at(-1)!.metrics["accuracy"]!.toFixed(4)} on ${dls.valid!.dataset.length} held-out images`,
);

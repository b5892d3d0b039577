import {
  accuracy,
  crossEntropy,
  flatten,
  imageDataLoadersFromIdx,
  Learner,
  linear,
  relu,
  sequential,
} from "@lrfind/learner";
import { edge, valley } from "lrfind";
import { toTerminal } from "lrfind/plot";

// 1,797 handwritten digits of 8 x 8 pixels, which come with the package.
const images = new URL(import.meta.resolve("@lrfind/learner/examples/data/digits-images-idx3-ubyte.gz"));
const labels = new URL(import.meta.resolve("@lrfind/learner/examples/data/digits-labels-idx1-ubyte.gz"));
const dls = await imageDataLoadersFromIdx({ images, labels, normalize: "train" });
const model = sequential(flatten(), linear(64, 128), relu(), linear(128, 10));
const learn = new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });

const result = await learn.lrFind({ suggestFuncs: [edge, valley] });
console.log(toTerminal(result, { rows: 18 }));
for (const { validLoss, metrics } of await learn.fit(3, { lr: result })) console.log(validLoss, metrics);

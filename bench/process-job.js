// A whole range test as a user's program would be, on the built package: bench/process.ts times it.
import { writeFile } from "node:fs/promises";
import { imageDataLoadersFromIdx } from "lrfind/data";
import { Learner } from "lrfind/learner";
import { conv2d, crossEntropy, flatten, linear, maxPool2d, relu, sequential, sgd } from "lrfind/nn";
import { toSvg } from "lrfind/plot";

const [images, labels, plot] = /** @type {[string, string, string]} */ (
  /** @type {unknown} */ (process.argv.slice(2))
);
const dls = await imageDataLoadersFromIdx({ images, labels, normalize: "train" });
const model = sequential(
  ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
  ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
  ...[flatten(), linear(32 * 7 * 7, 10)],
);
const learn = new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd() });
const result = await learn.lrFind({ numIt: 100, stopDiv: false });
await writeFile(plot, await toSvg(result));
console.log(
  JSON.stringify({ steps: result.curve.lr.length, lr: result.lr, maxRssKib: process.resourceUsage().maxRSS }),
);

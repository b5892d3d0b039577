/**
 * Finds a learning rate for a small CNN on Fashion-MNIST, draws what it saw, and trains one epoch with it.
 * Run it with `npm start`.
 */

import {
  accuracy,
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
import { edge, formatLoss, formatRate, minimum, slide, steep, valley } from "lrfind";
import { toTerminal } from "lrfind/plot";
import {
  endQuietly,
  progress,
  progressCallback,
  saveResult,
  showPoints,
  suggestionTable,
} from "lrfind/terminal";

endQuietly();
const dls = await imageDataLoadersFromIdx({
  images: new URL("data/t10k-images-idx3-ubyte.gz", import.meta.url),
  labels: new URL("data/t10k-labels-idx1-ubyte.gz", import.meta.url),
  normalize: "train",
});
const model = sequential(
  ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
  ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
  ...[flatten(), linear(32 * 7 * 7, 10)],
);
await using learn = new Learner({
  dls,
  model,
  lossFunc: crossEntropy(),
  optFunc: sgd({ mom: 0.9 }),
  metrics: [accuracy],
});

const suggestFuncs = [valley, slide, steep, minimum, edge] as const;
const finding = progress("finding a learning rate");
const result = await learn.lrFind({ suggestFuncs, onPoint: showPoints(finding) });
finding.stop();

console.log(toTerminal(result));
console.log(suggestionTable(result.suggestions, suggestFuncs));
for (const { message } of result.diagnostics) console.log(`! ${message}`);
console.log(`wrote ${(await saveResult(result, "lr-find")).join(", ")}`);

if (result.lr === null) throw new Error("no suggestion: see the diagnostics above");
console.log(`\ntraining one epoch at ${formatRate(result.lr)} (valley)`);
const [epoch] = await learn.fit(1, { lr: result, cbs: [progressCallback()] });
console.log(
  `validation loss ${formatLoss(epoch!.validLoss!)}, accuracy ${formatLoss(epoch!.metrics["accuracy"]!)} on images it has not seen`,
);

// A whole range test as a user's program would be, on the built package: bench/process.ts times it.
import { writeFile } from "node:fs/promises";
import { imageDataLoadersFromIdx } from "@lrfind/learner";
import { toSvg } from "lrfind/plot";
import { cnnLearner } from "./built-cnn.js";

const [images, labels, plot] = /** @type {[string, string, string]} */ (
  /** @type {unknown} */ (process.argv.slice(2))
);
const dls = await imageDataLoadersFromIdx({ images, labels, normalize: "train" });
const learn = cnnLearner(dls);
const result = await learn.lrFind({ numIt: 100, stopDiv: false });
await writeFile(plot, await toSvg(result));
console.log(
  JSON.stringify({ steps: result.curve.lr.length, lr: result.lr, maxRssKib: process.resourceUsage().maxRSS }),
);

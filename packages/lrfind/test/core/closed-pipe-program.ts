/** Run as a process of its own: trains and prints without end in sight, while its reader goes away. */

import { cornerLearner } from "../../../learner/test/learner/toy.js";
import { endQuietly, progress, progressCallback } from "../../src/terminal/index.js";

const way = process.argv[2];
if (way === "end") endQuietly();
const bar = progress("a bar", process.stdout);
const cbs = [progressCallback({ bar: process.stdout })];
const learner = cornerLearner();
for (let i = 0; i < 6; i++) {
  await learner.fit(1, { lr: 0.01, cbs });
  bar.update(i, 6, "on and on");
  console.log("a line by the program itself");
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.error("went on to the end");

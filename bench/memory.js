// Does training leak? Trains the Fashion-MNIST CNN for 10,000 steps and compares the process's resident memory after
// step 1,000 with that after the last. On the built package, as a user's program runs: what a TypeScript loader leaves
// on the heap would be collected in between. Nothing collects garbage but Node itself, when it sees fit.
//
//     npm run build && node bench/memory.js [steps]
import { imageDataLoadersFromIdx } from "@lrfind/learner";
import { cnnLearner } from "./built-cnn.js";
import { writeResults } from "./results.js";

const steps = Number(process.argv[2] ?? 10_000);
const early = steps / 10;

const dls = await imageDataLoadersFromIdx({
  images: new URL("../examples/data/t10k-images-idx3-ubyte.gz", import.meta.url),
  labels: new URL("../examples/data/t10k-labels-idx1-ubyte.gz", import.meta.url),
  normalize: "train",
});
const learn = cnnLearner(dls);
const trial = await learn.startTrial();

let atEarly = 0;
for (let step = 1; step <= steps; step++) {
  await trial.step(0.001);
  if (step % early !== 0) continue;
  console.log(`step ${step}: ${resident().toFixed(1)} MiB resident`);
  if (step === early) atEarly = resident();
}
const change = (100 * (resident() - atEarly)) / atEarly;
console.log(`change from step ${early} to ${steps}: ${change.toFixed(2)} % (to reach: under 2 %)`);
if (steps === 10_000) {
  writeResults("memory", { earlyMib: atEarly, lateMib: resident() });
}
await trial[Symbol.asyncDispose]();
await learn[Symbol.asyncDispose]();

function resident() {
  return process.memoryUsage.rss() / 2 ** 20;
}

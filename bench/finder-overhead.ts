/**
 * What the finder itself costs: the wall time of a 100-step `lrFind` over that of the same 100 training steps bare,
 * in one run, on the CNN of `npm start`. Repetitions alternate; the ratio of the medians is printed.
 *
 * Run it with `npx tsx bench/finder-overhead.ts`.
 */
import { sweepLr } from "lrfind";
import { cnnLearner, fashionMnist } from "./fashion-mnist.js";
import { median } from "./median.js";
import { writeRatio } from "./results.js";

const REPETITIONS = 21;
const numIt = 100;

await using learn = cnnLearner(await fashionMnist());

async function bare(): Promise<void> {
  await using trial = await learn.startTrial();
  for (let i = 0; i < numIt; i++) {
    await trial.step(sweepLr("exponential", { start: 1e-7, end: 10, numIt }, i));
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

await bare();
const found: number[] = [];
const plain: number[] = [];
for (let i = 0; i < REPETITIONS; i++) {
  found.push(await timed(() => learn.lrFind({ numIt, stopDiv: false })));
  plain.push(await timed(bare));
}
const [a, b] = [median(found), median(plain)];
console.log(`lrFind, ${numIt} steps: ${a.toFixed(0)} ms; the same steps bare: ${b.toFixed(0)} ms`);
console.log(`ratio ${(a / b).toFixed(3)} (to reach: at most 1.05)`);
writeRatio("finder-overhead", a / b);

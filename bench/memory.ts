/**
 * Does training leak? Trains the Fashion-MNIST CNN for 10,000 steps and compares the process's resident memory after
 * step 1,000 with that after the last. Nothing collects garbage but Node itself, when it sees fit.
 *
 *     npx tsx bench/memory.ts [steps]
 */
import { imageDataLoadersFromIdx } from "lrfind/data";
import { Learner } from "lrfind/learner";
import { conv2d, crossEntropy, flatten, linear, maxPool2d, relu, sequential, sgd } from "lrfind/nn";

const steps = Number(process.argv[2] ?? 10_000);
const early = steps / 10;

const dls = await imageDataLoadersFromIdx({
  images: new URL("../examples/data/t10k-images-idx3-ubyte.gz", import.meta.url),
  labels: new URL("../examples/data/t10k-labels-idx1-ubyte.gz", import.meta.url),
});
const model = sequential(
  ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
  ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
  ...[flatten(), linear(32 * 7 * 7, 10)],
);
await using learn = new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd() });
await using trial = await learn.startTrial();

const resident = new Map<number, number>();
for (let step = 1; step <= steps; step++) {
  await trial.step(0.001);
  if (step % early === 0) {
    resident.set(step, process.memoryUsage.rss() / 2 ** 20);
    console.log(`step ${step}: ${resident.get(step)!.toFixed(1)} MiB resident`);
  }
}
const [from, to] = [resident.get(early)!, resident.get(steps)!];
const change = (100 * (to - from)) / from;
console.log(`change from step ${early} to ${steps}: ${change.toFixed(2)} % (to reach: under 2 %)`);

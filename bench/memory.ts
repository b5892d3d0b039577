/**
 * Does training leak? Trains the Fashion-MNIST CNN for 10,000 steps and compares the process's resident memory after
 * step 1,000 with that after the last. Nothing collects garbage but Node itself, when it sees fit.
 *
 *     npx tsx bench/memory.ts [steps]
 */
import { cnnLearner, fashionMnist } from "./fashion-mnist.js";

const steps = Number(process.argv[2] ?? 10_000);
const early = steps / 10;

await using learn = cnnLearner(await fashionMnist());
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

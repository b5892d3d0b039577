/**
 * What preparing mini-batches costs: the time of an epoch of the Fashion-MNIST CNN over that of as many steps on one
 * fixed mini-batch. Repetitions alternate; the ratio of the medians is printed.
 *
 * Run it with `npx tsx bench/data-pipeline.ts`.
 */
import type { Batch, DataLoaders, Dataset, Learner } from "@lrfind/learner";
import { DataLoader } from "@lrfind/learner";
import { cnnLearner, fashionMnist } from "./fashion-mnist.js";
import { median } from "./median.js";
import { writeRatio } from "./results.js";

const REPETITIONS = 11;

const loaded = await fashionMnist();
const training: DataLoaders = { train: loaded.train };
const batch: Batch = await loaded.train.batchAt(0, 0);
const fixed: Dataset = { ...loaded.train.dataset, length: loaded.train.dataset.length, batch: () => batch };
const constant: DataLoaders = { train: new DataLoader({ dataset: fixed, batchSize: 64, dropLast: true }) };

await using real = cnnLearner(training);
await using bare = cnnLearner(constant);

async function epoch(learner: Learner): Promise<number> {
  const start = performance.now();
  await learner.fit(1, { lr: 1e-3 });
  return performance.now() - start;
}

await epoch(real);
await epoch(bare);
const reals: number[] = [];
const bares: number[] = [];
for (let i = 0; i < REPETITIONS; i++) {
  reals.push(await epoch(real));
  bares.push(await epoch(bare));
}
const [a, b] = [median(reals), median(bares)];
const steps = loaded.train.batchesPerEpoch;
console.log(`an epoch of ${steps} steps: ${a.toFixed(0)} ms; as many on one mini-batch: ${b.toFixed(0)} ms`);
console.log(`ratio ${(a / b).toFixed(3)} (to reach: at most 1.1)`);
writeRatio("data-pipeline", a / b);

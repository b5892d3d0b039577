/**
 * What is a body worth that was trained on other classes? Fashion-MNIST in two halves of five classes: a network is
 * trained on one, exported, read back, and fine-tuned on 5 images per class of the other in 10 steps of all 25.
 *
 * It is trained on the 30,000 images that Debian's package dataset-fashion-mnist has of its classes where that is
 * installed, and on the 5,000 that come with the examples otherwise: it is then worth about three quarters as much, and
 * training from scratch catches up when it is given three times as many steps.
 *
 * Run: npx tsx bench/transfer.ts [seeds] [first seed]
 */
import type { TransferAccuracies } from "./transfer-experiment.js";
import { hasTrainFiles, transfer } from "./transfer-experiment.js";

const [seeds = 5, firstSeed = 0] = process.argv.slice(2).map(Number);
const ways: Readonly<Record<keyof TransferAccuracies, string>> = {
  scratch: "from scratch",
  bestScratch: "from scratch, best of six rates",
  fineTune: "fineTune",
  oneRate: "frozen, then one rate for all",
  rateEach: "frozen, then a rate per group",
};
const pretraining = hasTrainFiles()
  ? ({ source: "train", pretrainPerClass: 6000, pretrainEpochs: 3 } as const)
  : ({ source: "test", pretrainPerClass: 1000, pretrainEpochs: 6 } as const);
console.log(`pretrained on ${5 * pretraining.pretrainPerClass} images`);
const startedAt = performance.now();
const results: TransferAccuracies[] = [];
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  const result = await transfer({
    seed,
    ...pretraining,
    perClass: 5,
    epochs: 10,
    testPerClass: 400,
    // Results are then the same from run to run, on any number of cores.
    runtime: { threads: 2 },
  });
  results.push(result);
  console.log(`seed ${seed}: ${Object.entries(result).map(([way, value]) => `${way} ${value.toFixed(3)}`)}`);
}
console.log("\naccuracy on held-out images      mean    deviation  least   greatest  better than scratch");
for (const [way, title] of Object.entries(ways)) {
  const values = results.map((result) => result[way as keyof TransferAccuracies]);
  const mean = values.reduce((a, b) => a + b) / seeds;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, seeds - 1));
  const numbers = [mean, deviation, Math.min(...values), Math.max(...values)];
  const wins = results.filter((result) => result[way as keyof TransferAccuracies] > result.scratch).length;
  const columns = numbers.map((value, i) => value.toFixed(3).padEnd([7, 10, 7, 9][i]!));
  console.log(title.padEnd(32), columns.join(" "), way === "scratch" ? "" : `${wins} of ${seeds} seeds`);
}
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);

/** Handwritten digits of 8 x 8 pixels: a small CNN, judged by five-fold cross-validation. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { arrayDataset, dataLoaders, kFold, smallCnn, visionLearner } from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly } from "lrfind/terminal";

endQuietly();
const file = new URL("data/digits.csv.gz", import.meta.url);
const lines = gunzipSync(await readFile(file))
  .toString()
  .trim()
  .split("\n");
const rows = lines.map((line) => line.split(",").map(Number)); // 64 pixels from 0 to 16, and the digit
const labels = rows.map((row) => row[64]!);
const images = Float32Array.from(rows.flatMap((row) => row.slice(0, 64)));
const dataset = arrayDataset({ images, shape: [1, 8, 8], labels, classes: 10, normalize: { scale: 1 / 16 } });

const k = 5;
const accuracies: number[] = [];
const confusions = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
for (let fold = 0; fold < k; fold++) {
  const splitter = (n: number) => kFold(n, { k, fold, seed: 42, labels });
  const dls = dataLoaders(dataset, { splitter, batchSize: 32, seed: 42 });
  const arch = (options: { inChannels: number }) => smallCnn({ ...options, channels: [16, 32] });
  await using learn = await visionLearner(dls, arch, { head: { linFtrs: [64], ps: 0.1 } });
  const found = await learn.lrFind({ suggestFuncs: [edge] });
  const [last] = (await learn.fitOneCycle(5, { lrMax: found })).slice(-1);
  accuracies.push(last!.metrics["accuracy"]!);
  console.log(
    `fold ${fold}: learning rate ${formatRate(found.lr)}, accuracy ${accuracies[fold]!.toFixed(4)}`,
  );
  const { counts } = await learn.confusionMatrix();
  for (const [i, row] of counts.entries())
    for (const [j, count] of row.entries()) confusions[i]![j]! += count;
}

console.log("\ndigit (row) taken for (column)");
for (const [digit, counts] of [["", [...confusions.keys()]] as const, ...confusions.entries()]) {
  console.log([digit, ...counts].map((cell) => String(cell).padStart(4)).join(""));
}
const mean = accuracies.reduce((a, b) => a + b) / k;
console.log(`\naccuracy ${mean.toFixed(4)}, the mean of ${k} folds`);

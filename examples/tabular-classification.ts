/** In which phase of its flight did an aircraft hit a bird? A table of categories and a number that many rows lack. */

import { tabularDataLoaders, tabularLearner } from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly, progressCallback } from "lrfind/terminal";

endQuietly();
const dls = await tabularDataLoaders({
  source: new URL("data/birdstrikes.csv.gz", import.meta.url),
  catNames: [
    "Aircraft Make Model",
    "Aircraft Airline Operator",
    "Origin State",
    "Wildlife Size",
    "Wildlife Species",
    "Time of day",
    "Effect Amount of damage",
  ],
  contNames: ["Speed IAS in knots"],
  yNames: "Phase of flight",
  seed: 42,
});
await using learn = tabularLearner(dls, { layers: [200, 100], ps: 0.2, embDrop: 0.1 });

const found = await learn.lrFind({ suggestFuncs: [edge] });
console.log(`learning rate ${formatRate(found.lr)}`);
const epochs = await learn.fitOneCycle(3, { lrMax: found, cbs: [progressCallback()] });

const { labels, counts } = await learn.confusionMatrix();
const sizes = counts.map((row) => row.reduce((a, b) => a + b));
const total = sizes.reduce((a, b) => a + b);
for (const [i, label] of labels.entries()) {
  console.log(
    `${label.padEnd(14)} ${String(counts[i]![i]).padStart(4)} of ${String(sizes[i]).padStart(4)} right`,
  );
}
const most = Math.max(...sizes);
console.log(`baseline ${(most / total).toFixed(4)}: always "${labels[sizes.indexOf(most)]}"`);
console.log(`accuracy ${epochs.at(-1)!.metrics["accuracy"]!.toFixed(4)} on ${total} held-out reports`);

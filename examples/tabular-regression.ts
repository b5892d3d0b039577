/** How heavy is a penguin? A small table with categories and missing values; the answer is a number. */

import { r2Score, readTable, rmse, tabularDataLoaders, tabularLearner } from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly, progressCallback } from "lrfind/terminal";

endQuietly();
const source = new URL("data/penguins.csv", import.meta.url);
const dls = await tabularDataLoaders({
  source,
  catNames: ["species", "island", "sex"],
  contNames: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"],
  yNames: "body_mass_g",
  yBlock: "regression",
  missingTarget: "drop",
  batchSize: 32,
  seed: 42,
});
const masses = (await readTable(source)).values
  .get("body_mass_g")!
  .filter((mass) => mass !== "")
  .map(Number);
console.log(`${masses.length} penguins from ${Math.min(...masses)} to ${Math.max(...masses)} grams`);
await using learn = tabularLearner(dls, {
  layers: [64, 32],
  yRange: [2000, 7000],
  metrics: [rmse, r2Score],
});

const found = await learn.lrFind({ suggestFuncs: [edge] });
console.log(`learning rate ${formatRate(found.lr)}`);
const epochs = await learn.fitOneCycle(10, { lrMax: found, cbs: [progressCallback()] });

const { targets } = await learn.getPreds();
const actual = Array.from(targets[0]!.data as Float32Array);
const mean = masses.reduce((a, b) => a + b) / masses.length;
const spread = Math.sqrt(actual.reduce((sum, mass) => sum + (mass - mean) ** 2, 0) / actual.length);
const penguin = { species: "Gentoo", island: "Biscoe", sex: null, bill_length_mm: 47, bill_depth_mm: 15 };
const { output } = await learn.predict({ ...penguin, flipper_length_mm: 217 });
console.log(`a Gentoo of unknown sex with flippers of 217 mm: ${Math.round(Number(output.data[0]))} grams`);
console.log(`baseline ${spread.toFixed(0)}: always the mean, ${mean.toFixed(0)} grams`);
console.log(`rmse ${epochs.at(-1)!.metrics["rmse"]!.toFixed(0)} grams on ${actual.length} held-out penguins`);

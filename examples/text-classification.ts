/** Which of Jane Austen's six novels is a paragraph from? A bag of words. */

import { textDataLoaders, textLearner } from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly, progressCallback } from "lrfind/terminal";

endQuietly();
const dls = await textDataLoaders({
  source: new URL("data/austen.csv.gz", import.meta.url),
  labelCol: "novel",
  minFreq: 2,
  batchSize: 32,
  seed: 42,
});
console.log(`${dls.train.dataset.length} paragraphs to learn from, ${dls.tokens.length} tokens`);
await using learn = textLearner(dls, { arch: "bag", embSize: 32 });

const found = await learn.lrFind({ suggestFuncs: [edge] });
console.log(`learning rate ${formatRate(found.lr)}`);
const epochs = await learn.fitOneCycle(4, { lrMax: found, cbs: [progressCallback()] });

const sentence = "It is a truth universally acknowledged, that Mr Bingley must be in want of a wife.";
const { label, probabilities } = await learn.predict(sentence);
console.log(`"${sentence}": ${label} (${(100 * Math.max(...probabilities!)).toFixed(0)} %)`);

const { labels, counts } = await learn.confusionMatrix();
const sizes = counts.map((row) => row.reduce((a, b) => a + b));
const total = sizes.reduce((a, b) => a + b);
const most = Math.max(...sizes);
console.log(`baseline ${(most / total).toFixed(4)}: always "${labels[sizes.indexOf(most)]}"`);
console.log(`accuracy ${epochs.at(-1)!.metrics["accuracy"]!.toFixed(4)} on ${total} held-out paragraphs`);

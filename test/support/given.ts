/** What the documents take for given, as code that makes it: what the reader has made before, or has anyway. */

const TRAINER = `
import { lrFind, valley } from "lrfind";
let w = 1;
globalThis.snapshot = async () => w;
globalThis.restore = async (saved) => { w = saved; };
let k = 0;
globalThis.trainOneBatch = async (lr) => {
  const loss = w * w + 0.01 * Math.sin(k++);
  w -= [lr].flat()[0] * 2 * w;
  return loss;
};
globalThis.trainer = {
  paramGroups: ["all"],
  async startTrial({ seed = 0 } = {}) {
    const saved = w;
    let step = seed;
    return {
      async step(lr) {
        const loss = w * w + 0.01 * Math.sin(step++);
        w -= [lr].flat()[0] * 2 * w;
        return loss;
      },
      async [Symbol.asyncDispose]() { w = saved; },
    };
  },
};
globalThis.result = await lrFind(trainer, { suggestFuncs: [valley] });
globalThis.curve = result.curve;
`;

/** A learner of penguins, after a fit. */
const PENGUINS = `
import { tabularDataLoaders, tabularLearner } from "@lrfind/learner";
globalThis.dls = await tabularDataLoaders({
  source: "examples/data/penguins.csv",
  catNames: ["island", "sex"],
  contNames: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"],
  yNames: "species",
  batchSize: 32,
});
globalThis.learn = tabularLearner(dls, { layers: [16] });
await learn.fitOneCycle(1, { lrMax: 0.01 });
`;

/** Digits, and a model of them as a file. */
const DIGITS = `
import { exportModel, flatten, imageDataLoadersFromIdx, linear, modelOf, relu, sequential } from "@lrfind/learner";
import { writeFileSync } from "node:fs";
globalThis.dls = await imageDataLoadersFromIdx({ images: "images.gz", labels: "labels.gz" });
const net = modelOf(sequential(flatten(), linear(64, 32), relu(), linear(32, 10)));
const { model } = await exportModel(net, undefined, { inputs: [{ dtype: "float32", itemShape: [1, 8, 8] }] });
writeFileSync("model.onnx", model);
`;

/** A learner of a number from four. */
const FOUR = `
import { dataLoaders, Learner, linear, mse, tensorDataset } from "@lrfind/learner";
const x = { dtype: "float32", shape: [256, 4], data: Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i)) };
const y = { dtype: "float32", shape: [256, 1], data: Float32Array.from({ length: 256 }, (_, i) => Math.sin(4 * i)) };
globalThis.dls = dataLoaders(tensorDataset({ inputs: [x], targets: [y] }), { batchSize: 32 });
globalThis.learn = new Learner({ dls, model: linear(4, 1), lossFunc: mse() });
`;

/** What a sweep found, pinned. */
const LOCK = `
import { writeFileSync } from "node:fs";
const best = { config: { batchSize: 16 }, lr: 0.01, schedule: "oneCycle", epochs: 3, monitor: "validLoss", score: 0.5 };
const lock = { format: "lrfind-lock", version: 1, lrfind: "0.1.0", specHash: "0", moduleHash: "0", best, found: [] };
writeFileSync("lrfind.lock.json", JSON.stringify(lock));
`;

/** Six images of each of two classes, in a folder each. */
const IMAGES = `
import { createCanvas } from "@napi-rs/canvas";
import { mkdirSync, writeFileSync } from "node:fs";
for (const [k, color] of ["red", "blue"].entries()) {
  mkdirSync("images/" + color, { recursive: true });
  for (let i = 0; i < 40; i++) {
    const canvas = createCanvas(32, 32);
    const context = canvas.getContext("2d");
    context.fillStyle = color;
    context.fillRect(i % 8, k * 8, 16, 16);
    writeFileSync("images/" + color + "/" + i + ".png", canvas.toBuffer("image/png"));
  }
}
`;

/** What each document takes for given; the others need nothing but a training loop. */
export const GIVEN_CODE: Readonly<Record<string, string>> = {
  "README.md": TRAINER + DIGITS,
  "docs/fine-tuning.md": PENGUINS,
  "docs/learner.md": PENGUINS,
  "docs/onnx.md": DIGITS,
  "docs/sweep.md": LOCK,
  "docs/write-your-own.md": FOUR,
  "packages/learner/README.md": IMAGES,
};

export const ANY_LOOP = TRAINER;

/**
 * Uses the command `lrfind` as a stranger does, in a folder where the packed packages are installed: trains on tables,
 * predicts, runs the code that a run left, reads a log, makes a page.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TABLES = {
  "penguins.csv": ["--target", "species"],
  "birdstrikes.csv.gz": ["--target", "Phase of flight"],
  "austen.csv.gz": ["--target", "novel"],
};

/**
 * @param {string} folder
 * @param {{ root: string, run: (folder: string, command: readonly string[]) => string }} tools
 */
export function useCommand(folder, { root, run }) {
  const lrfind = ["node", join("node_modules", "lrfind", "dist", "command", "main.js")];
  for (const [file, flags] of Object.entries(TABLES)) {
    cpSync(join(root, "examples/data", file), join(folder, file));
    const out = `run-${file.split(".")[0]}`;
    const report = JSON.parse(
      run(folder, [...lrfind, "train", file, ...flags, "--out", out, "--json"])
        .replace(/^[^{]*(?=\{\n {2}"lr")/, "")
        .replace(/\n\}\n[\s\S]*$/, "\n}"),
    );
    assert.ok(report.beatsBaselines, `${file}: ${JSON.stringify(report)}`);
    run(join(folder, out), [
      process.execPath,
      "--import",
      join(root, "node_modules/tsx/dist/esm/index.mjs"),
      "train.ts",
    ]);
    const [model, again] = ["model.onnx", "model-again.onnx"].map((name) =>
      readFileSync(join(folder, out, name)),
    );
    assert.ok(model?.equals(again ?? new Uint8Array()), `${file}: train.ts gave another model`);
    const predictions = run(folder, [...lrfind, "predict", join(out, "model.onnx"), file]);
    assert.match(predictions, /^item,prediction,probability/);
  }
  const curve = JSON.parse(readFileSync(join(folder, "run-penguins", "result.json"), "utf8")).findings[0]
    .curve;
  const rows = curve.lr.map((/** @type {number} */ lr, /** @type {number} */ i) => `${lr},${curve.loss[i]}`);
  writeFileSync(join(folder, "log.csv"), `lr,loss\n${rows.join("\n")}\n`);
  assert.match(
    run(folder, [...lrfind, "suggest", "log.csv", "--html", "log.html"]),
    /learning rate [\d.e-]+ \(valley\)/,
  );
  run(folder, [...lrfind, "report", "run-penguins/result.json", "run-austen/result.json"]);
  assert.match(readFileSync(join(folder, "report.html"), "utf8"), /Side by side/);
  sweep(folder, { lrfind, run });
}

const LEARNER = `
import { Learner, linear, mse, dataLoaders, tensorDataset } from "@lrfind/learner";
const x = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));
const y = Float32Array.from({ length: 64 }, (_, i) => x[4 * i] - x[4 * i + 1]);
const tensors = { inputs: [{ dtype: "float32", shape: [64, 4], data: x }], targets: [{ dtype: "float32", shape: [64, 1], data: y }] };
export default ({ batchSize }) =>
  new Learner({ dls: dataLoaders(tensorDataset(tensors), { batchSize }), model: linear(4, 1), lossFunc: mse() });
`;

/**
 * A sweep of two jobs' kinds, and again, where nothing is left to do.
 *
 * @param {string} folder
 * @param {{ lrfind: readonly string[], run: (folder: string, command: readonly string[]) => string }} tools
 */
function sweep(folder, { lrfind, run }) {
  writeFileSync(join(folder, "learner.mjs"), LEARNER);
  const spec = {
    model: "./learner.mjs",
    axes: { batchSize: [8, 16] },
    lr: { factors: [0.5, 1], numIt: 30 },
    epochs: 1,
  };
  writeFileSync(join(folder, "sweep.json"), JSON.stringify(spec));
  const [first, second] = [0, 1].map(() =>
    JSON.parse(jsonIn(run(folder, [...lrfind, "sweep", "sweep.json", "--json"]))),
  );
  assert.equal(first.stop, "completed");
  assert.equal(first.done, 6);
  assert.deepEqual(second.rows, first.rows);
  assert.match(readFileSync(join(folder, "lrfind-sweep/report.html"), "utf8"), /The best combination/);
}

/**
 * The object among what a command printed.
 *
 * @param {string} text
 */
function jsonIn(text) {
  return text.slice(text.indexOf("{\n"), text.lastIndexOf("\n}") + 2);
}

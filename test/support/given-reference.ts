/**
 * What the docstrings' examples take for given: `base` before each of them, and more before those that it is named after. It is code of
 * the process that runs them, in a folder of its own.
 */
export const GIVEN_REFERENCE = `
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createCanvas } from "@napi-rs/canvas";
import { eventToJson, edge, lrFind, search, toJson, curveToJson, valley } from "lrfind";
import * as L from "@lrfind/learner";
import * as T from "@lrfind/learner/train";
import * as E from "@lrfind/engine";
import * as S from "@lrfind/sweep";

let w = 1;
const trainer = {
  paramGroups: ["all"],
  async startTrial({ seed = 0 } = {}) {
    const saved = w;
    let k = seed;
    return {
      async step(lr) {
        const loss = w * w + 0.01 * Math.sin(k++);
        w -= [lr].flat()[0] * 2 * w;
        return loss;
      },
      async [Symbol.asyncDispose]() { w = saved; },
    };
  },
};
const result = await lrFind(trainer, { suggestFuncs: [valley, edge] });
const { curve } = result;

const table = () => L.tabularDataLoaders({
  source: "penguins.csv",
  catNames: ["island", "sex"],
  contNames: ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"],
  yNames: "species",
  batchSize: 32,
});
copyFileSync("examples/data/penguins.csv", "penguins.csv");
copyFileSync("examples/data/penguins.csv", "new.csv");
copyFileSync("examples/data/t10k-images-idx3-ubyte.gz", "images.gz");
copyFileSync("examples/data/t10k-labels-idx1-ubyte.gz", "labels.gz");
const picture = (color) => {
  const canvas = createCanvas(64, 64);
  const context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 40, 40);
  return canvas.toBuffer("image/jpeg");
};
writeFileSync("cat.jpg", picture("red"));
for (const [k, pet] of ["cat", "dog"].entries()) {
  mkdirSync("pets/" + pet, { recursive: true });
  for (let i = 0; i < 100; i++) writeFileSync("pets/" + pet + "/" + i + ".jpg", picture(k ? "blue" : "red"));
}
writeFileSync("messages.csv", "message,kind\\n" + Array.from({ length: 200 }, (_, i) => (i % 2 ? "You have won a prize,spam" : "See you at noon,ham") + "\\n").join(""));

const dls = await table();
const fitted = async () => {
  const learn = L.tabularLearner(dls, { layers: [8] });
  await learn.fitOneCycle(1, { lrMax: 0.01 });
  return learn;
};
/** A small classifier of colour images of 16 x 16 pixels. */
const images = () => L.imageDataLoadersFromArrays({
  images: Uint8Array.from({ length: 128 * 3 * 256 }, (_, i) => (i * 37) % 256),
  shape: [3, 16, 16],
  labels: Int32Array.from({ length: 128 }, (_, i) => i % 2),
  classes: ["a", "b"],
  batchSize: 16,
});
const imaged = async () => {
  const dls = images();
  const model = L.modelOf(L.sequential(L.flatten(), L.linear(768, 2)));
  return { dls, learn: new L.Learner({ dls, model, lossFunc: L.crossEntropy() }) };
};
const digits = { images: new Uint8Array(10_000 * 784), labels: Int32Array.from({ length: 10_000 }, (_, i) => i % 10) };
const pictured = () => ({ dls: images() });
const exported = async () => {
  const model = L.modelOf(L.sequential(L.linear(4, 2)));
  const written = await L.exportModel(model, undefined, { inputs: [{ dtype: "float32", itemShape: [4] }] });
  writeFileSync("model.onnx", written.model);
  return { input: E.tensor("float32", [1, 4], [1, 2, 3, 4]) };
};
/** A graph of a loss over an image and some weights. */
const graphs = () => {
  const g = new E.GraphBuilder();
  const x = g.input("x", "float32", [2, 3, 8, 8]);
  const kernel = g.input("kernel", "float32", [3, 3, 3, 3]);
  const scale = g.input("scale", "float32", [3]);
  const bias = g.input("bias", "float32", [3]);
  const loss = g.reduceSum(g.op("Conv", [x, kernel], { pads: [1, 1, 1, 1] }));
  return { g, x, scale, bias, loss, parameters: [kernel], target: "cpu" };
};
const built = () => {
  const build = (batch) => {
    const g = new E.GraphBuilder();
    return g.build({ y: g.mul(g.input("x", "float32", [batch, 3]), 2) });
  };
  const graph = build(2);
  return { build, graph, file: E.fileOfGraph(graph) };
};

export const base = async () => ({
  trainer, result, curve, suggestFuncs: [valley], dls, otherDls: dls, dataset: dls.train.dataset, ...digits,
  rows: [{ a: 1 }, { a: 2 }], text: curveToJson(curve), useNorm: true, seed: 1, epoch: 0, row: 0, step: 0,
  event: { kind: "point", run: 0, group: 0, step: 0, lr: 0.1, loss: 1, smoothed: 1, done: 1, total: 2, elapsedMs: 1 },
});

/** Learners are made anew for each example that names one, as some dispose of theirs. */
export const learners = async (code) => {
  if (!/\\b(learn|learner|model|lossFunc|parts)\\b/.test(code)) return {};
  const learn = await fitted();
  const { model, lossFunc } = learn;
  return { learn, learner: learn, model, lossFunc, parts: { dls, model, lossFunc } };
};

/** A sweep's module, and what it found, pinned. */
const locked = async () => {
  writeFileSync("learner.js", "export default () => {};");
  const point = { key: "0", config: { batchSize: 16 }, rate: { factor: 1 } };
  const row = { point, lr: 0.01, epochs: 3, score: 0.5, scores: [0.5], jobs: [] };
  const spec = { model: "./learner.js", axes: { batchSize: [16, 64] } };
  await S.saveLock("lrfind.lock.json", S.lockOf(spec, [row], "."));
};

export const special = {
  xresnet18: pictured, xresnet34: pictured, resnet: pictured, cutMix: imaged, mixUp: imaged,
  prefetch: () => ({ step: async () => {} }),
  processorFromJSON: () => ({ text: JSON.stringify(dls.processor) }),
  ImageProcessor: async () => {
    const spec = { shape: [3, 64, 64], resize: { method: "squish" }, augment: [], normalization: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] }, vocab: ["a"] };
    writeFileSync("processor.json", JSON.stringify(new L.ImageProcessor(spec)));
  },
  TabularProcessor: async () => {
    const { processor } = await L.tabularDataLoaders({ source: "penguins.csv", catNames: ["island"], contNames: ["bill_length_mm", "bill_depth_mm"], yNames: "species" });
    writeFileSync("processor.json", JSON.stringify(processor));
  },
  tabularLearner: async () => ({
    dls: await L.tabularDataLoaders({ source: "penguins.csv", catNames: ["island", "sex"], contNames: ["bill_length_mm", "body_mass_g"], yNames: "species", batchSize: 32 }),
  }),
  textLearner: async () => ({ dls: await L.textDataLoaders({ source: "messages.csv", textCol: "message", labelCol: "kind", minFreq: 1, batchSize: 8 }) }),
  collabLearner: async () => {
    const source = Array.from({ length: 400 }, (_, i) => ({ user: ["Ada", "Bo"][i % 2] + (i % 7 ? "" : i % 11), item: ["Metropolis", "M"][i % 3 % 2], rating: 1 + (i % 5) }));
    return { dls: await L.collabDataLoaders({ source: [{ user: "Ada", item: "Metropolis", rating: 5 }, ...source], batchSize: 32 }) };
  },
  visionLearner: async () => {
    await using learn = await L.visionLearner(images(), (options) => L.smallCnn({ ...options, channels: [16, 32] }));
    await learn.export("pretrained.onnx");
    return { dls: images(), otherDls: images() };
  },
  exportModel: async () => {
    writeFileSync("small.onnx", (await L.exportModel(L.modelOf(L.linear(4, 2)), undefined, { inputs: [{ dtype: "float32", itemShape: [4] }] })).model);
    const model = await L.loadModel("small.onnx");
    return { learn: { model, state: L.initialState(model, 0) } };
  },
  loadModel: async () => {
    const model = L.modelOf(L.resnet18());
    writeFileSync("resnet18.onnx", (await L.exportModel(model, undefined, { inputs: [{ dtype: "float32", itemShape: [3, 32, 32] }] })).model);
    return { dls: images() };
  },
  decodeSafetensors: async () => void writeFileSync("w.safetensors", Buffer.concat(L.encodeSafetensors({ tensors: new Map([["w", E.tensor("float32", [1], [1])]]), metadata: {} }))),
  loadLearner: async () => {
    const dls = await L.tabularDataLoaders({ source: "penguins.csv", catNames: ["island"], contNames: ["bill_length_mm"], yNames: "species", batchSize: 32 });
    await L.tabularLearner(dls, { layers: [8] }).export("model.onnx");
    return { rows: [{ island: "Biscoe", bill_length_mm: 46 }] };
  },
  predictData: async () => void (await T.trainData("penguins.csv", { target: "species", epochs: 1, out: "lrfind-run" })),
  readLock: locked, checkLock: locked,
  parseEvent: async () => {
    const lines = [];
    for await (const event of search(trainer, { suggestFuncs: [valley] })) lines.push(eventToJson(event));
    return { text: lines.join("\\n") };
  },
  parseResult: () => void writeFileSync("result.json", toJson(result)),
  readLogs: () => void writeFileSync("lr_find.csv", "lr,loss\\n" + curve.lr.map((lr, i) => lr + "," + curve.loss[i] + "\\n").join("")),
  decodeModel: exported, createRawSession: exported,
  withDynamicBatch: built, encodeModel: built, encodeModelFile: built, printGraph: built,
  batchNormTraining: graphs, layerNormInputs: graphs, shiftNearZero: graphs, foldBatch: graphs, lowerFolded: graphs,
  lowerConvolutions: graphs, lowerScalarOperands: graphs, poolBeforeRelu: graphs,
  defaultProvider: () => {
    const model = L.modelOf(L.linear(4, 3));
    const groups = [{ name: "all", parameters: model.parameters.map(({ name }) => name) }];
    return {
      options: {
        model, lossFunc: L.crossEntropy(), optimizer: L.sgd(), groups,
        inputs: [{ dtype: "float32", shape: [8, 4] }], targets: [{ dtype: "int32", shape: [8] }],
      },
    };
  },
};
`;

/** What the examples of errors throw. */
export const THROWS: Readonly<Record<string, RegExp>> = {
  CurveFormatError: /^parseCurve: expected loss\[0\] to be a number/,
  ResultFormatError: /^parseResult: expected version to be 1, got 2/,
};

/** Examples that are run by another test, as they need what this one has not. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  configureRuntime: "docs/onnx.md has it, at the start of a program of its own",
  runSweep: "scripts/check-install.js: its jobs are processes of the built package",
  localLauncher: "the same",
  sweepToHtml: "the same",
  runJob: "the same: it needs the job's file that a sweep wrote",
  lockOf: "packages/sweep/test/lock: it needs a sweep that ran",
  redisLauncher: "packages/sweep/test/launch: it needs a Redis server",
  redisWorker: "the same",
  slurmLauncher: "the same: it needs a cluster with Slurm",
  rayLauncher: "the same: it needs a cluster with Ray",
};

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as nn from "../packages/engine/src/nn/index.js";
import * as onnx from "../packages/engine/src/onnx/index.js";
import { RandomSequence } from "../packages/engine/src/random/index.js";
import * as runtime from "../packages/engine/src/runtime/index.js";
import * as data from "../packages/learner/src/data/index.js";
import * as learner from "../packages/learner/src/learner/index.js";
import { describe, LrfindError } from "../packages/lrfind/src/core/index.js";
import * as finder from "../packages/lrfind/src/finder/index.js";
import { entriesOf, manifestOf, PACKAGES } from "../scripts/packages.js";

/** Calls with wrong types, of all exports and of the methods of what they make. */
const CALLS = 10_000;
/** A call that takes longer hangs. */
const PATIENCE_MS = 10_000;

/** What a caller's own getters, proxies and functions throw: it passes through. */
class Callers extends Error {}
const throws = () => {
  throw new Callers("the caller's own");
};
const getters = Object.defineProperty({}, "lr", { enumerable: true, get: throws });
const proxy = new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws });

const JUNK: readonly (() => unknown)[] = [
  ...[undefined, null, Number.NaN, -1, 0, 1, 1.5, -0.5, 1e308, Number.POSITIVE_INFINITY, 2 ** 53].map(
    (x) => () => x,
  ),
  ...["", "x", "0", "\0", "a/b", true, false, 10n, Symbol("s"), Symbol.iterator].map((x) => () => x),
  ...[() => {}, () => 1, throws, async () => {}, Array, nn.relu, nn.crossEntropy].map((x) => () => x),
  () => [],
  () => [undefined],
  () => [Number.NaN],
  () => [[[]]],
  () => ["x"],
  () => [-1, 1e9],
  () => [1e9, 1e9],
  () => new Array(3),
  () => ({}),
  () => ({ x: 1 }),
  () => ({ length: -1 }),
  () => ({ length: 3 }),
  () => Object.create(null),
  () => getters,
  () => proxy,
  () => new Date(0),
  () => new Map(),
  () => new Set(["x"]),
  () => new Uint8Array(3),
  () => new Float32Array(0),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(4)),
  () => new ArrayBuffer(4),
  () => /x/,
  () => new Error("x"),
  () => Promise.resolve(1),
  () => new AbortController(),
  () => new URL("https://example.org"),
];

type Args = readonly unknown[];
/** Arguments that a function takes: each is put out of shape, one at a time. */
type Valid = Readonly<Record<string, () => Args | Promise<Args>>>;

const column = Array.from({ length: 30 }, (_, i) => (i + 1) / 10);
const curve: finder.Curve = { numIt: 30, stop: "completed", lr: column, loss: column, smoothed: column };
const result = { curve, suggestions: { valley: { lr: 1, point: { lr: 1, loss: 1 } } } };
const key = { seed: 1, stream: "x", epoch: 0, step: 0 };
const trial: finder.Trial = { step: async () => 1, async [Symbol.asyncDispose]() {} };
const trainer: finder.Trainer = { startTrial: async () => trial };
const found = await finder.lrFind(trainer, { numIt: 6 });
const started: finder.SearchEvent = { kind: "started", options: found.options, paramGroups: [] };
const x32 = () =>
  onnx.tensor(
    "float32",
    [8, 2],
    Array.from({ length: 16 }, (_, i) => i / 16),
  );
const y32 = () => onnx.tensor("int32", [8], [0, 1, 0, 1, 0, 1, 0, 1]);
const dataset = () => data.tensorDataset({ inputs: [x32()], targets: [y32()], vocab: ["a", "b"] });
const dls = () => data.dataLoaders(dataset(), { batchSize: 2 });
const model = () => nn.modelOf(nn.linear(2, 2));
const parts = () => ({
  dls: dls(),
  model: model(),
  lossFunc: nn.crossEntropy(),
  metrics: [nn.accuracy],
  cbs: [],
  seed: 0,
  lr: 1e-2,
  wd: 0,
  accumulate: 1,
  trainBn: true,
  runtime: { threads: 1 },
});
const graph = () => {
  const g = new onnx.GraphBuilder();
  return g.build({ y: g.mul(g.input("x", "float32", [2]), 2) });
};
const scalarGraph = (): [onnx.GraphBuilder, onnx.Value, onnx.Value[]] => {
  const g = new onnx.GraphBuilder();
  const w = g.input("w", "float32", [3]);
  return [g, g.reduceSum(g.mul(w, w)), [w]];
};
const rows = [
  { a: "p", b: 1, t: "one", y: "no", u: "A", i: "B", r: 3 },
  { a: "q", b: 2, t: "two", y: "yes", u: "B", i: "C", r: 4 },
  { a: "p", b: 3, t: "one two", y: "no", u: "A", i: "C", r: 5 },
  { a: "q", b: 4, t: "two one", y: "yes", u: "B", i: "B", r: 1 },
];
const batches = { validPct: 0.25, seed: 0, batchSize: 1, shuffle: true, dropLast: true };
const pixels = new Uint8Array(4 * 4 * 6);
const images = { images: pixels, shape: [1, 4, 4], labels: [0, 1, 0, 1, 0, 1] };
const raw = { data: new Uint8Array(16), shape: [1, 4, 4] };
const types = { inputs: [{ dtype: "float32", shape: [2, 2] }], targets: [{ dtype: "int32", shape: [2] }] };
const forwardParts = () => ({ model: model(), lossFunc: nn.crossEntropy(), ...types });
const fit = { wd: 0, cbs: [], onStep: () => {}, startEpoch: 0, signal: new AbortController().signal };
const sizes = { tokens: 9, padIndex: 1, maxLength: 8, outputs: 2 };

const VALID: Valid = {
  trimCurve: () => [curve],
  curveToJson: () => [curve],
  parseCurve: () => [finder.curveToJson(curve)],
  denoise: () => [column],
  diagnose: () => [curve, result.suggestions],
  divergenceWatch: () => [4],
  smoother: () => [0.9],
  smooth: () => [column, 0.9],
  sweepLr: () => ["linear", { start: 1, end: 2, numIt: 10 }, 3],
  search: () => [trainer, { numIt: 6, runs: 1, groups: "each", heldLr: 0, suggestFuncs: [finder.valley] }],
  resultOf: () => [finder.search(trainer, { numIt: 6 })],
  toJson: () => [found],
  parseResult: () => [finder.toJson(found)],
  eventToJson: () => [started],
  parseEvent: () => [finder.eventToJson(started)],
  suggest: () => [curve, { suggestFuncs: [finder.valley, finder.edge] }],
  suggester: () => [
    "mine",
    () => ({ lr: null, reason: "" }),
    { summary: "mine", defaults: { a: 1 }, check: () => {} },
  ],
  lrFind: () => [
    trainer,
    {
      startLr: 1e-7,
      endLr: 1,
      numIt: 6,
      stopDiv: true,
      divFactor: 4,
      sweep: "linear",
      beta: 0.9,
      lossOn: "train",
      seed: 0,
      runs: 1,
      groups: "together",
      heldLr: 0,
      suggestFuncs: [finder.valley],
      onPoint: () => {},
      signal: fit.signal,
    },
  ],
  rangeTest: () => [trainer, { startLr: 1e-7, endLr: 1, numIt: 6, seed: 0 }],
  toSvg: () => [result, { width: 700, height: 400, title: "x" }],
  toPng: () => [result, { width: 700, height: 400, title: "x", scale: 1 }],
  saveResult: () => [found, "saved"],
  saveSearch: () => [finder.search(trainer, { numIt: 6 }), "saved.json", { everyMs: 0 }],
  showSearch: () => [{ update() {}, stop() {} }],
  configureRuntime: () => [{ wasmPaths: "/ort/", threads: 1 }],
  toTerminal: () => [result, { columns: 60, rows: 20, color: false, raw: true }],
  encodeModel: () => [graph(), { sequenceOutput: "s" }],
  printGraph: () => [graph()],
  fileOfGraph: () => [graph()],
  encodeModelFile: () => [onnx.fileOfGraph(graph()), { externalName: "x" }],
  decodeModel: () => [onnx.encodeModel(graph()), { file: "x", readExternal: async () => new Uint8Array(0) }],
  upgradeModel: () => [onnx.fileOfGraph(graph())],
  planImport: () => [
    onnx.upgradeModel(onnx.fileOfGraph(graph())),
    { output: "y", cut: 1, parameters: () => true },
  ],
  withDynamicBatch: () => [[2, 3, 5].map((batch) => ({ batch, graph: graph() }))],
  differentiate: () => [...scalarGraph(), { target: "cpu" }],
  foldBatch: () => [scalarGraph()[0], { minBatch: 8, all: true }],
  lowerFolded: () => [scalarGraph()[0]],
  lowerConvolutions: () => [scalarGraph()[0]],
  lowerScalarOperands: () => [scalarGraph()[0]],
  poolBeforeRelu: () => [scalarGraph()[0]],
  sizeOf: () => [[2, 3]],
  sizeOfValue: () => [scalarGraph()[1]],
  allocate: () => ["float32", 3],
  tensor: () => ["float32", [2], [1, 2]],
  createSession: () => [graph(), { provider: "cpu", threads: 1, worker: false }],
  createRawSession: () => [onnx.encodeModel(graph()), { provider: "cpu", threads: 1, optimize: true }],
  linear: () => [2, 3, { bias: true, weightInit: nn.normalInit() }],
  conv2d: () => [2, 4, { kernelSize: 3, stride: 1, padding: 1, dilation: 1, groups: 2, bias: true }],
  conv1d: () => [2, 4, { kernelSize: 3, stride: 1, padding: 1, dilation: 1, groups: 2, bias: true }],
  convTranspose2d: () => [2, 4, { kernelSize: 3, stride: 2, outputPadding: 1 }],
  embedding: () => [5, 3, { paddingIdx: 1 }],
  lstm: () => [2, 3, { numLayers: 2, bidirectional: true, output: "last" }],
  gru: () => [2, 3, { numLayers: 2, dropout: 0.1, batchFirst: false }],
  multiheadAttention: () => [4, 2, { dropout: 0.1, causal: true }],
  transformerEncoderLayer: () => [4, 2, { activation: "gelu", dimFeedforward: 8 }],
  transformerEncoder: () => [[nn.relu()], { norm: nn.layerNorm(4) }],
  sequential: () => [nn.relu(), nn.linear(2, 2)],
  batchNorm2d: () => [3, { eps: 1e-5, momentum: 0.1 }],
  groupNorm: () => [2, 4, { eps: 1e-5 }],
  resnet: () => [{ layers: [1, 1, 1, 1], block: "basic", stem: "small", width: 8 }],
  smallCnn: () => [{ channels: [4, 8], batchNorm: true }],
  modelOf: () => [nn.linear(2, 2)],
  initialTensors: () => [model(), 0],
  crossEntropy: () => [{ labelSmoothing: 0.1, weight: [1, 2], ignoreIndex: 1, axis: 1 }],
  bceWithLogits: () => [{ posWeight: [1, 2] }],
  adam: () => [{ mom: 0.9, sqrMom: 0.9, eps: 1e-8, wd: 0, decoupleWd: true }],
  sgd: () => [{ mom: 0.9, wd: 0, nesterov: true }],
  clipGradNorm: () => [1],
  f1Score: () => [{ average: "macro", positive: 1 }],
  buildTrainingGraph: () => [
    {
      ...forwardParts(),
      optimizer: nn.sgd(),
      groups: [{ name: "all", parameters: model().parameters.map(({ name }) => name) }],
      trained: new Set(["weight"]),
      decayed: new Set(),
      heldBuffers: new Set(),
      gradientTransform: nn.clipGradNorm(1),
      mode: "step",
      target: "cpu",
    },
  ],
  buildEvaluationGraph: () => [{ ...forwardParts(), target: "cpu" }],
  uniform: () => [key, 1],
  normal: () => [key, 1],
  randomUint32: () => [key, 1],
  fillUniform: () => [new Float32Array(4), key, { low: 0, high: 1 }],
  fillNormal: () => [new Float32Array(4), key, { mean: 0, std: 1 }],
  fillDropoutMask: () => [new Float32Array(4), { keepProb: 0.5, scale: 2 }, key],
  permutation: () => [5, key],
  RandomSequence: () => [key],
  arrayDataset: () => [
    { ...images, classes: ["a", "b"], normalize: { mean: [0], std: [1] }, augment: [data.flip()] },
  ],
  imageDataLoadersFromArrays: () => [{ ...images, ...batches, normalize: "train", classes: 2 }],
  tensorDataset: () => [
    { inputs: [x32()], targets: [y32()], vocab: ["a", "b"], origin: (row: number) => ({ row }) },
  ],
  dataLoaders: () => [dataset(), { ...batches, labels: [0, 1, 0, 1, 0, 1, 0, 1] }],
  DataLoader: () => [
    {
      dataset: dataset(),
      batchSize: 2,
      shuffle: true,
      dropLast: true,
      seed: 0,
      training: true,
      sampler: data.shuffleSampler(8),
    },
  ],
  prefetch: () => [dls().train, { epoch: 0, step: 0, ahead: 1, spare: [] }],
  splitRows: () => [10, { validPct: 0.2, seed: 0 }, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]],
  randomSplit: () => [10, { validPct: 0.2, seed: 0 }],
  stratifiedSplit: () => [["a", "b", "a", "b"], { validPct: 0.5, seed: 0 }],
  kFold: () => [10, { k: 2, fold: 0, seed: 0, labels: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1] }],
  subset: () => [dataset(), [0, 1]],
  weightedSampler: () => [[1, 2], { length: 2 }],
  balancedWeights: () => [["a", "b"]],
  channelStats: () => [{ images: pixels, shape: [1, 4, 4] }, { rows: [0, 1] }],
  readTable: () => [rows, { delimiter: "," }],
  tabularDataLoaders: () => [
    {
      source: rows,
      catNames: ["a"],
      contNames: ["b"],
      yNames: "y",
      yBlock: "category",
      procs: [data.categorify],
      missing: [""],
      ...batches,
    },
  ],
  collabDataLoaders: () => [
    { source: rows, userName: "u", itemName: "i", ratingName: "r", yRange: [0, 6], ...batches },
  ],
  textDataLoaders: () => [
    {
      source: rows,
      textCol: "t",
      labelCol: "y",
      minFreq: 1,
      maxLength: 8,
      vocabSize: 50,
      locale: "en",
      ...batches,
    },
  ],
  imageDataLoadersFromFolder: () => [{ path: "nowhere", size: 8, ...batches }],
  imageDataLoadersFromIdx: () => [{ images: new Uint8Array(4), labels: new Uint8Array(4), ...batches }],
  parseIdx: () => [new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7]), "x"],
  readIdx: () => [new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7]), { name: "x" }],
  resizeImage: () => [raw, { size: 2, method: "crop" }],
  rotate: () => [{ maxDegrees: 10, p: 0.5, padMode: "zeros" }],
  randomCrop: () => [{ size: 2, padding: 1 }],
  lighting: () => [{ maxLighting: 0.2, p: 0.5 }],
  flip: () => [{ p: 0.5 }],
  embeddingSize: () => [10],
  tokenizer: () => [{ locale: "en", caseTokens: true }],
  processorFromJSON: () => [{ kind: "text", version: 1 }],
  sequentialSampler: () => [5],
  shuffleSampler: () => [5],
  ImageProcessor: () => [
    {
      shape: [1, 4, 4],
      resize: null,
      augment: [],
      normalization: { scale: 1, mean: [0], std: [1] },
      vocab: [],
    },
  ],
  Learner: () => [parts()],
  tabularModel: () => [
    { embeddings: [[3, 2]], continuous: 1, outputs: 2 },
    { layers: [4], ps: 0.1, embDrop: 0.1, yRange: [0, 1] },
  ],
  embeddingDotBias: () => [
    { users: 3, items: 3 },
    { nFactors: 2, yRange: [0, 1] },
  ],
  bagClassifier: () => [sizes, { embSize: 4, drop: 0.1 }],
  lstmClassifier: () => [sizes, { embSize: 4, hidden: 4, numLayers: 1 }],
  transformerClassifier: () => [sizes, { dModel: 4, heads: 2, numLayers: 1 }],
  createHead: () => [4, 2, { pool: "avg", linFtrs: [4], ps: 0.1, bn: true, yRange: [0, 1] }],
  loadModel: () => [onnx.encodeModel(graph()), { output: "y", head: nn.relu(), file: "x", groups: [""] }],
  exportModel: () => [
    model(),
    learner.initialState(model(), 0),
    {
      inputs: [{ dtype: "float32", itemShape: [2] }],
      inputNames: ["x"],
      outputName: "y",
      batchSize: 2,
      externalData: true,
      externalName: "z",
    },
  ],
  initialState: () => [model(), 0],
  ratesOf: () => [{ from: 1e-4, to: 1e-2 }, 3, "fit"],
  oneCycle: () => [1e-2, { div: 25, divFinal: 1e5, pctStart: 0.25 }],
  oneCycleMomentum: () => [[0.95, 0.85, 0.95], 0.25],
  flatCos: () => [1e-2, { divFinal: 1e5, pctStart: 0.75 }],
  sgdr: () => [1e-2, { nCycles: 2, cycleLen: 1, cycleMult: 2 }],
  sgdrEpochs: () => [{ nCycles: 2, cycleLen: 1, cycleMult: 2 }],
  cosineSchedule: () => [1, 0],
  linearSchedule: () => [1, 0],
  combineSchedules: () => [
    [
      { pct: 0.5, schedule: () => 1 },
      { pct: 0.5, schedule: () => 1 },
    ],
  ],
  earlyStopping: () => [{ monitor: "accuracy", better: "larger", minDelta: 0, patience: 1 }],
  mixUp: () => [{ alpha: 0.4 }],
  cutMix: () => [{ alpha: 1 }],
  mixedLoss: () => [nn.mse()],
  beta: () => [new RandomSequence(key), 1, 2],
  reduceLrOnPlateau: () => [{ monitor: "accuracy", patience: 1, factor: 2, minLr: 0 }],
  saveBest: () => [{ path: "best", monitor: "accuracy", restore: true }],
  paramScheduler: () => [{ lr: () => 1, mom: () => 0.9, wd: [() => 0] }],
  encodeSafetensors: () => [{ tensors: new Map([["a", x32()]]), metadata: { a: "b" } }],
  decodeSafetensors: () => [new Uint8Array(20), "x"],
  progress: () => ["x", new PassThrough()],
  progressCallback: () => [{ bar: new PassThrough(), table: new PassThrough() }],
  suggestionTable: () => [result.suggestions, [finder.valley]],
  "Learner.fit": () => [0, { ...fit, lr: 1e-2 }],
  "Learner.fitOneCycle": () => [
    0,
    { ...fit, lrMax: 1e-2, moms: [0.9, 0.8, 0.9], div: 25, divFinal: 10, pctStart: 0.5 },
  ],
  "Learner.fitFlatCos": () => [0, { ...fit, lr: 1e-2, divFinal: 10, pctStart: 0.5 }],
  "Learner.fitSgdr": () => [1, 1, { ...fit, lrMax: 1e-2, cycleMult: 1 }],
  "Learner.fineTune": () => [0, { freezeEpochs: 0, baseLr: 1e-2, lrMult: 2 }],
  "Learner.tta": () => [{ n: 1, beta: 0.5, loader: dls().train, signal: fit.signal }],
  "Learner.lrFind": () => [{ numIt: 6, suggestFuncs: [finder.valley], seed: 0 }],
  "Learner.startTrial": () => [{ seed: 0, signal: fit.signal }],
  "Learner.freezeTo": () => [0],
  "Learner.validate": () => [{ loader: dls().train, signal: fit.signal }],
  "Learner.getPreds": () => [{ loader: dls().train }],
  "Learner.topLosses": () => [2, { loader: dls().train }],
  "Learner.confusionMatrix": () => [{ loader: dls().train }],
  "Learner.predict": () => [onnx.tensor("float32", [2], [1, 2])],
  "Learner.export": () => ["model.onnx", { batchSize: 2, externalData: false }],
  "Learner.save": () => ["state.safetensors"],
  "Learner.load": () => ["state.safetensors", { weightsOnly: true }],
  "DataLoader.with": () => [{ batchSize: 1, seed: 1 }],
  "DataLoader.rowsAt": () => [0, 0],
  "DataLoader.batchAt": () => [0, 0, {}],
  "DataLoader.sizeAt": () => [0],
  "DataLoader.epoch": () => [0],
  "Session.run": () => [{ x: onnx.tensor("float32", [2], [1, 2]) }, { into: {} }],
  "RawSession.run": () => [{ x: onnx.tensor("float32", [2], [1, 2]) }, ["y"]],
  "GraphBuilder.input": () => ["x", "float32", [2]],
  "GraphBuilder.constant": () => [x32(), "c"],
  "GraphBuilder.node": () => ["Relu", [scalarGraph()[1]], {}, { name: "n", outputs: 1 }],
  "GraphBuilder.op": () => ["Clip", [scalarGraph()[1]], {}, {}],
  "GraphBuilder.add": () => [scalarGraph()[1], 1],
  "GraphBuilder.where": () => [scalarGraph()[1], 1, 2],
  "GraphBuilder.reshape": () => [scalarGraph()[1], [1]],
  "GraphBuilder.transpose": () => [scalarGraph()[1], []],
  "GraphBuilder.slice": () => [scalarGraph()[2][0], [0], [1], [0], [1]],
  "GraphBuilder.concat": () => [scalarGraph()[2], 0],
  "GraphBuilder.reduceSum": () => [scalarGraph()[1], [], { keepDims: true }],
  "GraphBuilder.build": () => [{ y: scalarGraph()[1] }, { name: "g" }],
  "valley.with": () => [{}],
  "slide.with": () => [{ lrDiff: 3, thresh: 0.1, adjustValue: 1 }],
  "valley.suggest": () => [{ lr: column, loss: column, curve }],
  "TextProcessor.fit": () => [["one two"], { minFreq: 1, vocab: ["a"] }],
  "TabularProcessor.fit": async () => [await data.readTable(rows), [0, 1], { catNames: ["a"], yNames: "y" }],
};

/** Classes whose constructor is private in TypeScript, or internal. */
const HIDDEN = new Set(["TabularProcessor", "TextProcessor", "LoadedLearner"]);

interface Target {
  readonly name: string;
  readonly call: (args: Args) => unknown;
}

let folder: string;
let home: string;
beforeAll(() => {
  // Paths among the wrong types name files in the current folder.
  home = process.cwd();
  folder = mkdtempSync(join(tmpdir(), "lrfind-"));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** All functions and classes of all entry points, and the static methods of these. */
async function exported(): Promise<Target[]> {
  const found: Target[] = [];
  const entries = PACKAGES.flatMap((folder) =>
    entriesOf(manifestOf(folder)).map((entry) => `../${folder}/src/${entry}.ts`),
  );
  for (const source of entries.filter(
    (entry) => !/\/((core|draw|modules)\/index|internal)\.ts$/.test(entry),
  )) {
    const names = await import(/* @vite-ignore */ source);
    for (const [name, value] of Object.entries<unknown>(names)) {
      if (typeof value !== "function" || value.prototype instanceof Error) continue;
      if (!isClass(value)) found.push({ name, call: (args) => value(...args) });
      else {
        if (!HIDDEN.has(name))
          found.push({
            name,
            call: (args) => new (value as never as new (...args: Args) => unknown)(...args),
          });
        for (const own of Object.getOwnPropertyNames(value)) {
          const method = (value as never as Record<string, unknown>)[own];
          if (typeof method !== "function") continue;
          found.push({ name: `${name}.${own}`, call: (args) => method.apply(value, [...args]) });
        }
      }
    }
  }
  return found;
}

function isClass(value: unknown): boolean {
  return /^class[\s{]/.test(Function.prototype.toString.call(value));
}

/** The methods of what exports make, of a new one for each call. */
async function methods(): Promise<Target[]> {
  const learn = new learner.Learner(parts() as never);
  const session = await runtime.createSession(graph(), { threads: 1 });
  const rawSession = await runtime.createRawSession(onnx.encodeModel(graph()));
  const table = await data.tabularDataLoaders({
    source: rows,
    catNames: ["a"],
    contNames: ["b"],
    yNames: "y",
    validPct: 0,
    batchSize: 1,
  });
  const texts = await data.textDataLoaders({
    source: rows,
    textCol: "t",
    labelCol: "y",
    minFreq: 1,
    validPct: 0,
    batchSize: 1,
  });
  const made: [string, () => object][] = [
    ["Learner", () => learn],
    ["DataLoader", () => dls().train],
    ["GraphBuilder", () => new onnx.GraphBuilder()],
    ["Session", () => session],
    ["RawSession", () => rawSession],
    ["RandomSequence", () => new data.RandomSequence(key)],
    ["valley", () => finder.valley],
    ["slide", () => finder.slide],
    ["TabularProcessor", () => table.processor],
    ["TextProcessor", () => texts.processor],
    ["ImageProcessor", () => data.imageDataLoadersFromArrays({ ...images, batchSize: 1 } as never).processor],
    ["dataset", dataset],
  ];
  return made.flatMap(([name, make]) => {
    const names = new Set<string>();
    for (let at = make(); at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const own of Object.getOwnPropertyNames(at)) {
        const { value } = Object.getOwnPropertyDescriptor(at, own)!;
        if (typeof value === "function" && own !== "constructor") names.add(own);
      }
    }
    // What TypeScript hides is not for callers.
    names.delete("validateState");
    return [...names].map(
      (method): Target => ({
        name: `${name}.${method}`,
        call(args) {
          const object = make() as Record<string, (...args: Args) => unknown>;
          return object[method]!(...args);
        },
      }),
    );
  });
}

/** Takes what a call gives to its end: a promise, or the first of a generator. */
async function settled(value: unknown): Promise<void> {
  const given = await value;
  if (typeof given !== "object" || given === null || given instanceof Promise) return;
  const { next, return: end } = given as Partial<AsyncGenerator>;
  if (typeof next !== "function") return;
  await next.call(given);
  await end?.call(given, undefined);
}

const isOurs = (error: unknown) =>
  (error instanceof LrfindError && !error.message.startsWith("internal:")) || error instanceof Callers;

test(`${CALLS} calls with wrong types: what is thrown is an error of the project`, {
  timeout: 120_000,
}, async () => {
  const random = new RandomSequence({ seed: Number(process.env["LRFIND_FUZZ_SEED"] ?? 1) });
  const junk = () => JUNK[random.int(JUNK.length)]!();
  const targets = [...(await exported()), ...(await methods())];
  const faults = new Map<string, string>();
  for (let i = 0; i < CALLS; i++) {
    const { name, call } = targets[i % targets.length]!;
    const args = [...((await VALID[name]?.()) ?? [])];
    if (args.length === 0 || random.int(8) === 0) {
      args.splice(0, args.length, ...Array.from({ length: random.int(4) }, junk));
    } else {
      const at = random.int(args.length);
      const options = args[at];
      const names = isOptions(options) ? Object.keys(options) : [];
      // Mostly one option of an object: the others get it past the first check.
      if (names.length > 0 && random.int(4) > 0) {
        const option = random.int(6) === 0 ? "unknown" : names[random.int(names.length)]!;
        args[at] = { ...(options as object), [option]: junk() };
      } else args[at] = junk();
    }
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("it hangs")), PATIENCE_MS);
    });
    try {
      await Promise.race([hang, (async () => settled(call(args)))()]);
    } catch (error) {
      if (isOurs(error)) continue;
      const { stack = String(error) } = error as Error;
      const where = stack.split("\n").find((line) => line.includes("/src/"));
      faults.set(`${name}: ${where}`, `${name}(${args.map(shown).join(", ")}): ${String(error)} ${where}`);
    } finally {
      clearTimeout(timer);
    }
  }
  expect([...faults.values()]).toEqual([]);
});

function isOptions(value: unknown): value is Record<string, unknown> {
  if (value === proxy) return false;
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function shown(value: unknown): string {
  try {
    if (!isOptions(value)) return describe(value);
    const parts = Object.entries(value).map(([name, part]) => `${name}: ${describe(part)}`);
    return `{ ${parts.join(", ")} }`;
  } catch {
    return "an object that cannot be read";
  }
}

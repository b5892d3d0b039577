import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createCanvas } from "@napi-rs/canvas";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sources } from "../../../../test/support/sources.js";
import { encodeModelFile, tensor } from "../../../engine/src/onnx/index.js";
import {
  collabDataLoaders,
  decodeImage,
  type FileSource,
  ImageProcessor,
  imageDataLoadersFromIdx,
  readIdx,
  readTable,
  tabularDataLoaders,
  textDataLoaders,
} from "../../src/data/index.js";
import { loadModel, visionLearner } from "../../src/learner/index.js";
import { idxFile } from "../data/read/idx-file.js";
import { groupedLearner } from "./grouped.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sources-"));
});
afterAll(() => rm(folder, { recursive: true }));

const text = (content: string) => new TextEncoder().encode(content);
const names = Array.from({ length: 300 }, (_, i) => `name ${i % 7}`);
const table = ["who,what,much", ...names.map((name, i) => `${name},thing ${i % 11},${i % 5}`)].join("\n");
const parquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: "who", data: names, type: "STRING" },
      { name: "much", data: names.map((_, i) => i / 4), type: "DOUBLE" },
    ],
  }),
);
const png = () => {
  const canvas = createCanvas(9, 7);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 9; i++) {
    context.fillStyle = `rgb(${20 * i}, ${10 * i}, 200)`;
    context.fillRect(i, 0, 1, 7);
  }
  return new Uint8Array(canvas.toBuffer("image/png"));
};
const onnx = (inputs: readonly (string | number)[], weight: readonly number[]) =>
  encodeModelFile({
    file: "m.onnx",
    producer: "test",
    graphName: "m",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: inputs }],
    outputs: [{ name: "y", dtype: "float32", shape: ["batch", 3] }],
    initializers: new Map([
      [
        "w",
        tensor(
          "float32",
          weight,
          Array.from({ length: 12 }, (_, i) => i / 8),
        ),
      ],
    ]),
    nodes: [
      {
        name: "flatten",
        opType: "Flatten",
        domain: "",
        inputs: ["x"],
        outputs: ["f"],
        attributes: { axis: 1 },
      },
      { name: "gemm", opType: "Gemm", domain: "", inputs: ["f", "w"], outputs: ["y"], attributes: {} },
    ],
  }).model;

const images = idxFile(
  "uint8",
  [40, 2, 2],
  Array.from({ length: 160 }, (_, i) => i),
);
const labels = idxFile(
  "uint8",
  [40],
  Array.from({ length: 40 }, (_, i) => i % 3),
);
const float = idxFile(
  "float32",
  [5, 3],
  Array.from({ length: 15 }, (_, i) => i / 3),
);
const saved = async () => {
  await using learner = groupedLearner();
  const path = join(folder, "saved.safetensors");
  await learner.save(path);
  return new Uint8Array(await import("node:fs").then((fs) => fs.readFileSync(path)));
};

/** Every reader of a file: the bytes it is to read, and what it makes of them, as plain data. */
const readers: Record<
  string,
  { bytes: () => Uint8Array | Promise<Uint8Array>; read: (source: FileSource) => Promise<unknown> }
> = {
  "readTable, CSV": { bytes: () => text(table), read: async (source) => columns(await readTable(source)) },
  "readTable, gzipped CSV": {
    bytes: () => new Uint8Array(gzipSync(table)),
    read: async (source) => columns(await readTable(source)),
  },
  "readTable, Parquet": { bytes: () => parquet, read: async (source) => columns(await readTable(source)) },
  "readTable, gzipped Parquet": {
    bytes: () => new Uint8Array(gzipSync(parquet)),
    read: async (source) => columns(await readTable(source)),
  },
  "readIdx, bytes": { bytes: () => images, read: (source) => readIdx(source) },
  "readIdx, floats": { bytes: () => float, read: (source) => readIdx(source) },
  "readIdx, gzipped": { bytes: () => new Uint8Array(gzipSync(float)), read: (source) => readIdx(source) },
  decodeImage: { bytes: png, read: (source) => decodeImage(source) },
  "ImageProcessor.processImage": {
    bytes: png,
    read: (source) =>
      new ImageProcessor({
        shape: [3, 7, 9],
        resize: null,
        augment: [],
        normalization: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
        vocab: [],
      }).processImage(source),
  },
  "imageDataLoadersFromIdx, images": {
    bytes: () => images,
    read: async (source) =>
      (await imageDataLoadersFromIdx({ images: source, labels, batchSize: 8 })).train.batchAt(0, 0),
  },
  "imageDataLoadersFromIdx, labels": {
    bytes: () => labels,
    read: async (source) =>
      (await imageDataLoadersFromIdx({ images, labels: source, batchSize: 8 })).train.batchAt(0, 0),
  },
  tabularDataLoaders: {
    bytes: () => parquet,
    read: async (source) =>
      (await tabularDataLoaders({ source, catNames: ["who"], yNames: "much" })).train.batchAt(0, 0),
  },
  collabDataLoaders: {
    bytes: () => text(table),
    read: async (source) => (await collabDataLoaders({ source })).train.batchAt(0, 0),
  },
  textDataLoaders: {
    bytes: () => text(table),
    read: async (source) =>
      (await textDataLoaders({ source, textCol: "what", labelCol: "who" })).train.batchAt(0, 0),
  },
  loadModel: {
    bytes: () => onnx(["batch", 4], [4, 3]),
    read: async (source) => (await loadModel(source)).parameters.map((p) => [p.name, p.shape]),
  },
  visionLearner: {
    bytes: () => onnx(["batch", 1, 2, 2], [4, 3]),
    read: async (source) => {
      const dls = await imageDataLoadersFromIdx({ images, labels, batchSize: 8 });
      await using learner = await visionLearner(dls, source, { cut: "y", head: { linFtrs: [] } });
      return learner.model.parameters.map((p) => p.name);
    },
  },
  "Learner.load": {
    bytes: saved,
    read: async (source) => {
      await using learner = groupedLearner();
      await learner.load(source);
      return [...Object.entries(learner.state.tensors)].map(([name, { data }]) => [name, [...data]]);
    },
  },
};

function columns({ values }: Awaited<ReturnType<typeof readTable>>): unknown {
  return [...values];
}

describe.each(Object.entries(readers))("%s", (_, { bytes, read }) => {
  test.each(Object.entries(sources))("reads the same from a %s", async (_, make) => {
    const whole = await bytes();
    const expected = await read(Uint8Array.from(whole));
    expect(await read(await make(whole, folder))).toEqual(expected);
  });

  test.each([
    ["another URL", () => new URL("https://example.org/x"), "fetch"],
    ["another URL as a text", () => "https://example.org/x", "fetch"],
    ["a path where there is nothing", () => "/no/such/file", "/no/such/file"],
    ["a folder", () => ".", "EISDIR"],
    ["a stream of texts", () => createReadStream("package.json", "utf8"), "a stream without an encoding"],
    [
      "a stream of something else",
      () => new ReadableStream({ start: (to) => to.enqueue(1) }),
      "a stream of bytes",
    ],
    [
      "a stream that fails",
      () => new ReadableStream({ pull: () => Promise.reject(new Error("torn")) }),
      "torn",
    ],
    ["an array of floats", () => new Float32Array(3), "Float32Array(3)"],
  ])("refuses %s in words of its own", async (_, source, message) => {
    const error = await read(source() as FileSource).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: expect.stringMatching(/^(Data|Learner)Error$/) });
    expect((error as Error).message).toContain(message);
  });
});

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCanvas } from "@napi-rs/canvas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bceWithLogits,
  crossEntropy,
  linear,
  modelOf,
  sequential,
  smallCnn,
} from "../../../../engine/src/nn/index.js";
import { withMetadata } from "../../../../engine/src/onnx/file/metadata.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import { normal } from "../../../../engine/src/random/index.js";
import type { DataLoaders, Processor, RawImage, TableRow } from "../../../src/data/index.js";
import {
  dataLoaders,
  ImageProcessor,
  imageDataLoadersFromArrays,
  imageDataLoadersFromFolder,
  TextProcessor,
  tensorDataset,
} from "../../../src/data/index.js";
import type { Prediction, RawItem } from "../../../src/learner/index.js";
import {
  bagClassifier,
  collabLearner,
  exportModel,
  Learner,
  LearnerError,
  loadLearner,
  tabularLearner,
  textLearner,
  visionLearner,
} from "../../../src/learner/index.js";
import { answers, runtime, shapes, tastes } from "../ready-learners.js";
import { cornerLearner } from "../toy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-load-learner-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Pictures that are bright above or below. */
function pictures() {
  const labels = Array.from({ length: 32 }, (_, i) => i % 2);
  const images = Float32Array.from({ length: 32 * 64 }, (_, i) => {
    const bright = i % 64 < 32 === (labels[Math.floor(i / 64)] === 0);
    return 0.3 * Math.abs(normal({ seed: 5, stream: "images" }, i)) + (bright ? 0.5 : 0);
  });
  return imageDataLoadersFromArrays({
    images,
    shape: [1, 8, 8],
    labels,
    classes: ["upper", "lower"],
    batchSize: 8,
  });
}

const image = (seed: number): RawImage => ({
  shape: [1, 8, 8],
  data: Float32Array.from({ length: 64 }, (_, i) => Math.abs(normal({ seed, stream: "image" }, i)) % 1),
});

const words = ["red", "round", "big"];
/** Texts that name any number of properties. */
function properties(): DataLoaders {
  const texts = Array.from(
    { length: 32 },
    (_, i) => `it is ${words.filter((_, w) => (i >> w) & 1).join(" ")}`,
  );
  const processor = TextProcessor.fit(texts, { minFreq: 1, vocab: words });
  const hot = tensor(
    "float32",
    [32, 3],
    texts.flatMap((text) => words.map((word) => Number(text.includes(word)))),
  );
  const dataset = tensorDataset({ inputs: [processor.inputs(texts)], targets: [hot] });
  return { ...dataLoaders(dataset, { batchSize: 8 }), vocab: words, processor: processor as Processor };
}

/** A learner of each kind, and raw items for it. */
const kinds: Record<
  string,
  () => Promise<{ learn: Learner; items: readonly unknown[]; keys: readonly string[] }>
> = {
  vision: async () => ({
    learn: await visionLearner(pictures(), (o) => smallCnn({ ...o, channels: [4, 8] }), { runtime }),
    items: [image(1), image(2), image(3)],
    keys: ["output", "probabilities", "index", "label"],
  }),
  "a class from a table": async () => ({
    learn: tabularLearner(await shapes(), { layers: [8], runtime }),
    items: [
      { color: "red", size: 1.5, weight: 0 },
      { color: null, size: null, weight: 1 },
      { color: "mauve", size: -1, weight: 2 },
    ],
    keys: ["output", "probabilities", "index", "label"],
  }),
  "a number from a table": async () => ({
    learn: tabularLearner(await shapes("regression"), { layers: [8], runtime }),
    items: [
      { color: "red", size: 1.5, weight: 0 },
      { color: "blue", size: null, weight: 1 },
    ],
    keys: ["output", "numbers"],
  }),
  ratings: async () => ({
    learn: collabLearner(await tastes(), { nFactors: 5, runtime }),
    items: [
      { user: "u1", item: "i1" },
      { user: "nobody", item: "i2" },
    ],
    keys: ["output", "numbers"],
  }),
  "texts by LSTM": async () => ({
    learn: textLearner(await answers(), { arch: "lstm", embSize: 8, hidden: 8, runtime }),
    items: ["la la yes", "no", ""],
    keys: ["output", "probabilities", "index", "label"],
  }),
  "texts by transformer": async () => ({
    learn: textLearner(await answers(), { arch: "transformer", dModel: 8, heads: 2, numLayers: 1, runtime }),
    items: ["la la yes", "no", ""],
    keys: ["output", "probabilities", "index", "label"],
  }),
  "several labels": async () => {
    const dls = properties();
    const sizes = {
      tokens: (dls.processor as TextProcessor).spec.tokens.length,
      padIndex: 1,
      maxLength: 8,
      outputs: 3,
    };
    const model = modelOf(bagClassifier(sizes, { embSize: 8 }));
    return {
      learn: new Learner({ dls, model, lossFunc: bceWithLogits(), runtime }),
      items: ["it is red big", "it is", "it is round red big"],
      keys: ["output", "probabilities", "indices", "labels"],
    };
  },
};

function expectSame(actual: Prediction, expected: Prediction): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  const { output, probabilities = [], numbers = [], ...rest } = actual;
  expect(output.shape).toEqual(expected.output.shape);
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    expect(a.length).toBe(b.length);
    for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 5);
  };
  close(output.data as Float32Array, expected.output.data as Float32Array);
  close(probabilities, expected.probabilities ?? []);
  close(numbers, expected.numbers ?? []);
  expect(rest).toEqual({ ...expected, output: undefined, probabilities: undefined, numbers: undefined });
}

describe("loadLearner predicts what the learner that exported predicts", () => {
  for (const [kind, make] of Object.entries(kinds)) {
    test.each([
      ["any batch size", {}],
      ["a fixed batch size", { batchSize: 2 }],
      ["external data", { externalData: true }],
    ])(`${kind}, with %s`, async (_, options) => {
      const { learn, items, keys } = await make();
      await using _learn = learn;
      await learn.fit(2, { lr: 0.05 });
      const path = join(folder, `${kind.replaceAll(" ", "-")}.onnx`);
      await learn.export(path, options);
      await using loaded = await loadLearner(path, { threads: 1 });
      const many = await loaded.predict(items as readonly RawItem[]);
      expect(many.length).toBe(items.length);
      for (const [i, item] of items.entries()) {
        const expected = await learn.predict(item);
        expect(Object.keys(expected)).toEqual(keys);
        expectSame(many[i]!, expected);
        expectSame(await loaded.predict(item as RawItem), expected);
      }
      expect(await loaded.predict([])).toEqual([]);
      expect(loaded.vocab).toEqual(learn.dls.vocab);
      expect(loaded.processor.toJSON()).toEqual(JSON.parse(JSON.stringify(learn.dls.processor)));
    });
  }

  test("from an image file and its bytes", async () => {
    const dls = pictures();
    const path = join(folder, "picture.onnx");
    await using learn = await visionLearner(dls, (o) => smallCnn({ ...o, channels: [4, 8] }), { runtime });
    await learn.export(path);
    await using loaded = await loadLearner(await readFile(path));
    expect(loaded.processor).toBeInstanceOf(ImageProcessor);
    expectSame(await loaded.predict(image(4)), await learn.predict(image(4)));
  });

  test("of image files, by path, URL and bytes, one or many", async () => {
    const images = join(folder, "images");
    const paths: string[] = [];
    for (const colour of ["red", "blue"]) {
      await mkdir(join(images, colour), { recursive: true });
      for (let i = 0; i < 4; i++) {
        const canvas = createCanvas(12, 9);
        const context = canvas.getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, i, 12, 9);
        paths.push(join(images, colour, `${i}.png`));
        await writeFile(paths.at(-1)!, canvas.toBuffer("image/png"));
      }
    }
    const dls = await imageDataLoadersFromFolder({
      path: images,
      size: 8,
      batchSize: 4,
      validPct: 0.25,
      seed: 1,
    });
    await using learn = await visionLearner(dls, (o) => smallCnn({ ...o, channels: [4, 8] }), { runtime });
    await learn.fit(2, { lr: 0.01 });
    const path = join(folder, "files.onnx");
    await learn.export(path);
    await using loaded = await loadLearner<string | URL | Uint8Array>(path, { threads: 1 });
    const many = await loaded.predict(paths);
    expect(new Set(many.map(({ label }) => label)).size).toBeGreaterThan(0);
    for (const [i, file] of paths.entries()) {
      const expected = await learn.predict(file);
      expectSame(many[i]!, expected);
      expectSame(await loaded.predict(pathToFileURL(file)), expected);
      expectSame(await loaded.predict(await readFile(file)), expected);
    }
    await expect(loaded.predict(join(images, "none.png"))).rejects.toThrow(/none\.png/);
  });

  test("with the softmax that a model ends in, once", async () => {
    const dls = await shapes();
    await using learn = tabularLearner(dls, { layers: [8], runtime });
    const { softmax } = await import("../../../../engine/src/nn/index.js");
    await using ended = new Learner({
      dls,
      lossFunc: crossEntropy(),
      runtime,
      model: sequential2(learn, softmax({ axis: 1 })),
    });
    const path = join(folder, "ended.onnx");
    await ended.export(path);
    await using loaded = await loadLearner<TableRow>(path);
    const row = { color: "red", size: 1.5, weight: 0 };
    const { probabilities, output } = await loaded.predict(row);
    expect(probabilities![0]).toBeCloseTo(output.data[0] as number, 6);
    expectSame(await loaded.predict(row), await ended.predict(row));
  });
});

/** A learner's model with a layer after it. */
function sequential2({ model }: Learner, layer: ReturnType<typeof linear>) {
  const last = modelOf(layer);
  return {
    ...model,
    forward: (context: Parameters<typeof model.forward>[0], inputs: Parameters<typeof model.forward>[1]) =>
      last.forward(context, [model.forward(context, inputs)]),
  };
}

describe("labels of which any number may hold", () => {
  test("are those above the threshold, with a probability each", async () => {
    const { learn } = await kinds["several labels"]!();
    await using _learn = learn;
    await learn.fit(60, { lr: 0.05 });
    const all = await learn.predict("it is red big round");
    expect(all.labels).toEqual(words);
    expect((await learn.predict("it is")).labels).toEqual([]);
    const { labels, indices, probabilities, output } = await learn.predict("it is red round");
    expect(labels).toEqual(["red", "round"]);
    expect(indices).toEqual([0, 1]);
    probabilities!.forEach((p, i) => {
      expect(p).toBeCloseTo(1 / (1 + Math.exp(-(output.data[i] as number))), 6);
    });
    const path = join(folder, "labels.onnx");
    await learn.export(path);
    await using loaded = await loadLearner<string>(path);
    expect((await loaded.predict("it is red round")).labels).toEqual(["red", "round"]);
    expect((await loaded.predict("it is red round", { threshold: 0 })).labels).toEqual(words);
    expect((await learn.predict("it is red round", { threshold: 1 })).labels).toEqual([]);
    for (const model of [learn, loaded]) {
      await expect(model.predict("it", { threshold: 2 })).rejects.toThrow(
        "predict: expected threshold to be a finite number in [0, 1], got 2",
      );
      await expect(model.predict("it", { treshold: 0.2 } as never)).rejects.toThrow("threshold");
    }
  });
});

describe("loadLearner refuses", () => {
  const model = modelOf(sequential(linear(4, 2)));
  const inputs = [{ dtype: "float32", itemShape: [4] }] as const;

  test("a model of somebody else", async () => {
    const { model: bytes } = await exportModel(model, undefined, { inputs });
    const path = join(folder, "foreign.onnx");
    await writeFile(path, bytes);
    await expect(loadLearner(path)).rejects.toThrow(
      /loadLearner "foreign.onnx": expected a model exported by a learner.*got a model without lrfind's metadata; try loadModel/,
    );
  });

  test("an export without a processor", async () => {
    await using learn = cornerLearner();
    const path = join(folder, "toy.onnx");
    await learn.export(path);
    await expect(loadLearner(path)).rejects.toThrow(/got one whose data loaders had no processor/);
  });

  test("metadata that cannot be used", async () => {
    const dls = await shapes();
    await using learn = tabularLearner(dls, { layers: [8], runtime });
    const path = join(folder, "table.onnx");
    await learn.export(path);
    const bytes = await readFile(path);
    const meaning = "expected lrfind.output with a kind and an activation, got ";
    const again = "; try exporting it again";
    const cases: readonly (readonly [name: string, text: string, message: string])[] = [
      ["lrfind.processor", "{", "expected JSON as lrfind.processor, got "],
      ["lrfind.output", "]", "expected JSON as lrfind.output, got "],
      ["lrfind.output", "null", `${meaning}null${again}`],
      ["lrfind.output", "3", `${meaning}3${again}`],
      ["lrfind.output", '{"kind":"class"}', `${meaning}an object${again}`],
      ["lrfind.output", '{"activation":"none"}', meaning],
      ["lrfind.output", '{"kind":"classes","activation":"none"}', meaning],
      ["lrfind.output", '{"kind":"class","activation":"tanh"}', meaning],
      ["lrfind.vocab", "[1]", "expected lrfind.vocab to be an array of texts, got [1]"],
      ["lrfind.vocab", '"yes"', 'expected lrfind.vocab to be an array of texts, got "yes"'],
      ["lrfind.vocab", '["yes",null]', "expected lrfind.vocab to be an array of texts"],
      ["lrfind.batchSize", "x", "expected JSON as lrfind.batchSize, got "],
    ];
    for (const [name, text, message] of cases) {
      const error = await loadLearner(withMetadata(bytes, { [name]: text })).catch(
        (caught: unknown) => caught,
      );
      expect(error, `${name} ${text}`).toBeInstanceOf(LearnerError);
      expect((error as LearnerError).where).toBe('loadLearner "model.onnx"');
      expect((error as LearnerError).message).toContain(message);
      if (message.startsWith("expected JSON")) expect((error as Error).cause).toBeInstanceOf(SyntaxError);
    }
    for (const kind of ["class", "labels", "numbers"]) {
      for (const activation of ["softmax", "sigmoid", "exp", "none"]) {
        const text = JSON.stringify({ kind, activation, more: 1 });
        await using loaded = await loadLearner(withMetadata(bytes, { "lrfind.output": text }));
        expect(loaded.meaning).toEqual({ kind, activation });
      }
    }
  });

  test("a file that is not there, is no model, or whose data are not beside it", async () => {
    await expect(loadLearner(join(folder, "none.onnx"))).rejects.toThrow(
      /loadLearner ".*none.onnx": expected a readable file, got ENOENT/,
    );
    await expect(loadLearner(new TextEncoder().encode("{}"))).rejects.toThrow(
      "expected an ONNX model, got a text file",
    );
    await using learn = collabLearner(await tastes(), { nFactors: 30, runtime });
    const path = join(folder, "split.onnx");
    const { paths } = await learn.export(path, { externalData: true });
    expect(paths.length).toBe(2);
    await expect(loadLearner(await readFile(path))).rejects.toThrow("loading it by its path");
    const data = await readFile(paths[1]!);
    data[0]! ^= 1;
    await writeFile(paths[1]!, data);
    await expect(loadLearner(path)).rejects.toThrow(/of another version of the model, or damaged/);
  });

  test("an option that it does not know", async () => {
    await expect(loadLearner("x.onnx", { thread: 1 } as never)).rejects.toThrow("threads");
  });
});

test("a loaded learner that has been disposed predicts nothing, and can be disposed again", async () => {
  const dls = await shapes();
  await using learn = tabularLearner(dls, { layers: [8], runtime });
  const path = join(folder, "disposed.onnx");
  await learn.export(path);
  const loaded = await loadLearner<TableRow>(path, { threads: 1 });
  await loaded[Symbol.asyncDispose]();
  await loaded[Symbol.asyncDispose]();
  const error = await loaded.predict([]).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LearnerError);
  expect((error as Error).message).toContain(
    "expected a loaded learner in use, got one that has been disposed",
  );
});

import { describe, expect, it } from "vitest";
import { imageDataLoadersFromIdx, randomSplit } from "../../../src/data/index.js";
import { idxFile } from "../read/idx-file.js";

const images = "examples/data/t10k-images-idx3-ubyte.gz";
const labels = "examples/data/t10k-labels-idx1-ubyte.gz";
const classes = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

describe("imageDataLoadersFromIdx", () => {
  it("loads Fashion-MNIST as images in [0, 1]", async () => {
    const { train, valid, vocab, normalization } = await imageDataLoadersFromIdx({ images, labels, classes });
    expect([train.dataset.length, valid!.dataset.length]).toEqual([8_000, 2_000]);
    expect(vocab).toEqual(classes);
    expect(normalization).toEqual({ scale: 1 / 255, mean: [0], std: [1] });
    const { inputs, targets } = await train.batchAt(0, 0);
    expect([inputs[0]!.dtype, inputs[0]!.shape]).toEqual(["float32", [64, 1, 28, 28]]);
    expect([targets[0]!.dtype, targets[0]!.shape]).toEqual(["int32", [64]]);
    const values = inputs[0]!.data as Float32Array;
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
  });

  it("normalises by the training part alone: the mean of an epoch is 0, its deviation 1", async () => {
    const dls = await imageDataLoadersFromIdx({
      images,
      labels,
      normalize: "train",
      batchSize: 100,
      seed: 3,
    });
    let [n, sum, squares] = [0, 0, 0];
    for await (const { inputs } of dls.train.epoch(0)) {
      for (const value of inputs[0]!.data as Float32Array) {
        n++;
        sum += value;
        squares += value * value;
      }
    }
    expect(n).toBe(8_000 * 784);
    // Single-precision values of order 1, rounded independently: far below 1e-6 on average.
    expect(sum / n).toBeCloseTo(0, 6);
    expect(squares / n).toBeCloseTo(1, 6);
  });

  it("measures the training part alone", async () => {
    const values = [0, 10, 20, 40, 80, 100, 130, 160, 200, 255];
    const dls = await imageDataLoadersFromIdx({
      images: idxFile("uint8", [10, 1, 1], values),
      labels: idxFile("uint8", [10], Array(10).fill(0)),
      normalize: "train",
      validPct: 0.5,
      batchSize: 5,
      seed: 8,
    });
    const train = [...randomSplit(10, { validPct: 0.5, seed: 8 }).train].map((row) => values[row]! / 255);
    const mean = train.reduce((a, b) => a + b) / 5;
    const std = Math.sqrt(train.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5);
    expect(dls.normalization.mean[0]).toBeCloseTo(mean, 12);
    expect(dls.normalization.std[0]).toBeCloseTo(std, 12);
  });

  it("takes channels, floats and a given mean and deviation", async () => {
    const dls = await imageDataLoadersFromIdx({
      images: idxFile("float32", [2, 2, 1, 1], [1, 2, 3, 4]),
      labels: idxFile("int32", [2], [1, 0]),
      normalize: { mean: [1, 2], std: [2, 1] },
      validPct: 0,
      batchSize: 2,
      shuffle: false,
    });
    expect(dls.valid).toBeUndefined();
    const { inputs, targets } = await dls.train.batchAt(0, 0);
    expect(inputs[0]!.shape).toEqual([2, 2, 1, 1]);
    const byLabel = [...(targets[0]!.data as Int32Array)].map((label, i) => [
      label,
      [...(inputs[0]!.data as Float32Array).subarray(2 * i, 2 * i + 2)],
    ]);
    expect(Object.fromEntries(byLabel)).toEqual({ 1: [0, 0], 0: [1, 2] });
  });

  it.each<[number[], number[], string | undefined]>([
    [[2, 1, 1], [2], undefined],
    [[2, 3, 1, 1], [2], undefined],
    [
      [2, 1],
      [2],
      "images: expected images of [n, height, width] or [n, channels, height, width], each at least 1, got [2, 1]",
    ],
    [[2, 1, 1, 1, 1], [2], "each at least 1, got [2, 1, 1, 1, 1]"],
    [[2, 0, 1], [2], "each at least 1, got [2, 0, 1]"],
    [[0, 1, 1], [0], "each at least 1, got [0, 1, 1]"],
    [[2, 1, 1], [2, 1], "labels: expected 2 labels, one per image of images, got shape [2, 1]"],
    [[2, 1, 1], [3], "labels: expected 2 labels, one per image of images, got shape [3]"],
    [[1, 1, 1], [], "labels: expected 1 labels, one per image of images, got shape []"],
  ])("takes images of %j with labels of %j: %s", async (shape, labelShape, message) => {
    const size = (dims: number[]) => dims.reduce((product, dim) => product * dim, 1);
    const loaded = imageDataLoadersFromIdx({
      images: idxFile("uint8", shape, Array(size(shape)).fill(1)),
      labels: idxFile("uint8", labelShape, Array(size(labelShape)).fill(0)),
      validPct: 0,
      batchSize: 1,
    });
    if (message !== undefined) await expect(loaded).rejects.toThrow(message);
    else expect((await loaded).processor.spec.shape).toEqual(shape.length === 3 ? [1, 1, 1] : [3, 1, 1]);
  });

  it("names the files as they are called", async () => {
    const file = new File([Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5)], "ys.idx");
    const images = idxFile("uint8", [2, 1, 1], [1, 2]);
    await expect(imageDataLoadersFromIdx({ images, labels: file })).rejects.toThrow(
      "ys.idx: expected 2 labels, one per image of images",
    );
    await expect(imageDataLoadersFromIdx({ images: file, labels: images })).rejects.toThrow(
      "ys.idx: expected images of [n",
    );
  });

  it("says which floats are no values of images", async () => {
    const load = (largest: number, normalize: "none" | "train" = "none") =>
      imageDataLoadersFromIdx({
        images: idxFile("float32", [2, 1, 1], [-3, largest]),
        labels: idxFile("uint8", [2], [0, 1]),
        validPct: 0,
        batchSize: 1,
        normalize,
      });
    expect((await load(16)).warnings).toEqual([]);
    expect((await load(16.5)).warnings).toEqual([
      "images: floats are taken to lie in [0, 1], and these go up to 16.5; try a Uint8Array for bytes, or dividing them",
    ]);
    expect((await load(16.5, "train")).warnings).toEqual([]);
  });

  const two = idxFile("uint8", [2, 1, 1], [1, 2]);
  it.each([
    ["labels in place of images", { images: labels }, `${labels}: expected images of [n, height, width]`],
    [
      "images in place of labels",
      { labels: images },
      `${images}: expected 10000 labels, one per image of ${images}, got shape`,
    ],
    [
      "files of different lengths",
      { images: two },
      `${labels}: expected 2 labels, one per image of images, got shape [10000]`,
    ],
    ["a missing file", { images: "missing.gz" }, "missing.gz: expected a readable file, got ENOENT"],
    ["too few classes", { classes: 9 }, "labels: expected class indices 0 … 8, got 9 at index 0"],
    ["no image", { images: idxFile("uint8", [0, 28, 28], []) }, "each at least 1, got [0, 28, 28]"],
    [
      "integers as images",
      { images: idxFile("int32", [1, 1, 1], [1]) },
      "images: expected images of uint8 or float32, got int32",
    ],
    [
      "a batch larger than the training part",
      { batchSize: 8_001 },
      "batchSize: expected at most the 8000 rows",
    ],
    [
      "an unknown normalisation",
      { normalize: "imagenet" as never },
      'normalize: expected "none", "train" or { mean, std }',
    ],
    ["everything held out", { validPct: 1 }, "validPct: expected a number in [0, 1), got 1"],
  ])("rejects %s", async (_, options, message) => {
    await expect(imageDataLoadersFromIdx({ images, labels, ...options })).rejects.toThrow(message);
  });
});

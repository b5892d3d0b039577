import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createCanvas } from "@napi-rs/canvas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  flip,
  ImageProcessor,
  imageDataLoadersFromFolder,
  prefetch,
  randomCrop,
} from "../../../../src/data/index.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "images-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A PNG of one colour. */
function png(colour: string, width = 8, height = 6): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas.toBuffer("image/png");
}

async function write(files: Record<string, Buffer | string>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
}

/** Ten red and ten blue images of two sizes. */
async function writeColours(folder = "."): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await write({
      [`${folder}/red/${i}.png`]: png("#ff0000"),
      [`${folder}/blue/${i}.PNG`]: png("#0000ff", 5, 9),
    });
  }
}

describe("imageDataLoadersFromFolder", () => {
  it("takes the folder's name for the class and brings images to one size", async () => {
    await writeColours();
    await write({ "notes.txt": "not an image", "stray.png": png("#000000"), "red/readme.md": "neither" });
    const dls = await imageDataLoadersFromFolder({ path: root, size: [4, 3], batchSize: 16 });
    expect(dls.vocab).toEqual(["blue", "red"]);
    expect(dls.train.dataset.length).toBe(16);
    expect(dls.valid!.dataset.length).toBe(4);
    expect(dls.train.dataset.inputs).toEqual([{ dtype: "float32", shape: [3, 4, 3] }]);
    const { inputs, targets } = await dls.train.batchAt(0, 0);
    expect(inputs[0]!.shape).toEqual([16, 3, 4, 3]);
    for (let i = 0; i < 16; i++) {
      const isRed = targets[0]!.data[i] === 1;
      const pixel = [0, 12, 24].map((c) => inputs[0]!.data[i * 36 + c]);
      expect(pixel).toEqual(isRed ? [1, 0, 0] : [0, 0, 1]);
    }
  });

  it("takes the folders train and valid for the split", async () => {
    await writeColours("train");
    await write({ "valid/red/a.png": png("#ff0000"), "other/green/a.png": png("#00ff00") });
    const dls = await imageDataLoadersFromFolder({ path: root, size: 4, batchSize: 4 });
    expect([dls.train.dataset.length, dls.valid!.dataset.length]).toEqual([20, 1]);
    expect(dls.vocab).toEqual(["blue", "red"]);
    const twice = imageDataLoadersFromFolder({ path: root, size: 4, validPct: 0.5 });
    await expect(twice).rejects.toThrow("validPct: expected no other split, as the folders are one");
  });

  it("measures the training part alone, and gives 0 for a channel that does not vary", async () => {
    await writeColours("train");
    await write({ "valid/red/a.png": png("#00ff00") });
    const { normalization } = await imageDataLoadersFromFolder({
      path: root,
      size: 4,
      normalize: "train",
      batchSize: 4,
    });
    expect(normalization.mean).toEqual([0.5, 0, 0.5]);
    expect(normalization.std).toEqual([0.5, 1, 0.5]);
  });

  it("gives the same batches with and without the cache, in any order, and prefetched", async () => {
    await writeColours();
    const options = {
      path: root,
      size: 6,
      channels: 1 as const,
      batchSize: 4,
      augment: [randomCrop({ size: 4 }), flip()],
      seed: 5,
    };
    const kept = await imageDataLoadersFromFolder(options);
    const fresh = await imageDataLoadersFromFolder({ ...options, cache: false });
    const expected = [];
    for (let step = 3; step >= 0; step--) expected.unshift(await kept.train.batchAt(1, step));
    expect(expected[0]!.inputs[0]!.shape).toEqual([4, 1, 4, 4]);
    const got = [];
    for await (const batch of prefetch(fresh.train, { epoch: 1 })) got.push(batch);
    expect(got).toEqual(expected);
  });

  it("prepares one file as it prepared the others, after a round trip through JSON", async () => {
    await writeColours();
    const dls = await imageDataLoadersFromFolder({ path: root, size: 4, normalize: "train", batchSize: 4 });
    const processor = ImageProcessor.fromJSON(JSON.parse(JSON.stringify(dls.processor)));
    const [input] = await processor.processImage(join(root, "red/0.png"));
    const { mean, std } = dls.normalization;
    const expected = [1, 0, 0].map((value, c) => (value - mean[c]!) / std[c]!);
    expect(input!.shape).toEqual([1, 3, 4, 4]);
    for (const [c, value] of expected.entries()) expect(input!.data[c * 16]).toBeCloseTo(value, 5);
  });

  it("names a file that cannot be decoded when its batch is asked for, where files are not verified", async () => {
    await writeColours();
    await write({ "red/3.png": "not a PNG" });
    const dls = await imageDataLoadersFromFolder({
      path: root,
      size: 4,
      validPct: 0,
      batchSize: 20,
      verify: false,
    });
    await expect(dls.train.batchAt(0, 0)).rejects.toThrow(`${join("red", "3.png")}: expected an image file`);
    await write({ "red/3.png": png("#ff0000") });
    expect((await dls.train.batchAt(0, 0)).size).toBe(20);
  });

  it("rejects a folder without images, one that is not there, and a class that is not trained on", async () => {
    await write({ "a/notes.txt": "no image" });
    const load = (path: string) => imageDataLoadersFromFolder({ path, size: 4, batchSize: 1 });
    await expect(load(root)).rejects.toThrow("expected image files (.png, .jpg");
    await expect(load(join(root, "nowhere"))).rejects.toThrow(
      "nowhere: expected a readable folder, got ENOENT",
    );
    await write({ "train/red/a.png": png("#ff0000"), "valid/blue/a.png": png("#0000ff") });
    await expect(load(root)).rejects.toThrow('expected a class of the training part, got "blue"');
  });
});

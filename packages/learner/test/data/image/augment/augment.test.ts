import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rotateImage } from "../../../../src/data/image/augment/rotate.js";
import {
  type Augmentation,
  arrayDataset,
  type BatchContext,
  DataLoader,
  flip,
  ImageProcessor,
  imageDataLoadersFromArrays,
  lighting,
  randomCrop,
  rotate,
  subset,
} from "../../../../src/data/index.js";

const n = 40;
const shape = [2, 4, 5] as const;
const bytes = Uint8Array.from({ length: n * 40 }, (_, i) => (i * 37 + (i >> 3) * 11) % 256);
const labels = Array.from({ length: n }, (_, i) => i % 3);
const rows = Uint32Array.from({ length: n }, (_, i) => i);
const training: BatchContext = { seed: 1, epoch: 2, step: 3, training: true };

async function batch(
  augment: readonly Augmentation[],
  context = training,
  images: Uint8Array | Float32Array = bytes,
) {
  const { inputs } = await arrayDataset({ images, shape, labels, augment }).batch(rows, context);
  return inputs[0]!;
}
const plain = async () => Array.from((await batch([])).data as Float32Array);
const image = (data: ArrayLike<number>, i: number, size = 40) =>
  Array.from(data).slice(i * size, (i + 1) * size);
const mirrored = (pixels: number[]) =>
  Array.from({ length: 8 }, (_, row) => pixels.slice(row * 5, row * 5 + 5).reverse()).flat();

describe("flip", () => {
  it("mirrors about p of the images, each as a whole", async () => {
    const before = await plain();
    const { data } = await batch([flip({ p: 0.3 })]);
    let flipped = 0;
    for (let i = 0; i < n; i++) {
      const now = image(data as Float32Array, i);
      const was = image(before, i);
      if (now.every((value, p) => value === was[p])) continue;
      expect(now).toEqual(mirrored(was));
      flipped++;
    }
    // Five standard deviations of a binomial count.
    expect(Math.abs(flipped - n * 0.3)).toBeLessThan(5 * Math.sqrt(n * 0.3 * 0.7));
  });

  it("mirrors every image with p = 1 and none with p = 0", async () => {
    const before = await plain();
    const all = await batch([flip({ p: 1 })]);
    expect(image(all.data as Float32Array, 7)).toEqual(mirrored(image(before, 7)));
    expect(Array.from((await batch([flip({ p: 0 })])).data as Float32Array)).toEqual(before);
  });
});

describe("randomCrop", () => {
  it("cuts every part there is out of the images, and only those", async () => {
    const before = await plain();
    const { data, shape: got } = await batch([randomCrop({ size: [2, 3] })]);
    expect(got).toEqual([n, 2, 2, 3]);
    const found = new Set<string>();
    for (let i = 0; i < n; i++) {
      const now = image(data as Float32Array, i, 12);
      const places = [0, 1, 2].flatMap((top) => [0, 1, 2].map((left) => ({ top, left })));
      const at = places.find(({ top, left }) =>
        now.every((value, p) => {
          const [c, y, x] = [Math.floor(p / 6), Math.floor((p % 6) / 3), p % 3];
          return value === before[i * 40 + c * 20 + (top + y) * 5 + left + x];
        }),
      );
      found.add(`${at?.top},${at?.left}`);
    }
    expect(found).not.toContain("undefined,undefined");
    // Of nine places, 40 draws leave one out with probability 9 (8/9)^40 = 0.08; the seed is fixed.
    expect(found.size).toBeGreaterThanOrEqual(8);
  });

  it("cuts the middle out where nothing is trained on, so that the shape is the same", async () => {
    const before = await plain();
    const { data, shape: got } = await batch([randomCrop({ size: [2, 3], padding: 4 })], {
      ...training,
      training: false,
    });
    expect(got).toEqual([n, 2, 2, 3]);
    expect(image(data as Float32Array, 0, 12).slice(0, 6)).toEqual([
      ...before.slice(6, 9),
      ...before.slice(11, 14),
    ]);
  });

  it("shows black beyond the edge", async () => {
    const white = new Uint8Array(n * 40).fill(255);
    const { data } = await batch([randomCrop({ size: [4, 5], padding: 4 })], training, white);
    const sums = Array.from({ length: n }, (_, i) =>
      image(data as Float32Array, i).reduce((sum, v) => sum + v, 0),
    );
    // A part that is shifted by (a, b) keeps (4 - |a|)(5 - |b|) of 20 pixels, in both channels.
    const possible = new Set<number>();
    for (let a = 0; a <= 4; a++) for (let b = 0; b <= 4; b++) possible.add(2 * (4 - a) * (5 - b));
    for (const sum of sums) expect(possible).toContain(sum);
    expect(new Set(sums).size).toBeGreaterThan(5);
  });

  it("rejects a part larger than the images with their padding", () => {
    const dataset = () =>
      arrayDataset({ images: bytes, shape, labels, augment: [randomCrop({ size: 7, padding: 1 })] });
    expect(dataset).toThrow(
      "randomCrop: size: expected at most 6 x 7, the images with their padding, got 7 x 7",
    );
  });
});

describe("rotate", () => {
  const fixture: {
    image: { data: number[] };
    rotations: { degrees: number; padMode: "zeros" | "border" | "reflection"; data: number[] }[];
  } = JSON.parse(readFileSync("packages/learner/test/fixtures/image-transforms.json", "utf8"));

  /** PyTorch 1.13: grid_sample, bilinear, corners aligned; the same turn as torchvision's `rotate`. */
  it.each(fixture.rotations)(
    "agrees with PyTorch: $degrees degrees, $padMode",
    ({ degrees, padMode, data }) => {
      const to = new Float32Array(40);
      const from = Float32Array.from(fixture.image.data);
      rotateImage({ from, to, channels: 2, height: 4, width: 5 }, degrees, padMode);
      // Where a position falls on a pixel, rounding decides between neighbours of weight almost 0.
      for (const [i, value] of data.entries()) expect(Math.abs(to[i]! - value)).toBeLessThan(2e-6);
    },
  );

  it("leaves an image of one colour as it is, but for black corners", async () => {
    const grey = new Uint8Array(n * 40).fill(51);
    for (const padMode of ["border", "reflection"] as const) {
      const { data } = await batch([rotate({ maxDegrees: 180, p: 1, padMode })], training, grey);
      for (const value of data) expect(value).toBeCloseTo(0.2, 6);
    }
    const { data } = await batch([rotate({ maxDegrees: 180, p: 1, padMode: "zeros" })], training, grey);
    expect(Math.min(...Array.from(data as Float32Array))).toBeLessThan(0.05);
  });

  it("does nothing by 0 degrees", async () => {
    const { data } = await batch([rotate({ maxDegrees: 0, p: 1 })]);
    expect(Array.from(data as Float32Array)).toEqual(await plain());
  });
});

describe("lighting", () => {
  it("changes each image by one line, kept in [0, 1]", async () => {
    const ramp = Float32Array.from({ length: n * 40 }, (_, i) => (i % 40) / 39);
    const { data } = await batch([lighting({ maxLighting: 0.4, p: 1 })], training, ramp);
    const slopes = Array.from({ length: n }, (_, i) => {
      const now = image(data as Float32Array, i);
      for (const value of now) expect(value >= 0 && value <= 1).toBe(true);
      const inner = now.slice(15, 25);
      const slope = (inner[9]! - inner[0]!) / (9 / 39);
      for (const [p, value] of inner.entries()) expect(value).toBeCloseTo(inner[0]! + (slope * p) / 39, 5);
      return slope;
    });
    // Contrast lies between 1 - m and 1 / (1 - m).
    expect(Math.min(...slopes)).toBeGreaterThan(0.6 - 1e-5);
    expect(Math.max(...slopes)).toBeLessThan(1 / 0.6 + 1e-5);
    expect(Math.max(...slopes) - Math.min(...slopes)).toBeGreaterThan(0.5);
  });

  it("does nothing with maxLighting 0", async () => {
    const { data } = await batch([lighting({ maxLighting: 0, p: 1 })]);
    for (const [i, value] of (await plain()).entries()) expect(data[i]).toBeCloseTo(value, 6);
  });
});

describe("augmentation", () => {
  const all = [randomCrop({ size: [4, 5], padding: 1 }), flip(), rotate(), lighting()];

  it("is a pure function of seed, epoch and step, whatever was asked for before", async () => {
    const dataset = subset(arrayDataset({ images: bytes, shape, labels, augment: all }), rows);
    const make = (seed: number) => new DataLoader({ dataset, batchSize: 8, shuffle: true, seed });
    const used = make(4);
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.nat(4), async (epoch, step) => {
        expect(await used.batchAt(epoch, step)).toEqual(await make(4).batchAt(epoch, step));
      }),
    );
  });

  it("differs between seeds, epochs and steps, and between two of a kind in one list", async () => {
    const seen = new Set<string>();
    for (const change of [{}, { seed: 9 }, { epoch: 9 }, { step: 9 }]) {
      seen.add(String((await batch(all, { ...training, ...change })).data));
    }
    expect(seen.size).toBe(4);
    // The same draws twice would undo each other.
    const twice = await batch([flip(), flip()]);
    expect(Array.from(twice.data as Float32Array)).not.toEqual(await plain());
  });

  it("leaves validation and the stored images alone", async () => {
    const before = bytes.slice();
    const valid = await batch([flip({ p: 1 }), rotate(), lighting()], { ...training, training: false });
    expect(Array.from(valid.data as Float32Array)).toEqual(await plain());
    const floats = Float32Array.from(bytes, (v) => v / 255);
    const copy = floats.slice();
    await batch(all, training, floats);
    expect(floats).toEqual(copy);
    expect(bytes).toEqual(before);
  });

  it("comes before normalisation", async () => {
    const black = { images: new Uint8Array(40), shape, labels: [0] };
    const normalize = { mean: [0.5, 0.25], std: [0.5, 2] };
    const dataset = arrayDataset({
      ...black,
      normalize,
      augment: [randomCrop({ size: [4, 5], padding: 3 })],
    });
    const { inputs } = await dataset.batch(Uint32Array.of(0), training);
    // Padding is as black as the image, not 0 after normalisation.
    expect(new Set(inputs[0]!.data as Float32Array)).toEqual(new Set([-1, -0.125]));
  });

  it.each<[string, Augmentation, string]>([
    ["a probability", { ...flip(), p: 2 }, "augment[0]: p: expected a number in [0, 1], got 2"],
    [
      "an angle",
      { ...rotate(), maxDegrees: -1 },
      "augment[0]: maxDegrees: expected a number in [0, 180], got -1",
    ],
    [
      "a pad mode",
      { ...rotate(), padMode: "wrap" as never },
      'augment[0]: padMode: expected "zeros", "border" or "reflection"',
    ],
    [
      "a strength",
      { ...lighting(), maxLighting: 1 },
      "augment[0]: maxLighting: expected a number in [0, 1), got 1",
    ],
    [
      "a kind",
      { kind: "blur" } as never,
      "augment[0]: kind: expected one of flip, randomCrop, rotate, lighting",
    ],
  ])("rejects %s out of its range", (_, spec, message) => {
    expect(() => arrayDataset({ images: bytes, shape, labels, augment: [spec] })).toThrow(message);
  });
});

describe("imageDataLoadersFromArrays", () => {
  const options = {
    images: bytes,
    shape,
    labels,
    normalize: "train" as const,
    augment: [randomCrop({ size: [3, 3] }), flip()],
    batchSize: 8,
  };

  it("keeps what its processor needs to prepare one raw image, through JSON", async () => {
    const dls = imageDataLoadersFromArrays(options);
    const restored = ImageProcessor.fromJSON(JSON.parse(JSON.stringify(dls.processor)));
    expect(restored.spec).toEqual(dls.processor.spec);
    const row = dls.valid!.rowsAt(0, 0)[0]!;
    const batch = await dls.valid!.dataset.batch(Uint32Array.of(row), { ...training, training: false });
    const label = batch.targets[0]!.data[0];
    const matches: boolean[] = [];
    for (let i = 0; i < n; i++) {
      const data = bytes.subarray(i * 40, (i + 1) * 40);
      const [input] = await restored.processImage({ data, shape });
      expect(input!.shape).toEqual([1, 2, 3, 3]);
      matches.push(
        labels[i] === label &&
          input!.data.every((v, p) => Math.abs(Number(v) - Number(batch.inputs[0]!.data[p])) < 1e-6),
      );
    }
    expect(matches).toContain(true);
  });

  it("takes bytes and floats for the same image", async () => {
    const { processor } = imageDataLoadersFromArrays(options);
    const data = bytes.subarray(0, 40);
    const [a] = await processor.processImage({ data, shape });
    const [b] = await processor.processImage({ data: Float32Array.from(data, (v) => v / 255), shape });
    for (const [i, value] of Array.from(a!.data as Float32Array).entries())
      expect(b!.data[i]).toBeCloseTo(value, 5);
  });

  it("says what an image of another size should be", async () => {
    const { processor } = imageDataLoadersFromArrays(options);
    const other = { data: new Uint8Array(8), shape: [2, 2, 2] as const };
    await expect(processor.processImage(other)).rejects.toThrow(
      "image: expected an image of [2, 4, 5], got [2, 2, 2]; try resizeImage",
    );
    expect(() => ImageProcessor.fromJSON({ kind: "tabular" })).toThrow('got kind "tabular"');
  });
});

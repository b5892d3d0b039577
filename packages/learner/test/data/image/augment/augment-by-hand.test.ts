import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillUniform } from "../../../../../engine/src/random/index.js";
import { augmentImages } from "../../../../src/data/image/augment/augment.js";
import type { ImageBatch } from "../../../../src/data/image/augment/image-batch.js";
import { augmentAndNormalize } from "../../../../src/data/image/augment/pipeline.js";
import { type PadMode, rotateImage } from "../../../../src/data/image/augment/rotate.js";
import {
  type Augmentation,
  arrayDataset,
  DataError,
  flip,
  lighting,
  randomCrop,
  rotate,
} from "../../../../src/data/index.js";

const n = 12;
const [channels, height, width] = [2, 3, 4];
const size = channels * height * width;
const context = { seed: 3, epoch: 1, step: 2, training: true };

const source = () => Float32Array.from({ length: n * size }, (_, i) => ((i * 37) % 101) / 100);
const batchOf = (data: Float32Array): ImageBatch => ({ data, n, channels, height, width });
const draws = (kind: string, count: number, position = 0) => {
  const { seed, epoch, step } = context;
  return fillUniform(new Float32Array(n * count), { seed, epoch, step, stream: `${kind}/${position}` });
};
const augmented = (...specs: Augmentation[]) => augmentImages(batchOf(source()), specs, context);

/** What a pixel by pixel definition makes of each image. */
function byHand(
  make: (i: number, c: number, y: number, x: number, at: (y: number, x: number) => number) => number,
) {
  const from = source();
  return Float32Array.from({ length: n * size }, (_, p) => {
    const [i, c] = [Math.floor(p / size), Math.floor((p % size) / (height * width))];
    const [y, x] = [Math.floor((p % (height * width)) / width), p % width];
    const at = (row: number, column: number) => from[((i * channels + c) * height + row) * width + column]!;
    return make(i, c, y, x, at);
  });
}

describe("each augmentation is its definition on the draws of the image", () => {
  it("flip: where the draw is below p", () => {
    const u = draws("flip", 1);
    for (const p of [0, 0.25, u[5]!, 0.5, 1]) {
      const expected = byHand((i, _, y, x, at) => at(y, u[i]! < p ? width - 1 - x : x));
      expect(augmented(flip({ p })).data).toEqual(expected);
    }
  });

  it("lighting: one line an image, kept in [0, 1]", () => {
    const u = draws("lighting", 3);
    for (const [p, maxLighting] of [
      [u[3 * 4]!, 0.2],
      [1, 0.9],
    ] as const) {
      const expected = byHand((i, _, y, x, at) => {
        if (u[3 * i]! >= p) return at(y, x);
        const shift = (u[3 * i + 1]! - 0.5) * maxLighting;
        const contrast = (1 - maxLighting) ** (1 - 2 * u[3 * i + 2]!);
        return Math.min(1, Math.max(0, (at(y, x) - 0.5) * contrast + 0.5 + shift));
      });
      const { data } = augmented(lighting({ p, maxLighting }));
      // The same sum in another order, in double precision.
      for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 6);
    }
  });

  it("randomCrop: from a corner that is drawn, black in the padding", () => {
    const u = draws("randomCrop", 2);
    for (const [[h, w], padding] of [
      [[2, 3], 0],
      [[3, 4], 2],
      [[1, 1], 1],
      [[5, 6], 1],
      [[7, 8], 2],
    ] as const) {
      const from = source();
      const expected = Float32Array.from({ length: n * channels * h * w }, (_, p) => {
        const [plane, y, x] = [Math.floor(p / (h * w)), Math.floor((p % (h * w)) / w), p % w];
        const i = Math.floor(plane / channels);
        const row = y + Math.floor(u[2 * i]! * (height + 2 * padding - h + 1)) - padding;
        const column = x + Math.floor(u[2 * i + 1]! * (width + 2 * padding - w + 1)) - padding;
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        return isInside ? from[(plane * height + row) * width + column]! : 0;
      });
      const result = augmented(randomCrop({ size: [h, w], padding }));
      expect(result).toEqual({ data: expected, n, channels, height: h, width: w });
      const middle = augmentImages(batchOf(source()), [randomCrop({ size: [h, w], padding })], {
        ...context,
        training: false,
      });
      const [top, left] = [Math.floor((height - h) / 2), Math.floor((width - w) / 2)];
      const still = Float32Array.from({ length: n * channels * h * w }, (_, p) => {
        const [plane, y, x] = [Math.floor(p / (h * w)), Math.floor((p % (h * w)) / w) + top, (p % w) + left];
        const isInside = y >= 0 && y < height && x >= 0 && x < width;
        return isInside ? from[(plane * height + y) * width + x]! : 0;
      });
      expect(middle.data).toEqual(still);
    }
  });

  it("rotate: by an angle that is drawn, where the draw is below p", () => {
    const u = draws("rotate", 2);
    for (const p of [u[2 * 7]!, 1]) {
      const from = source();
      const expected = new Float32Array(n * size);
      for (let i = 0; i < n; i++) {
        const to = expected.subarray(i * size, (i + 1) * size);
        const image = from.subarray(i * size, (i + 1) * size);
        if (u[2 * i]! >= p) to.set(image);
        else {
          const degrees = (2 * u[2 * i + 1]! - 1) * 30;
          rotateImage({ from: image, to, channels, height, width }, degrees, "border");
        }
      }
      const result = augmented(rotate({ p, maxDegrees: 30, padMode: "border" }));
      expect(result).toEqual({ data: expected, n, channels, height, width });
    }
  });

  it("and each draws anew for its place in the list", () => {
    const [first, second] = [draws("flip", 1, 0), draws("flip", 1, 1)];
    const expected = byHand((i, _, y, x, at) =>
      at(y, first[i]! < 0.5 !== second[i]! < 0.5 ? width - 1 - x : x),
    );
    expect(augmented(flip(), flip()).data).toEqual(expected);
  });
});

it("rotateImage reads each pixel where the turn came from, for any size, angle and padding", () => {
  const span = fc.integer({ min: 1, max: 6 });
  const modes = fc.constantFrom<PadMode>("zeros", "border", "reflection");
  const degrees = fc.oneof(fc.constantFrom(0, 90, -90, 180), fc.double({ min: -180, max: 180, noNaN: true }));
  fc.assert(
    fc.property(span, span, fc.integer({ min: 1, max: 2 }), degrees, modes, (h, w, c, angle, padMode) => {
      const from = Float32Array.from({ length: c * h * w }, (_, i) => ((i * 29) % 17) / 16);
      const to = new Float32Array(c * h * w);
      rotateImage({ from, to, channels: c, height: h, width: w }, angle, padMode);
      /** The pixel at whole coordinates, which may lie outside. */
      const pixel = (plane: number, y: number, x: number): number =>
        y >= 0 && y < h && x >= 0 && x < w ? from[(plane * h + y) * w + x]! : 0;
      const inside = (position: number, length: number): number => {
        if (padMode === "zeros") return position;
        if (padMode === "border") return Math.min(Math.max(position, 0), length - 1);
        let at = length === 1 ? 0 : position;
        while (at < 0 || at > length - 1) at = at < 0 ? -at : 2 * (length - 1) - at;
        return at;
      };
      const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
      for (let p = 0; p < to.length; p++) {
        const [plane, y, x] = [Math.floor(p / (h * w)), Math.floor((p % (h * w)) / w), p % w];
        const [dy, dx] = [y - (h - 1) / 2, x - (w - 1) / 2];
        const sx = inside(cos * dx - sin * dy + (w - 1) / 2, w);
        const sy = inside(sin * dx + cos * dy + (h - 1) / 2, h);
        const [left, top] = [Math.floor(sx), Math.floor(sy)];
        const [fx, fy] = [sx - left, sy - top];
        const expected =
          (1 - fy) * ((1 - fx) * pixel(plane, top, left) + fx * pixel(plane, top, left + 1)) +
          fy * ((1 - fx) * pixel(plane, top + 1, left) + fx * pixel(plane, top + 1, left + 1));
        // Single precision, and positions that rounding puts just beside a pixel.
        if (!(Math.abs(to[p]! - expected) < 1e-5)) expect(to[p]).toBe(expected);
      }
    }),
    { numRuns: 300 },
  );
});

it("each channel is normalised by its own mean and deviation, also where only one of them changes it", () => {
  for (const [mean, std] of [
    [
      [0, 0.5],
      [2, 1],
    ],
    [
      [0.25, 0],
      [1, 4],
    ],
    [
      [0, 0],
      [1, 1],
    ],
  ] as const) {
    const expected = byHand((_, c, y, x, at) => (at(y, x) - mean[c]!) / std[c]!);
    const normalization = { scale: 1, mean, std };
    expect(augmentAndNormalize(batchOf(source()), { augment: [], normalization }, context)).toEqual(expected);
  }
});

describe("the options of augmentations", () => {
  it("have defaults", () => {
    expect(flip()).toEqual({ kind: "flip", p: 0.5 });
    expect(rotate()).toEqual({ kind: "rotate", maxDegrees: 10, p: 0.75, padMode: "reflection" });
    expect(lighting()).toEqual({ kind: "lighting", maxLighting: 0.2, p: 0.75 });
    expect(randomCrop({ size: 4 })).toEqual({ kind: "randomCrop", size: 4, padding: 0 });
  });

  const use = (spec: Augmentation) =>
    arrayDataset({ images: new Uint8Array(24), shape: [2, 3, 4], labels: [0], augment: [flip(), spec] });

  const wrong = [Number.NaN, Number.POSITIVE_INFINITY, "0.5", null];
  const beyond = [-1e-9, 1 + 1e-9, ...wrong];
  it.each<[string, string, (options: never) => Augmentation, number[], unknown[], string]>([
    ["flip", "p", flip, [0, 1], beyond, "[0, 1]"],
    ["rotate", "p", rotate, [0, 1], beyond, "[0, 1]"],
    ["lighting", "p", lighting, [0, 1], beyond, "[0, 1]"],
    ["rotate", "maxDegrees", rotate, [0, 180], [-1e-9, 180.001, ...wrong], "[0, 180]"],
    ["lighting", "maxLighting", lighting, [0, 0.999], [-1e-9, 1, ...wrong], "[0, 1)"],
  ])(
    "have ranges, as options and as the data of a saved model: %s, %s",
    (kind, name, make, good, bad, range) => {
      for (const value of good) expect(use(make({ [name]: value } as never)).length).toBe(1);
      for (const value of bad) {
        const made = () => make({ [name]: value } as never);
        expect(made).toThrow(DataError);
        expect(made).toThrow(`${kind}: expected ${name} to be a finite number in ${range}, got `);
        const saved = () => use({ ...make({} as never), [name]: value } as never);
        expect(saved).toThrow(DataError);
        expect(saved).toThrow(`augment[1]: ${name}: expected a number in ${range}, got `);
      }
    },
  );

  it("have names: padMode, kind", () => {
    for (const padMode of ["zeros", "border", "reflection"] as const) use(rotate({ padMode }));
    expect(() => rotate({ padMode: "Zeros" as never })).toThrow(
      'rotate: expected padMode to be "zeros", "border" or "reflection", got "Zeros"',
    );
    expect(() => use({ ...rotate(), padMode: "Zeros" as never })).toThrow(
      'augment[1]: padMode: expected "zeros", "border" or "reflection", got "Zeros"',
    );
    expect(() => use({ kind: "toString" } as never)).toThrow(
      'augment[1]: kind: expected one of flip, randomCrop, rotate, lighting, got "toString"',
    );
  });

  it("have sizes: up to that of the images with their padding, in either direction", () => {
    for (const value of [0, 1.5, -1, Number.NaN, "2"]) {
      for (const size of [...(value === "2" ? [] : [value]), [value, 2], [2, value]]) {
        expect(() => randomCrop({ size: size as never })).toThrow(
          "randomCrop: size: expected an integer of at least 1",
        );
      }
    }
    for (const size of ["2", [2], [2, 2, 2], null]) {
      expect(() => randomCrop({ size: size as never })).toThrow(
        "randomCrop: size: expected a number of pixels, or [height, width], got ",
      );
    }
    for (const padding of [-1, 0.5, "1"]) {
      expect(() => randomCrop({ size: 2, padding: padding as never })).toThrow(
        "randomCrop: padding: expected an integer of at least 0",
      );
    }
    for (const size of [
      [3, 4],
      [1, 1],
    ] as const) {
      expect(use(randomCrop({ size })).inputs[0]!.shape).toEqual([2, ...size]);
    }
    expect(use(randomCrop({ size: [5, 6], padding: 1 })).inputs[0]!.shape).toEqual([2, 5, 6]);
    for (const [size, padding, most] of [
      [[4, 4], 0, "3 x 4"],
      [[3, 5], 0, "3 x 4"],
      [[6, 6], 1, "5 x 6"],
      [[5, 7], 1, "5 x 6"],
    ] as const) {
      expect(() => use(randomCrop({ size, padding }))).toThrow(
        `randomCrop: size: expected at most ${most}, the images with their padding, got ${size.join(" x ")}`,
      );
    }
    // The second crop is of what the first leaves.
    const augment = [randomCrop({ size: 2 }), randomCrop({ size: 3 })];
    const twice = () => arrayDataset({ images: new Uint8Array(24), shape: [2, 3, 4], labels: [0], augment });
    expect(twice).toThrow("expected at most 2 x 2");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkNormalization, defaultScale } from "../../../src/data/image/normalization.js";
import { checkRawImage } from "../../../src/data/image/raw-image.js";
import { arrayDataset, channelStats, ImageProcessor, resizeImage } from "../../../src/data/index.js";

/** The average of the source about an output pixel, weighted by a triangle of the reduction's width. */
function tent(position: number, length: number, scale: number): { at: number; weight: number }[] {
  const width = Math.max(1, scale);
  const taps = Array.from({ length }, (_, at) => ({
    at,
    weight: Math.max(0, 1 - Math.abs(at + 0.5 - position) / width),
  }));
  const total = taps.reduce((sum, { weight }) => sum + weight, 0);
  return taps.map(({ at, weight }) => ({ at, weight: weight / total }));
}

function resizedByHand(
  from: Float32Array,
  [c, h, w]: readonly [number, number, number],
  [toH, toW]: readonly [number, number],
  method: "squish" | "crop" | "pad",
): number[] {
  const [sy, sx] = [h / toH, w / toW];
  const common = method === "pad" ? Math.max(sy, sx) : Math.min(sy, sx);
  // The part of the output that the picture covers, and the source's pixels for one of the output's.
  const innerH = method === "pad" ? Math.max(1, Math.round(h / common)) : toH;
  const innerW = method === "pad" ? Math.max(1, Math.round(w / common)) : toW;
  const scaleY = method === "crop" ? common : h / innerH;
  const scaleX = method === "crop" ? common : w / innerW;
  const [top, left] = [Math.floor((toH - innerH) / 2), Math.floor((toW - innerW) / 2)];
  return Array.from({ length: c * toH * toW }, (_, p) => {
    const [plane, y, x] = [Math.floor(p / (toH * toW)), (Math.floor(p / toW) % toH) - top, (p % toW) - left];
    if (y < 0 || y >= innerH || x < 0 || x >= innerW) return 0;
    const rows = tent(h / 2 + (y + 0.5 - innerH / 2) * scaleY, h, scaleY);
    const columns = tent(w / 2 + (x + 0.5 - innerW / 2) * scaleX, w, scaleX);
    let sum = 0;
    for (const row of rows) {
      for (const column of columns) {
        sum += row.weight * column.weight * from[(plane * h + row.at) * w + column.at]!;
      }
    }
    return sum;
  });
}

describe("resizeImage", () => {
  it("weights the source by a triangle, for any sizes and each method", () => {
    const span = fc.integer({ min: 1, max: 9 });
    const methods = fc.constantFrom("squish" as const, "crop" as const, "pad" as const);
    fc.assert(
      fc.property(span, span, span, span, methods, (h, w, toH, toW, method) => {
        const shape = [2, h, w] as const;
        const data = Float32Array.from({ length: 2 * h * w }, (_, i) => ((i * 53) % 31) / 30);
        const resized = resizeImage({ data, shape }, { size: [toH, toW], method });
        expect(resized.shape).toEqual([2, toH, toW]);
        expect(resized.data).toBeInstanceOf(Float32Array);
        const expected = resizedByHand(data, shape, [toH, toW], method);
        // Sums of a few numbers up to 1, stored in single precision.
        const off = (i: number, value: number) => Math.abs(resized.data[i]! - value);
        expect(Math.max(...expected.map((value, i) => off(i, value)))).toBeLessThan(1e-6);
        if (method === "crop") {
          expect(resizeImage({ data, shape }, { size: [toH, toW] })).toEqual(resized);
        }
        const levels = Uint8Array.from(data, (value) => Math.round(value * 255));
        const bytes = resizeImage({ data: levels, shape }, { size: [toH, toW], method });
        const exact = resizedByHand(Float32Array.from(levels), shape, [toH, toW], method);
        // Rounded, so that half a level is the most it is off.
        const levelsOff = exact.map((value, i) => Math.abs(bytes.data[i]! - value));
        expect(Math.max(...levelsOff)).toBeLessThan(0.5 + 1e-4);
      }),
      { numRuns: 100 },
    );
  });

  it("leaves a line of a picture that is far too wide or high for a padded size", () => {
    const wide = { data: new Uint8Array(100).fill(200), shape: [1, 1, 100] as const };
    const { data } = resizeImage(wide, { size: 10, method: "pad" });
    expect(
      [...data].map((value, i) => (value === 200 ? Math.floor(i / 10) : -1)).filter((row) => row >= 0),
    ).toEqual(Array(10).fill(4));
    const high = { data: new Uint8Array(100).fill(200), shape: [1, 100, 1] as const };
    const turned = resizeImage(high, { size: 10, method: "pad" });
    expect([...turned.data].every((value, i) => value === (i % 10 === 4 ? 200 : 0))).toBe(true);
  });

  it.each([[0], [1.5], [-1], [[0, 2]], [[2, 0]]])("refuses the size %j", (size) => {
    const image = { data: new Uint8Array(4), shape: [1, 2, 2] as const };
    expect(() => resizeImage(image, { size: size as never })).toThrow(
      /^size: expected an integer of at least 1, got /,
    );
  });
});

it.each([["2"], [[2]], [[2, 2, 2]], [null], [{}]])("resizeImage: %j is no size", (size) => {
  const image = { data: new Uint8Array(4), shape: [1, 2, 2] as const };
  expect(() => resizeImage(image, { size: size as never })).toThrow(
    "size: expected a number of pixels, or [height, width], got ",
  );
});

describe("a raw image", () => {
  const good = { data: new Uint8Array(8), shape: [2, 2, 2] };
  it.each<[unknown, string]>([
    [null, "an image { data, shape }, got null"],
    [undefined, "an image { data, shape }, got undefined"],
    [7, "an image { data, shape }, got 7"],
    [{ shape: [2, 2, 2] }, "an image { data, shape }, got an object"],
    [{ data: good.data }, "an image { data, shape }, got an object"],
    [{ data: good.data, shape: "222" }, "an image { data, shape }, got an object"],
    [{ ...good, shape: [0, 2, 2] }, "an integer of at least 1, got 0"],
    [{ ...good, shape: [2, 0, 2] }, "an integer of at least 1, got 0"],
    [{ ...good, shape: [2, 2, 0] }, "an integer of at least 1, got 0"],
    [{ ...good, shape: [4, 2] }, "an integer of at least 1, got undefined"],
    [{ ...good, shape: [2, 2, 3] }, "12 values for [2, 2, 3], got 8"],
    [{ ...good, shape: [1, 2, 2] }, "4 values for [1, 2, 2], got 8"],
  ])("is not %j", (image, message) => {
    expect(() => checkRawImage("picture", image as never)).toThrow(/^picture(: shape)?: expected /);
    expect(() => checkRawImage("picture", image as never)).toThrow(`expected ${message}`);
  });

  it("is one of bytes or floats", () => {
    expect(checkRawImage("picture", good as never)).toEqual(good);
  });
});

describe("a normalisation", () => {
  it("leaves values as they are where nothing is said", () => {
    expect(checkNormalization({}, 2)).toEqual({ scale: 1, mean: [0, 0], std: [1, 1] });
    expect(checkNormalization({ scale: 2, mean: [3], std: [4] }, 1)).toEqual({
      scale: 2,
      mean: [3],
      std: [4],
    });
    expect([defaultScale(new Float32Array(1)), defaultScale(new Uint8Array(1))]).toEqual([1, 1 / 255]);
    expect(defaultScale(new Uint8ClampedArray(1))).toBe(1 / 255);
  });

  it.each([
    [{ mean: [0] }, "mean: expected 2 finite number(s), one per channel, got [0]"],
    [{ mean: [0, 1, 2] }, "mean: expected 2 finite number(s)"],
    [{ mean: [0, Number.NaN] }, "mean: expected 2 finite number(s)"],
    [{ mean: [Number.POSITIVE_INFINITY, 0] }, "mean: expected 2 finite number(s)"],
    [{ mean: ["0", 0] }, "mean: expected 2 finite number(s)"],
    [{ mean: "00" }, 'mean: expected 2 finite number(s), one per channel, got "00"'],
    [{ std: [1] }, "std: expected 2 finite, positive number(s), one per channel, got [1]"],
    [{ std: [1, 0] }, "std: expected 2 finite, positive"],
    [{ std: [-1, 1] }, "std: expected 2 finite, positive"],
    [{ std: [1, Number.POSITIVE_INFINITY] }, "std: expected 2 finite, positive"],
    [{ std: [1, Number.NaN] }, "std: expected 2 finite, positive"],
    [{ std: 1 }, "std: expected 2 finite, positive number(s), one per channel, got 1"],
    [{ scale: Number.POSITIVE_INFINITY }, "scale: expected a finite number, got Infinity"],
    [{ scale: "1" }, 'scale: expected a finite number, got "1"'],
  ])("is not %j", (normalization, message) => {
    expect(() => checkNormalization(normalization as never, 2)).toThrow(message);
  });

  it("is measured in units of scaled values, by 1/255 for bytes unless told", () => {
    const images = Uint8Array.of(10, 20, 30, 50);
    const rows = [0, 1];
    const shape = [1, 1, 2] as const;
    const { mean, std, scale } = channelStats({ images, shape }, { rows });
    const deviation = Math.sqrt((17.5 ** 2 + 7.5 ** 2 + 2.5 ** 2 + 22.5 ** 2) / 4);
    expect([scale, mean[0], std[0]]).toEqual([1 / 255, 27.5 / 255, expect.closeTo(deviation / 255, 12)]);
    const doubled = channelStats({ images, shape }, { rows, scale: 2 });
    expect([doubled.scale, doubled.mean[0], doubled.std[0]]).toEqual([
      2,
      55,
      expect.closeTo(2 * deviation, 9),
    ]);
    expect(channelStats({ images: Float32Array.from(images), shape }, { rows }).mean).toEqual([27.5]);
  });
});

describe("arrayDataset", () => {
  it("scales, then normalises, bytes and floats, augmented or not", async () => {
    const shape = [2, 1, 2] as const;
    const normalize = { scale: 0.5, mean: [1, 2], std: [2, 4] };
    const values = [0, 2, 4, 6, 8, 10, 12, 14];
    const context = { seed: 0, epoch: 0, step: 0, training: false };
    const expected = [4, 5, 6, 7, 0, 1, 2, 3].map((i) => {
      const c = Math.floor((i % 4) / 2);
      return (values[i]! * 0.5 - normalize.mean[c]!) / normalize.std[c]!;
    });
    for (const images of [Uint8Array.from(values), Float32Array.from(values)]) {
      for (const augment of [[], [{ kind: "flip", p: 1 } as const]]) {
        const dataset = arrayDataset({ images, shape, labels: [0, 1], normalize, augment });
        const { inputs } = await dataset.batch(Uint32Array.of(1, 0), context);
        expect([...inputs[0]!.data]).toEqual(expected);
        expect(dataset.normalization).toEqual(normalize);
      }
    }
  });
});

describe("ImageProcessor", () => {
  const spec = {
    shape: [1, 2, 2] as const,
    resize: null,
    augment: [],
    normalization: { scale: 1 / 255, mean: [0.5], std: [0.25] },
    vocab: ["a", "b"],
  };
  const json = () => JSON.parse(JSON.stringify(new ImageProcessor(spec)));

  it.each<[string, unknown[]]>([
    ["kind", ["tabular", undefined]],
    ["version", [0, 2, "1", undefined]],
    ["shape", ["122", undefined, [1, 2], [1, 2, 2, 2], null]],
    ["resize", ["crop", undefined, 1]],
    ["augment", [{}, undefined, null]],
    ["normalization", [null, undefined, 1]],
    ["vocab", [undefined, "ab", [1], ["a", 1], null]],
  ])("reads no JSON of another %s", (field, values) => {
    for (const value of values) {
      const read = () => ImageProcessor.fromJSON({ ...json(), [field]: value });
      expect(read).toThrow(
        `ImageProcessor.fromJSON: expected the JSON of an ImageProcessor, with its ${field}, got ${field} `,
      );
    }
    for (const value of [null, undefined, "text", 1]) {
      expect(() => ImageProcessor.fromJSON(value)).toThrow("with its kind, got kind undefined");
    }
    expect(ImageProcessor.fromJSON(json()).spec).toEqual({ kind: "image", version: 1, ...spec });
  });

  it("checks what it is made of, before any image comes", () => {
    const make = (changes: object) => () => new ImageProcessor({ ...spec, ...changes });
    expect(make({ normalization: { scale: 1, mean: [0, 0], std: [1] } })).toThrow("mean: expected 1 finite");
    expect(make({ shape: [1, 0, 2] })).toThrow("shape: expected an integer of at least 1, got 0");
    expect(make({ augment: [{ kind: "flip", p: 2 }] })).toThrow("augment[0]: p:");
  });

  const values = (input: readonly { readonly data: ArrayLike<number | bigint> }[]) =>
    Array.from(input[0]!.data, Number);

  it("takes bytes by the scale of its images, floats as they are", async () => {
    const shape = spec.shape;
    const bytes = Uint8Array.of(0, 51, 102, 255);
    const floats = Float32Array.of(0, 0.2, 0.4, 1);
    const expected = [-2, -1.2, -0.4, 2];
    for (const scale of [1 / 255, 1]) {
      const processor = new ImageProcessor({ ...spec, normalization: { ...spec.normalization, scale } });
      for (const data of [bytes, floats]) {
        const got = values(await processor.process({ data, shape }));
        for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 6);
      }
    }
    const own = new ImageProcessor({ ...spec, normalization: { scale: 1 / 51, mean: [0], std: [1] } });
    const scaled = values(await own.process({ data: bytes, shape }));
    for (const [i, value] of [0, 1, 2, 5].entries()) expect(scaled[i]).toBeCloseTo(value, 6);
    expect(values(await own.process({ data: floats, shape }))).toEqual([...floats]);
  });

  it("resizes where that is wanted, whichever side differs, and never changes channels", async () => {
    const image = (...shape: [number, number, number]) => ({
      data: new Uint8Array(shape[0] * shape[1] * shape[2]).fill(255),
      shape,
    });
    const fixed = new ImageProcessor(spec);
    const resizing = new ImageProcessor({ ...spec, resize: { method: "pad" } });
    for (const other of [image(1, 2, 4), image(1, 4, 2), image(1, 4, 4)]) {
      await expect(fixed.load(other)).rejects.toThrow(
        `image: expected an image of [1, 2, 2], got [${other.shape.join(", ")}]; try resizeImage`,
      );
      expect((await resizing.load(other)).shape).toEqual([1, 2, 2]);
    }
    // Padded: the upper row is the picture, the lower one is black.
    expect([...(await resizing.load(image(1, 2, 4))).data]).toEqual([255, 255, 0, 0]);
    for (const processor of [fixed, resizing]) {
      const same = image(1, 2, 2);
      expect(await processor.load(same)).toEqual(same);
      await expect(processor.load(image(3, 2, 2))).rejects.toThrow("got [3, 2, 2]");
      await expect(processor.load(null as never)).rejects.toThrow("image: expected an image { data, shape }");
    }
    const two = new ImageProcessor({
      ...spec,
      shape: [2, 2, 2],
      normalization: { scale: 1, mean: [0, 0], std: [1, 1] },
    });
    await expect(two.load("cat.jpg")).rejects.toThrow("image: expected pixels of 2 channels, got a file");
  });
});

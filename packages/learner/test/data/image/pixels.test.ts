import { describe, expect, test } from "vitest";
import {
  arrayDataset,
  channelStats,
  DataError,
  imageDataLoadersFromArrays,
  lighting,
  resizeImage,
} from "../../../src/data/index.js";

const shape = [1, 2, 2] as const;
const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) % 256);
const labels = Int32Array.from({ length: 10 }, (_, i) => i % 2);
const context = { seed: 0, epoch: 0, step: 0, training: false };
/** On the same memory, from an offset on. */
const clamped = new Uint8ClampedArray(new Uint8ClampedArray([7, 7, 7, ...bytes]).buffer, 3);

describe("images of bytes", () => {
  test("are bytes whichever class their array has", async () => {
    for (const normalize of ["none", "train"] as const) {
      const [a, b] = [bytes, clamped, Buffer.from(bytes)].map((images) =>
        imageDataLoadersFromArrays({ images, shape, labels, batchSize: 2, normalize, augment: [lighting()] }),
      ) as [ReturnType<typeof imageDataLoadersFromArrays>, ReturnType<typeof imageDataLoadersFromArrays>];
      expect(b.normalization).toEqual(a.normalization);
      expect(b.normalization.scale).toBe(1 / 255);
      expect(await b.train.batchAt(0, 0)).toEqual(await a.train.batchAt(0, 0));
      const item = (data: Uint8Array | Uint8ClampedArray) => ({ data: data.subarray(0, 4), shape });
      expect(await b.processor.process(item(clamped))).toEqual(await a.processor.process(item(bytes)));
    }
    const { inputs } = await arrayDataset({ images: clamped, shape, labels }).batch(
      Uint32Array.of(0),
      context,
    );
    expect(inputs[0]!.data).toEqual(Float32Array.from(bytes.subarray(0, 4), (v) => v / 255));
    const rows = [0, 1, 2];
    expect(channelStats({ images: clamped, shape }, { rows })).toEqual(
      channelStats({ images: bytes, shape }, { rows }),
    );
    const large = { data: clamped.slice(0, 36), shape: [1, 6, 6] as const };
    expect(resizeImage(large, { size: 3 })).toEqual(
      resizeImage({ ...large, data: Uint8Array.from(large.data) }, { size: 3 }),
    );
  });

  test("are scaled for a model that was trained on floats, and the other way round", async () => {
    const floats = Float32Array.from(bytes, (v) => v / 255);
    const ofFloats = imageDataLoadersFromArrays({ images: floats, shape, labels, batchSize: 2 });
    const ofBytes = imageDataLoadersFromArrays({ images: bytes, shape, labels, batchSize: 2 });
    const results = [];
    for (const { processor } of [ofFloats, ofBytes]) {
      for (const data of [bytes, clamped, floats]) {
        const [input] = await processor.process({ data: data.subarray(0, 4), shape });
        results.push(Array.from(input!.data as Float32Array, (v) => v.toFixed(6)).join());
      }
    }
    expect(new Set(results).size).toBe(1);
  });

  test.each<[string, unknown]>([
    ["a list of numbers", Array.from(bytes)],
    ["Uint16Array", Uint16Array.from(bytes)],
    ["Int32Array", Int32Array.from(bytes)],
    ["Int8Array", Int8Array.from(bytes)],
    ["Float64Array", Float64Array.from(bytes)],
    ["an ArrayBuffer", bytes.buffer],
    ["nothing", undefined],
    ["null", null],
  ])("are no images of unknown scale: %s is refused", async (_, images) => {
    const expected =
      "expected a Uint8Array or Uint8ClampedArray of bytes, or a Float32Array of values in [0, 1]";
    const options = { images: images as never, shape, labels };
    for (const make of [
      () => arrayDataset(options),
      () => imageDataLoadersFromArrays(options),
      () => channelStats({ images: images as never, shape }, { rows: [0], scale: 1 }),
      () => channelStats({ images: images as never, shape }, { rows: [0] }),
      () => resizeImage({ data: images as never, shape: [1, 8, 5] }, { size: 2 }),
    ]) {
      expect(make).toThrow(DataError);
      expect(make).toThrow(expected);
      expect(make).toThrow("try Uint8Array.from(…)");
    }
    const { processor } = imageDataLoadersFromArrays({ images: bytes, shape, labels, batchSize: 2 });
    await expect(processor.process({ data: images as never, shape })).rejects.toThrow(expected);
  });

  test("as floats up to 255 are said to be taken as they are", () => {
    const images = Float32Array.from(bytes);
    const warningsOf = (options: object) =>
      imageDataLoadersFromArrays({ images, shape, labels, batchSize: 2, ...options }).warnings;
    expect(warningsOf({})).toEqual([
      "images: floats are taken to lie in [0, 1], and these go up to 234; try a Uint8Array for bytes, or dividing them",
    ]);
    expect(warningsOf({ normalize: "train" })).toEqual([]);
    expect(warningsOf({ images: bytes })).toEqual([]);
    expect(warningsOf({ images: bytes, classes: ["only"], labels: new Int32Array(10) })).toEqual([
      'classes: all rows are of one class, "only": there is nothing to learn',
    ]);
  });
});

import { describe, expect, it } from "vitest";
import {
  arrayDataset,
  type BatchContext,
  channelStats,
  classLabels,
  DataError,
} from "../../../src/data/index.js";

const context: BatchContext = { seed: 0, epoch: 0, step: 0, training: true };
// Three images of two channels of 1 x 2 pixels.
const bytes = Uint8Array.of(0, 51, 255, 255, 102, 102, 0, 255, 204, 0, 51, 153);
const shape = [2, 1, 2] as const;

describe("arrayDataset", () => {
  it("gathers rows in the order asked for, bytes scaled to [0, 1]", async () => {
    const dataset = arrayDataset({ images: bytes, shape, labels: [0, 2, 1] });
    const batch = await dataset.batch(Uint32Array.of(2, 0, 2), context);
    const third = [0.8, 0, 0.2, 0.6];
    const expected = Float32Array.of(...third, 0, 0.2, 1, 1, ...third);
    expect(batch.size).toBe(3);
    expect(batch.inputs).toHaveLength(1);
    expect(batch.inputs[0]).toEqual({ dtype: "float32", shape: [3, 2, 1, 2], data: expected });
    expect(batch.targets).toEqual([{ dtype: "int32", shape: [3], data: Int32Array.of(1, 0, 1) }]);
  });

  it("rejects a row that is not there, where an array would read zeros", () => {
    const dataset = arrayDataset({ images: bytes, shape, labels: [0, 2, 1] });
    const wrong = "batch: expected rows in 0 … 2, got 3 at index 1";
    expect(() => dataset.batch(Uint32Array.of(0, 3), context)).toThrow(wrong);
    expect(() => channelStats({ images: bytes, shape }, { rows: [3] })).toThrow("got 3 at index 0");
  });

  it("describes a row and the classes", () => {
    const dataset = arrayDataset({ images: bytes, shape, labels: [0, 2, 1], classes: ["a", "b", "c", "d"] });
    expect(dataset.length).toBe(3);
    expect(dataset.inputs).toEqual([{ dtype: "float32", shape: [2, 1, 2] }]);
    expect(dataset.targets).toEqual([{ dtype: "int32", shape: [] }]);
    expect(dataset.vocab).toEqual(["a", "b", "c", "d"]);
    expect(arrayDataset({ images: bytes, shape, labels: [0, 2, 1] }).vocab).toEqual(["0", "1", "2"]);
  });

  it("normalises each channel, bytes and floats alike", async () => {
    const normalize = { mean: [0.5, 0.2], std: [0.25, 2] };
    const floats = Float32Array.from(bytes, (v) => v / 255);
    const rows = Uint32Array.of(0);
    const [a, b] = await Promise.all(
      [bytes, floats].map((images) =>
        arrayDataset({ images, shape, labels: [0, 1, 2], normalize }).batch(rows, context),
      ),
    );
    const expected = [-2, -1.2, 0.4, 0.4];
    for (const batch of [a!, b!]) {
      // Single precision: a few units in the last place of values near 1.
      for (const [i, value] of expected.entries()) expect(batch.inputs[0]!.data[i]).toBeCloseTo(value, 6);
    }
  });

  it.each([
    ["no image", { images: new Uint8Array(0), labels: [] }, "images: expected at least one image, got none"],
    [
      "part of an image",
      { images: bytes.subarray(1) },
      "images: expected a multiple of 4 values for images of [2, 1, 2], got 11",
    ],
    ["too few labels", { labels: [0, 1] }, "labels: expected 3, one per image, got 2"],
    ["a negative label", { labels: [0, -1, 1] }, "labels: expected class indices from 0, got -1 at index 1"],
    [
      "a label past the names",
      { classes: ["a", "b"] },
      "labels: expected class indices 0 … 1, got 2 at index 1",
    ],
    ["a label past the count", { classes: 2 }, "labels: expected class indices 0 … 1, got 2 at index 1"],
    ["a fractional label", { labels: [0, 0.5, 1] }, "got 0.5 at index 1"],
    ["a label NaN", { labels: [Number.NaN, 0, 1] }, "got NaN at index 0"],
    ["no class", { classes: 0 }, "classes: expected a positive integer or names, got 0"],
    ["an empty image", { shape: [0, 1, 2] as const }, "shape[0]: expected an integer of at least 1, got 0"],
    [
      "too few means",
      { normalize: { mean: [0.5] } },
      "mean: expected 2 finite number(s), one per channel, got [0.5]",
    ],
    [
      "a deviation of 0",
      { normalize: { std: [1, 0] } },
      "std: expected 2 finite, positive number(s), one per channel, got [1,0]",
    ],
    ["a scale NaN", { normalize: { scale: Number.NaN } }, "scale: expected a finite number, got NaN"],
  ])("rejects %s", (_, options, message) => {
    const make = () => arrayDataset({ images: bytes, shape, labels: [0, 2, 1], ...options });
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });
});

describe("classLabels", () => {
  it("takes no labels", () => {
    expect(classLabels([])).toEqual({ labels: new Int32Array(0), vocab: [] });
    expect(classLabels([], 2).vocab).toEqual(["0", "1"]);
  });
});

describe("channelStats", () => {
  it("measures the chosen rows alone", () => {
    // Row 0 has 0, 51 and 255, 255; row 1 has 102, 102 and 0, 255.
    const { scale, mean, std } = channelStats({ images: bytes, shape }, { rows: [0, 1] });
    expect(scale).toBe(1 / 255);
    expect(mean[0]).toBeCloseTo(0.25, 12);
    expect(mean[1]).toBeCloseTo(0.75, 12);
    expect(std[0]).toBeCloseTo(Math.sqrt((0.0625 + 0.0025 + 0.0225 + 0.0225) / 4), 12);
    expect(std[1]).toBeCloseTo(Math.sqrt(3) / 4, 12);
  });

  it("gives a channel that does not vary a deviation of 1", () => {
    const images = Float32Array.of(3, 3, 3, 3);
    expect(channelStats({ images, shape: [1, 2, 2] }, { rows: [0] })).toEqual({
      scale: 1,
      mean: [3],
      std: [1],
    });
  });

  it("does not cancel for values far from 0", () => {
    const images = Float32Array.from({ length: 1_000 }, (_, i) => 1e6 + (i % 2));
    const { std } = channelStats({ images, shape: [1, 1, 1] }, { rows: Array.from(images.keys()) });
    expect(std[0]).toBeCloseTo(0.5, 9);
  });

  it("rejects no rows", () => {
    const none = () => channelStats({ images: bytes, shape }, { rows: [] });
    expect(none).toThrow("channelStats: expected at least one image, got none");
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type RawImage, resizeImage } from "../../../src/data/index.js";

interface Fixture {
  image: { shape: [number, number, number]; data: number[] };
  cases: { size: [number, number]; method: "squish" | "crop" | "pad"; data: number[] }[];
}
/** What Pillow 9.4 makes of a random image of 7 x 11 with BILINEAR. */
const { image, cases }: Fixture = JSON.parse(
  readFileSync("packages/learner/test/fixtures/image-transforms.json", "utf8"),
).resize;
const bytes: RawImage = { shape: image.shape, data: Uint8Array.from(image.data) };
const floats: RawImage = { shape: image.shape, data: Float32Array.from(image.data, (v) => v / 255) };

describe("resizeImage", () => {
  it.each(cases)("agrees with Pillow: $method to $size", ({ size, method, data }) => {
    const resized = resizeImage(bytes, { size, method });
    expect(resized.shape).toEqual([3, ...size]);
    const float = resizeImage(floats, { size, method });
    for (const [i, value] of data.entries()) {
      // Pillow rounds between its two passes too.
      expect(Math.abs(resized.data[i]! - value)).toBeLessThanOrEqual(1);
      expect(Math.abs(float.data[i]! * 255 - value)).toBeLessThanOrEqual(1.01);
    }
  });

  it("leaves an image of the right size as it is", () => {
    for (const method of ["squish", "crop", "pad"] as const) {
      expect(resizeImage(bytes, { size: [7, 11], method })).toEqual(bytes);
    }
  });

  it("enlarges a single pixel to one colour", () => {
    const pixel: RawImage = { shape: [1, 1, 1], data: Uint8Array.of(77) };
    expect(resizeImage(pixel, { size: 3 })).toEqual({ shape: [1, 3, 3], data: new Uint8Array(9).fill(77) });
  });

  it.each([
    ["a size of 0", { size: 0 }, "size: expected an integer of at least 1, got 0"],
    [
      "an unknown method",
      { size: 2, method: "zoom" as never },
      'method: expected "squish", "crop" or "pad", got "zoom"',
    ],
  ])("rejects %s", (_, options, message) => {
    expect(() => resizeImage(bytes, options)).toThrow(message);
  });

  it("rejects an image whose values do not fit its shape", () => {
    const wrong: RawImage = { shape: [1, 2, 2], data: new Uint8Array(3) };
    expect(() => resizeImage(wrong, { size: 2 })).toThrow(
      "resizeImage: expected 4 values for [1, 2, 2], got 3",
    );
  });
});

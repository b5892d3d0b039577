import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../src/data/index.js";

/** Small files written by Pillow 9.4, with the pixels that Pillow reads back. */
const files: Record<
  string,
  {
    base64: string;
    shape: [number, number, number];
    rgb?: number[];
    grey?: number[];
    corners?: [number, number, number][];
  }
> = JSON.parse(readFileSync("packages/learner/test/fixtures/encoded-images.json", "utf8"));

const bytesOf = (name: string) => new Uint8Array(Buffer.from(files[name]!.base64, "base64"));

describe("decodeImage", () => {
  it.each(["rgb.png", "grey.png"])("reads %s exactly", async (name) => {
    const { shape, rgb, grey } = files[name]!;
    expect(await decodeImage(bytesOf(name))).toEqual({ shape, data: Uint8Array.from(rgb!) });
    const single = await decodeImage(bytesOf(name), { channels: 1 });
    expect(single).toEqual({ shape: [1, shape[1], shape[2]], data: Uint8Array.from(grey!) });
  });

  it("shows white through transparent parts", async () => {
    const { data } = await decodeImage(bytesOf("rgba.png"));
    for (const [i, value] of files["rgba.png"]!.rgb!.entries()) {
      // Blending rounds once more or less.
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    ["exif.jpg", "a JPEG, turned as its camera was held"],
    ["x.webp", "a WebP"],
  ])("reads %s: %s", async (name) => {
    const { shape, corners } = files[name]!;
    const { data, shape: got } = await decodeImage(bytesOf(name));
    expect(got).toEqual(shape);
    const [, height, width] = shape;
    const places = [0, width - 1, (height - 1) * width, height * width - 1];
    for (const [i, at] of places.entries()) {
      for (let c = 0; c < 3; c++) {
        // JPEG decoders differ by a level or two.
        expect(Math.abs(data[c * height * width + at]! - corners![i]![c]!)).toBeLessThanOrEqual(2);
      }
    }
  });

  it.each([
    [
      "no bytes",
      new Uint8Array(0),
      {},
      "image: expected an image file (PNG, JPEG, WebP, AVIF, GIF or BMP), got an empty file",
    ],
    ["other bytes", Uint8Array.of(1, 2, 3, 4), {}, "got 4 bytes of another format"],
    [
      "a PNG cut short",
      bytesOf("rgb.png").slice(0, 100),
      {},
      "got a PNG that is cut short: 100 bytes without its end; try",
    ],
    ["a JPEG cut short", bytesOf("exif.jpg").slice(0, -20), {}, "expected a whole image file"],
    ["a WebP cut short", bytesOf("x.webp").slice(0, -4), {}, "expected a whole image file"],
    ["a file that is not there", "no-such.png", {}, "no-such.png: expected a readable file, got ENOENT"],
    ["two channels", bytesOf("rgb.png"), { channels: 2 as never }, "channels: expected 1 or 3, got 2"],
  ])("rejects %s", async (_, source, options, message) => {
    await expect(decodeImage(source, options)).rejects.toThrow(message);
  });
});

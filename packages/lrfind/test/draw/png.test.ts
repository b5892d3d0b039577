import { createCanvas, loadImage } from "@napi-rs/canvas";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Bitmap, encodePng, pngUri } from "../../src/draw/index.js";

/** Pixels with every kind of step between neighbours. */
function bitmapOf(width: number, height: number, channels: 1 | 3): Bitmap {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + (i >> 3)) % 256);
  return { width, height, channels, data };
}

async function decoded(png: Uint8Array): Promise<{ width: number; height: number; rgb: number[] }> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return { width: image.width, height: image.height, rgb: [...data].filter((_, i) => i % 4 !== 3) };
}

describe.each([
  ["one grey pixel", bitmapOf(1, 1, 1)],
  ["grey, wide", bitmapOf(17, 3, 1)],
  ["colour, tall", bitmapOf(5, 11, 3)],
  ["large, which is compressed in Node", bitmapOf(90, 70, 3)],
  ["larger than a stored block", bitmapOf(300, 260, 1)],
])("%s", (_, bitmap) => {
  afterEach(() => vi.unstubAllGlobals());

  const pixels =
    bitmap.channels === 3 ? [...bitmap.data] : [...bitmap.data].flatMap((grey) => [grey, grey, grey]);

  test("an independent decoder reads the same pixels", async () => {
    expect(await decoded(encodePng(bitmap))).toEqual({
      width: bitmap.width,
      height: bitmap.height,
      rgb: pixels,
    });
  });

  test("and without Node's zlib", async () => {
    const canvasNeeds = process;
    vi.stubGlobal("process", undefined);
    const png = encodePng(bitmap);
    vi.stubGlobal("process", canvasNeeds);
    expect((await decoded(png)).rgb).toEqual(pixels);
  });
});

test("a URI holds the same bytes", () => {
  const png = encodePng(bitmapOf(100, 100, 1));
  const uri = pngUri(png);
  expect(uri.startsWith("data:image/png;base64,")).toBe(true);
  expect(Buffer.from(uri.split(",")[1]!, "base64")).toEqual(Buffer.from(png));
});

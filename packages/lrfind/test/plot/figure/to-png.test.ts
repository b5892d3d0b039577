import { createCanvas, GlobalFonts, loadImage } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { toPng } from "../../../src/plot/index.js";
import { curveOf, pictureCases, resultOf } from "../recorded.js";

// As on a machine without any font: the figure must bring its own. Nothing here has loaded one yet.
GlobalFonts.removeAll();
const result = resultOf(curveOf("fm_mlp_sgd-seed0"));

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The image's size, and a counter of pixels in an area for which a colour test holds. */
async function opened(png: Uint8Array) {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return {
    width: image.width,
    height: image.height,
    count({ x, y, width, height }: Area, holds: (r: number, g: number, b: number, a: number) => boolean) {
      const { data } = context.getImageData(x, y, width, height);
      let found = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (holds(data[i]!, data[i + 1]!, data[i + 2]!, data[i + 3]!)) found++;
      }
      return found;
    },
  };
}

const isDark = (r: number, g: number, b: number) => r + g + b < 250;
const isInked = (r: number, g: number, b: number) => r + g + b < 600;

test("has the PNG signature and the size asked for, on opaque white", async () => {
  const png = await toPng(result, { width: 640, height: 360, scale: 1.5 });
  expect([...png.slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const image = await opened(png);
  expect([image.width, image.height]).toEqual([960, 540]);
  const all = { x: 0, y: 0, width: 960, height: 540 };
  expect(image.count(all, (_r, _g, _b, a) => a !== 255)).toBe(0);
  expect(image.count(all, (r, g, b) => r === 255 && g === 255 && b === 255)).toBeGreaterThan(0.5 * 960 * 540);
});

test("shows title, axis labels, legend text, curve and dots without a system font", async () => {
  const image = await opened(await toPng(result, { scale: 1 }));
  // Places of the default layout, 880 x 460, with two lines of subtitle.
  expect(image.count({ x: 72, y: 8, width: 200, height: 22 }, isDark)).toBeGreaterThan(200);
  expect(image.count({ x: 72, y: 32, width: 260, height: 34 }, isInked)).toBeGreaterThan(300);
  expect(image.count({ x: 60, y: 414, width: 660, height: 16 }, isInked)).toBeGreaterThan(150);
  expect(image.count({ x: 758, y: 76, width: 115, height: 180 }, isInked)).toBeGreaterThan(600);
  expect(image.count({ x: 73, y: 82, width: 640, height: 326 }, isDark)).toBeGreaterThan(600);
  const isVermilion = (r: number, g: number, b: number) => r > 190 && g > 60 && g < 130 && b < 60;
  expect(image.count({ x: 73, y: 82, width: 640, height: 326 }, isVermilion)).toBeGreaterThan(40);
});

test("letters have shapes: without a font they would all be the same box", async () => {
  const titled = async (title: string) => {
    const image = await opened(await toPng(result, { scale: 1, title }));
    return image.count({ x: 60, y: 4, width: 400, height: 28 }, isDark);
  };
  const [narrow, wide] = [await titled("iiiiiiii"), await titled("WWWWWWWW")];
  expect(wide).toBeGreaterThan(1.3 * narrow);
});

test.each(Object.entries(await pictureCases()))("draws %s", async (_name, picture) => {
  const image = await opened(await toPng(picture, { scale: 1 }));
  expect(image.count({ x: 72, y: 4, width: 300, height: 28 }, isDark)).toBeGreaterThan(200);
});

test("a wrong scale is refused by name", async () => {
  await expect(toPng(result, { scale: 0 })).rejects.toThrow(/expected scale .* got 0/);
  await expect(toPng(result, { scale: Number.NaN })).rejects.toThrow(/expected scale .* got NaN/);
});

import { LrfindError, nodeModule, OptionError } from "../core/index.js";

/** A gigabyte of memory. */
const MAX_PIXELS = 2 ** 28;

/** An image on a picture. */
export interface PlacedImage {
  readonly png: Uint8Array;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether its pixels stay squares where it is enlarged. */
  readonly isPixelated: boolean;
}

/** Throws where a picture would have more pixels than memory should hold. */
export function checkPixels(
  where: string,
  { width, height }: { readonly width: number; readonly height: number },
  scale: number,
): void {
  if (width * scale * height * scale <= MAX_PIXELS) return;
  throw new OptionError({
    where,
    option: "scale",
    expected: `scale to give at most ${MAX_PIXELS} pixels`,
    got: `${scale} for ${width} x ${height}`,
    received: scale,
    hint: "2",
  });
}

/**
 * The PNG of an SVG of ours, without a browser and without any font installed on the machine.
 *
 * @param where - Who asks, for errors.
 * @param svg - The document, `size.width * size.scale` pixels wide: what is drawn smaller and enlarged is not sharp.
 * @param size - Width and height of the layout in pixels, and pixels of the image per pixel of it.
 * @param images - Drawn over it: @napi-rs/canvas 1.0 leaves out what an SVG embeds, without a word.
 * @throws {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
 */
export async function rasterise(
  where: string,
  svg: string,
  size: { readonly width: number; readonly height: number; readonly scale: number },
  images: readonly PlacedImage[] = [],
): Promise<Uint8Array> {
  const { createCanvas, loadImage } = await loadCanvas(where);
  const pixels = (length: number) => Math.max(1, Math.round(length * size.scale));
  const canvas = createCanvas(pixels(size.width), pixels(size.height));
  const image = await loadImage(new TextEncoder().encode(svg));
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { scale } = size;
  for (const { png, x, y, width, height, isPixelated } of images) {
    context.imageSmoothingEnabled = !isPixelated;
    const bitmap = await loadImage(png);
    context.drawImage(bitmap, x * scale, y * scale, width * scale, height * scale);
  }
  return await canvas.encode("png");
}

let canvasModule: Promise<typeof import("@napi-rs/canvas")> | undefined;

/** The canvas package with the figure's font registered, once per process. */
function loadCanvas(where: string): Promise<typeof import("@napi-rs/canvas")> {
  canvasModule ??= importCanvas(where).catch((error: unknown) => {
    canvasModule = undefined;
    throw error;
  });
  return canvasModule;
}

async function importCanvas(where: string): Promise<typeof import("@napi-rs/canvas")> {
  const canvas = await import("#canvas").catch((cause: unknown) => {
    throw new LrfindError(
      {
        where,
        expected: "the optional package @napi-rs/canvas, which could not be loaded",
        hint: "`npm install @napi-rs/canvas`, or the SVG, which needs nothing more",
      },
      { cause },
    );
  });
  const { createRequire } = nodeModule<typeof import("node:module")>("module");
  const { resolve } = createRequire(import.meta.url);
  for (const weight of [400, 700]) {
    const file = resolve(`@fontsource/lato/files/lato-latin-${weight}-normal.woff2`);
    if (canvas.GlobalFonts.registerFromPath(file, "Lato") === null) {
      throw new LrfindError({
        where,
        expected: "a readable font",
        got: file,
        hint: "installing @fontsource/lato again",
      });
    }
  }
  return canvas;
}

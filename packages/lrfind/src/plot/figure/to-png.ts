import { type Checks, checkOptions, LrfindError, nodeModule, number, OptionError } from "../../core/index.js";
import { checkPlottable } from "../checks.js";
import { findingsOf, type Plottable } from "../scene.js";
import { FIGURE_OPTIONS, type FigureOptions, pictureSize } from "./options.js";
import { svgOf } from "./to-svg.js";

/** How a PNG is drawn. */
export interface PngOptions extends FigureOptions {
  /**
   * Pixels of the image per pixel of the layout, above 0 and up to 8.
   *
   * @default 2
   */
  readonly scale?: number;
}

const OPTIONS: Checks<PngOptions> = { ...FIGURE_OPTIONS, scale: number({ above: 0, max: 8 }) };

/** A gigabyte of memory. */
const MAX_PIXELS = 2 ** 28;

/**
 * Draws a result as a PNG image, without a browser and without any font installed on the machine.
 *
 * @param result - The result to draw; with a finding per parameter group, one picture under the other.
 * @param options - Layout, as for `toSvg`, and the resolution.
 * @returns The bytes of the PNG file: `width * scale` by `height * scale` pixels.
 * @throws {OptionError} when it is no result, an option does not exist or is out of its range, or the image would have
 *   more than 2²⁸ pixels.
 * @throws {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
 *
 * @example
 * ```ts
 * import { toPng } from "lrfind/plot";
 *
 * await writeFile("plot.png", await toPng(result, { scale: 1 }));
 * ```
 */
export async function toPng(result: Plottable, options: PngOptions = {}): Promise<Uint8Array> {
  checkPlottable("toPng", result);
  checkOptions("toPng", options, OPTIONS);
  const { scale = 2, ...layout } = options;
  const findings = findingsOf(result);
  const { width, height } = pictureSize(layout);
  checkPixels({ width, height: height * findings.length }, scale);
  const { createCanvas, loadImage } = await loadCanvas();
  const pixels = (length: number) => Math.max(1, Math.round(length * scale));
  const canvas = createCanvas(pixels(width), pixels(height) * findings.length);
  const svg = new TextEncoder().encode(await svgOf(result, layout, scale));
  canvas.getContext("2d").drawImage(await loadImage(svg), 0, 0, canvas.width, canvas.height);
  return await canvas.encode("png");
}

function checkPixels({ width, height }: { width: number; height: number }, scale: number): void {
  if (width * scale * height * scale <= MAX_PIXELS) return;
  throw new OptionError({
    where: "toPng",
    option: "scale",
    expected: `scale to give at most ${MAX_PIXELS} pixels`,
    got: `${scale} for ${width} x ${height}`,
    received: scale,
    hint: "2",
  });
}

let canvasModule: Promise<typeof import("@napi-rs/canvas")> | undefined;

/** The canvas package with the figure's font registered, once per process. */
function loadCanvas(): Promise<typeof import("@napi-rs/canvas")> {
  canvasModule ??= importCanvas().catch((error: unknown) => {
    canvasModule = undefined;
    throw error;
  });
  return canvasModule;
}

async function importCanvas(): Promise<typeof import("@napi-rs/canvas")> {
  const canvas = await import("#canvas").catch((cause: unknown) => {
    throw new LrfindError(
      {
        where: "toPng",
        expected: "the optional package @napi-rs/canvas, which could not be loaded",
        hint: "`npm install @napi-rs/canvas`, or toSvg, which needs nothing more",
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
        where: "toPng",
        expected: "a readable font",
        got: file,
        hint: "installing @fontsource/lato again",
      });
    }
  }
  return canvas;
}

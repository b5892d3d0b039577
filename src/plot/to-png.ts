import { type FigureOptions, pictureSize } from "./figure-spec.js";
import type { Plottable } from "./scene.js";
import { viewOf } from "./to-svg.js";

/** How a PNG is drawn. */
export interface PngOptions extends FigureOptions {
  /**
   * Pixels of the image per pixel of the layout, above 0 and up to 8.
   *
   * @default 2
   */
  readonly scale?: number;
}

/**
 * Draws a result as a PNG image, without a browser and without any font installed on the machine.
 *
 * @param result - The result to draw.
 * @param options - Layout, as for `figureSpec`, and the resolution.
 * @returns The bytes of the PNG file: `width * scale` by `height * scale` pixels.
 * @throws RangeError when an option is out of range; Error when the optional package `@napi-rs/canvas` is not
 *   installed.
 *
 * @example
 * ```ts
 * import { toPng } from "lrfind/plot";
 *
 * await writeFile("plot.png", await toPng(result, { scale: 1 }));
 * ```
 */
export async function toPng(result: Plottable, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2, ...layout } = options;
  if (!(scale > 0 && scale <= 8)) {
    throw new RangeError(`toPng: expected scale to be above 0 and at most 8, got ${scale}; try 2`);
  }
  const view = await viewOf(result, layout);
  try {
    const { createCanvas } = await loadCanvas();
    const { width, height } = pictureSize(layout);
    const canvas = createCanvas(Math.round(width * scale), Math.round(height * scale));
    await view.toCanvas(scale, { externalContext: canvas.getContext("2d") });
    return await canvas.encode("png");
  } finally {
    view.finalize();
  }
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
  const canvas = await import("@napi-rs/canvas").catch((cause: unknown) => {
    throw new Error(
      "toPng: expected the optional package @napi-rs/canvas, which could not be loaded; " +
        "try `npm install @napi-rs/canvas`, or toSvg, which needs nothing more",
      { cause },
    );
  });
  const { createRequire } = await import("node:module");
  const { resolve } = createRequire(import.meta.url);
  for (const weight of [400, 700]) {
    const file = resolve(`@fontsource/lato/files/lato-latin-${weight}-normal.woff2`);
    if (canvas.GlobalFonts.registerFromPath(file, "Lato") === null) {
      throw new Error(`toPng: expected a readable font, got ${file}; try installing @fontsource/lato again`);
    }
  }
  return canvas;
}

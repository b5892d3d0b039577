import { arrayOf, type Check, checkArgument, checkOptions, number } from "../../core/index.js";
import { checkPixels, element, moved, rasterise, svgDocument } from "../../draw/index.js";
import { type DescentOptions, descend } from "./descend.js";

const LIST: Check = arrayOf(
  { expected: "a descent", accepts: (value) => typeof value === "object" && value !== null },
  { minLength: 1 },
);

/** Pictures beside one another that a screen has room for. */
const MOST = 6;

/**
 * Draws descents beside one another as an SVG document: the loss over the weight, the steps that a rate makes on it, and in
 * words what comes of them. Any loss of one weight, any rate: the classic three are a rate too small, one that bounces, and
 * one that diverges.
 *
 * @param descents - One, or up to 6.
 * @returns The SVG's text.
 * @throws {OptionError} when one is no descent, an option does not exist, or there are too many.
 *
 * @example
 * ```ts
 * const loss = (w: number) => w * w;
 * const svg = await descentToSvg([0.02, 0.92, 1.06].map((lr) => ({ loss, lr, start: -2 })));
 * ```
 */
export async function descentToSvg(descents: DescentOptions | readonly DescentOptions[]): Promise<string> {
  return await svgOf(listOf("descentToSvg", descents), 1);
}

/**
 * Draws descents as `descentToSvg` does, as a PNG image.
 *
 * @param options.scale - Pixels of the image per pixel of the layout, above 0 and up to 8. Default: 2.
 * @returns The bytes of the PNG file.
 * @throws {OptionError} as `descentToSvg`; {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
 *
 * @example
 * ```ts
 * await writeFile("descent.png", await descentToPng({ loss: (w) => w ** 4, lr: 0.1, start: 2 }));
 * ```
 */
export async function descentToPng(
  descents: DescentOptions | readonly DescentOptions[],
  options: { readonly scale?: number } = {},
): Promise<Uint8Array> {
  const list = listOf("descentToPng", descents);
  checkOptions("descentToPng", options, { scale: number({ above: 0, max: 8 }) });
  const { scale = 2 } = options;
  const { DESCENT_SIZE } = await import("./draw-descent.js");
  const size = { width: DESCENT_SIZE.width * list.length, height: DESCENT_SIZE.height };
  checkPixels("descentToPng", size, scale);
  return await rasterise("descentToPng", await svgOf(list, scale), { ...size, scale });
}

function listOf(
  where: string,
  descents: DescentOptions | readonly DescentOptions[],
): readonly DescentOptions[] {
  const list = Array.isArray(descents)
    ? (descents as readonly DescentOptions[])
    : [descents as DescentOptions];
  checkArgument(where, "descents", list, {
    ...LIST,
    expected: `1 to ${MOST} descents`,
    accepts: (value) => LIST.accepts(value) && (value as unknown[]).length <= MOST,
  });
  // Before anything is drawn.
  for (const each of list) descend(each);
  return list;
}

async function svgOf(list: readonly DescentOptions[], scale: number): Promise<string> {
  const { DESCENT_SIZE, drawDescent } = await import("./draw-descent.js");
  const { width, height } = DESCENT_SIZE;
  const pictures = list.map((each, i) =>
    element("g", { transform: moved(i * width, 0) }, drawDescent(each, `descent${i}`)),
  );
  return svgDocument({ width: width * list.length, height, scale }, ...pictures);
}

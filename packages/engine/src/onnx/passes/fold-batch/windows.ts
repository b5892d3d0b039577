import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import type { WindowGeometry } from "../../ops/window/shape.js";
import { windowOffsets } from "../../ops/window/window.js";
import type { FoldedSizes } from "./layout.js";

/** Windows over folded images: a pixel's place in its image is one index, and its N values lie side by side. */
export interface FoldedWindows extends FoldedSizes {
  readonly window: WindowGeometry;
}

/**
 * The elements that lie at each offset of the windows: one `[C, positions, N]` per offset, row-major.
 *
 * @param x - `[1, C, H, W * N]`.
 * @param fill - What stands outside of the image.
 */
export function gatherOffsets(g: GraphBuilder, x: Value, windows: FoldedWindows, fill: number): Value[] {
  const places = placesByOffset(windows);
  const source = pixelsAround(g, x, windows, places.flat(), fill);
  return places.map((each, offset) => gatherPixels(g, source, each, keyOf(`offset ${offset}`, windows)));
}

/**
 * All windows as columns of one matrix: `[C * offsets, positions * N]`.
 *
 * @param x - `[1, C, H, W * N]`.
 */
export function gatherColumns(g: GraphBuilder, x: Value, windows: FoldedWindows): Value {
  const { channels, batch, window } = windows;
  const places = placesByOffset(windows).flat();
  const source = pixelsAround(g, x, windows, places, 0);
  const gathered = gatherPixels(g, source, places, keyOf("columns", windows));
  return g.reshape(gathered, [channels * sizeOf(window.kernel), sizeOf(window.output) * batch]);
}

/**
 * Adds windows back into the images they were taken from.
 *
 * @param columns - `[C, offsets * positions, N]`, in any shape.
 * @returns `[1, C, H, W * N]`.
 */
export function addColumns(g: GraphBuilder, columns: Value, windows: FoldedWindows): Value {
  const { channels, batch, spatial } = windows;
  const places = placesByOffset(windows).flat();
  const sources = sourcesOf(places, sizeOf(spatial));
  const parts = g.reshape(columns, [channels, places.length, batch]);
  const padded = sources.includes(places.length) ? padPixels(g, parts, 0) : parts;
  const gathered = gatherPixels(g, padded, sources, keyOf("sources", windows));
  const most = sources.length / sizeOf(spatial);
  const summed =
    most === 1 ? gathered : g.reduceSum(g.reshape(gathered, [channels, most, sizeOf(spatial) * batch]), [1]);
  return g.reshape(summed, [1, channels, spatial[0], spatial[1] * batch]);
}

/** For each offset in a window, the pixel under each window's element there; behind the last one where that is outside. */
function placesByOffset({ spatial: [height, width], window }: FoldedWindows): number[][] {
  const { strides, dilations, padsBegin, output } = window;
  const [rows, columns] = output as [number, number];
  return windowOffsets(window.kernel).map(([down, right]) => {
    const places: number[] = [];
    for (let i = 0; i < rows; i++) {
      const row = i * strides[0]! + down! * dilations[0]! - padsBegin[0]!;
      for (let j = 0; j < columns; j++) {
        const column = j * strides[1]! + right! * dilations[1]! - padsBegin[1]!;
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        places.push(isInside ? row * width + column : height * width);
      }
    }
    return places;
  });
}

/**
 * The other way round: the first, second, … window element over each pixel, as many as any pixel has. Where one has
 * fewer, the index behind the last element.
 */
function sourcesOf(places: readonly number[], pixelCount: number): number[] {
  const byPixel: number[][] = Array.from({ length: pixelCount }, () => []);
  places.forEach((place, i) => {
    byPixel[place]?.push(i);
  });
  const most = byPixel.reduce((longest, { length }) => Math.max(longest, length), 1);
  return Array.from({ length: most }, (_, t) => byPixel.map((each) => each[t] ?? places.length)).flat();
}

/** `[C, pixels, N]`, with `fill` as one more pixel where a place lies outside. */
function pixelsAround(
  g: GraphBuilder,
  x: Value,
  { channels, spatial, batch }: FoldedSizes,
  places: readonly number[],
  fill: number,
): Value {
  const pixels = g.reshape(x, [channels, sizeOf(spatial), batch]);
  return places.includes(sizeOf(spatial)) ? padPixels(g, pixels, fill) : pixels;
}

function padPixels(g: GraphBuilder, x: Value, fill: number): Value {
  const pads = g.ints([0, 0, 0, 0, 1, 0]);
  return g.op("Pad", fill === 0 ? [x, pads] : [x, pads, g.scalar(fill, x.dtype)]);
}

/** Copies runs of N values: ONNX Runtime 1.30 shares the Gather among the threads, and a strided Slice not. */
function gatherPixels(g: GraphBuilder, source: Value, places: readonly number[], key: string): Value {
  const indices = g.constantOnce(key, () => tensor("int32", [places.length], places), "places");
  return g.op("Gather", [source, indices], { axis: 1 });
}

/** Convolutions of one geometry share their indices, which are as many as the windows' elements. */
function keyOf(what: string, { spatial, window }: FoldedWindows): string {
  return JSON.stringify([what, spatial, window]);
}

import type { GraphBuilder } from "../builder.js";
import type { Node, Value } from "../graph.js";
import type { WindowGeometry } from "../shapes/window.js";
import { windowGeometry } from "../shapes/window.js";

/** Where the window of a convolution or pool stands over its input's spatial dimensions. */
export function windowOf(node: Node, input: Value, kernel: readonly number[]): WindowGeometry {
  return windowGeometry({ ...node, outputCount: node.outputs.length }, input.shape.slice(2), kernel);
}

/** Every offset inside a window, row-major: `[[0, 0], [0, 1], ...]`. */
export function windowOffsets(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (offsets, size) => offsets.flatMap((o) => Array.from({ length: size }, (_, i) => [...o, i])),
    [[]],
  );
}

/** Pads the spatial dimensions of `[N, C, …]` so that every window lies inside; crops what no window reaches. */
export function padForWindow(g: GraphBuilder, x: Value, window: WindowGeometry, fill = 0): Value {
  const spatial = x.shape.slice(2);
  const end = spatial.map((size, i) => {
    const reach =
      (window.output[i]! - 1) * window.strides[i]! + window.dilations[i]! * (window.kernel[i]! - 1);
    return reach + 1 - window.padsBegin[i]! - size;
  });
  return padSpatial(g, x, window.padsBegin, end, fill);
}

/** Pads the spatial dimensions of `[N, C, …]`; negative amounts crop. */
export function padSpatial(
  g: GraphBuilder,
  x: Value,
  begin: readonly number[],
  end: readonly number[],
  fill = 0,
): Value {
  if ([...begin, ...end].every((p) => p === 0)) return x;
  const pads = g.ints([0, 0, ...begin, 0, 0, ...end]);
  return g.op("Pad", fill === 0 ? [x, pads] : [x, pads, g.scalar(fill, x.dtype)]);
}

/** The elements of a padded `[N, C, …]` that lie at one offset of each window: `[N, C, …output]`. */
export function sliceAtOffset(
  g: GraphBuilder,
  padded: Value,
  window: WindowGeometry,
  offset: readonly number[],
): Value {
  const starts = offset.map((o, i) => o * window.dilations[i]!);
  const ends = starts.map((start, i) => start + (window.output[i]! - 1) * window.strides[i]! + 1);
  const axes = starts.map((_, i) => i + 2);
  const whole = starts.every((start, i) => start === 0 && ends[i] === padded.shape[i + 2]);
  const dense = window.strides.every((stride) => stride === 1);
  if (whole && dense) return padded;
  return g.slice(padded, starts, ends, axes, dense ? undefined : window.strides);
}

import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import type { WindowGeometry } from "./shape.js";
import { windowGeometry } from "./shape.js";

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

/** Pads the spatial dimensions of `[N, C, …input]` so that every window just fits in; crops what no window reaches. */
export function padForWindow(g: GraphBuilder, x: Value, window: WindowGeometry, fill = 0): Value {
  const end = window.output.map((output, i) => {
    const reach = (output - 1) * window.strides[i]! + window.dilations[i]! * (window.kernel[i]! - 1);
    return reach + 1 - window.padsBegin[i]! - x.shape[i + 2]!;
  });
  return padSpatial(g, x, window.padsBegin, end, fill);
}

/** Pads dimensions 2 and up, as many as there are amounts; negative amounts crop. */
export function padSpatial(
  g: GraphBuilder,
  x: Value,
  begin: readonly number[],
  end: readonly number[],
  fill = 0,
): Value {
  if ([...begin, ...end].every((p) => p === 0)) return x;
  const after = x.shape.slice(begin.length + 2).map(() => 0);
  const pads = g.ints([0, 0, ...begin, ...after, 0, 0, ...end, ...after]);
  return g.op("Pad", fill === 0 ? [x, pads] : [x, pads, g.scalar(fill, x.dtype)]);
}

/** Crops the ends of the spatial dimensions of `[N, C, …]`, or pads them with zeros, until they have these sizes. */
export function fitSpatial(g: GraphBuilder, x: Value, sizes: readonly number[]): Value {
  const none = sizes.map(() => 0);
  const end = sizes.map((size, i) => size - x.shape[i + 2]!);
  return padSpatial(g, x, none, end);
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

/**
 * Adds windows back into the input they were taken from: a transposed convolution.
 *
 * @param windows - `[N, M, …output]`.
 * @param weights - `[M, C / group, …kernel]`.
 * @param input - Spatial sizes of the input.
 * @returns `[N, C, …input]`.
 */
export function spreadWindows(
  g: GraphBuilder,
  windows: Value,
  weights: Value,
  window: WindowGeometry,
  input: readonly number[],
  group = 1,
): Value {
  // What the windows cover of the input with its padding; the rest of it got nothing.
  const covered = window.output.map(
    (o, i) => (o - 1) * window.strides[i]! + window.dilations[i]! * (window.kernel[i]! - 1) + 1,
  );
  const spread = g.op("ConvTranspose", [windows, weights], {
    dilations: window.dilations,
    group,
    kernel_shape: window.kernel,
    pads: [
      ...window.padsBegin.map((p, i) => Math.min(p, covered[i]!)),
      ...covered.map((size, i) => Math.max(0, size - window.padsBegin[i]! - input[i]!)),
    ],
    strides: window.strides,
  });
  return fitSpatial(g, spread, input);
}

/** Whether the windows tile the input from its first element on, without padding or gaps. */
export function isTiling(window: WindowGeometry, spatial: readonly number[]): boolean {
  return window.kernel.every(
    (k, i) =>
      window.strides[i] === k &&
      (window.dilations[i] === 1 || k === 1) &&
      window.padsBegin[i] === 0 &&
      window.output[i]! * k <= spatial[i]!,
  );
}

/** Repeats each element of `[N, C, …output]` over its window of a tiling: `[N, C, …output * kernel]`. */
export function upsampleWindows(g: GraphBuilder, x: Value, kernel: readonly number[]): Value {
  const scales = g.constant(tensor("float32", [kernel.length + 2], [1, 1, ...kernel]));
  return g.op("Resize", [x, null, scales], {
    coordinate_transformation_mode: "asymmetric",
    mode: "nearest",
    nearest_mode: "floor",
  });
}

/**
 * All windows of each image: `[N, C, kernel size, positions]`.
 *
 * @param x - `[N, C, …input]`.
 */
export function windowColumns(g: GraphBuilder, x: Value, window: WindowGeometry): Value {
  const [n, c] = x.shape as [number, number];
  const positions = sizeOf(window.output);
  const padded = padForWindow(g, x, window);
  const taps = windowOffsets(window.kernel).map((offset) =>
    g.reshape(sliceAtOffset(g, padded, window, offset), [n, c, 1, positions]),
  );
  return g.concat(taps, 2);
}

/** The windows of a whole batch as rows of one matrix: `[N * positions, C * kernel size]`. */
export function windowRows(g: GraphBuilder, x: Value, window: WindowGeometry): Value {
  const columns = windowColumns(g, x, window);
  const [n, c, size, positions] = columns.shape as [number, number, number, number];
  const matrices = g.reshape(columns, [n, c * size, positions]);
  return g.reshape(g.transpose(matrices, [0, 2, 1]), [n * positions, c * size]);
}

/** `[N, C, …output]` as one row of channels for each position of each image: `[N * positions, C]`. */
export function positionRows(g: GraphBuilder, x: Value): Value {
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]];
  const positions = sizeOf(spatial);
  return g.reshape(g.transpose(g.reshape(x, [n, c, positions]), [0, 2, 1]), [n * positions, c]);
}

/**
 * Whether a convolution has so many weights and so few output positions that one product over the whole batch is
 * faster: ONNX Runtime's own reads all weights once per image.
 */
export function isLowered(positions: number, weightShape: readonly number[]): boolean {
  return positions <= 8 && sizeOf(weightShape) >= 2 ** 19;
}

import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import type { WindowGeometry } from "../window/shape.js";
import {
  fitSpatial,
  isLowered,
  padForWindow,
  positionRows,
  sliceAtOffset,
  windowColumns,
  windowOffsets,
  windowRows,
} from "../window/window.js";

/** What a convolution's gradient by its weights depends on besides input and gradient of the output. */
export interface ConvWeightOptions {
  /** `[M, C / group, …kernel]`. */
  readonly weightShape: readonly number[];
  readonly window: WindowGeometry;
  readonly group: number;
}

/**
 * Gradient of a convolution by its weights:
 * `dw[m, c, k] = sum over n, o of dy[n, m, o] * x[n, c, o * stride + k * dilation - pad]`.
 *
 * @param x - `[N, C, …input]`.
 * @param dy - `[N, M, …output]`.
 * @returns `[M, C / group, …kernel]`.
 */
export function convWeightGradient(g: GraphBuilder, x: Value, dy: Value, options: ConvWeightOptions): Value {
  return forms[chooseForm(options)](g, x, dy, options);
}

/**
 * Picks the fastest form; "product" where the forward pass is lowered too and shares its rows (512, 512; 2x2: 6.5
 * alone, of which the windows take a part). Milliseconds on one core (ONNX Runtime 1.30, batch 16 and 3x3 kernels
 * unless noted):
 *
 * | channels in, out; output | columns | images | imageRows | rows | swapped |
 * |---|---|---|---|---|---|
 * | 1, 16; 28x28, batch 64 | 0.88 | 3.19 | | 1.22 | 1.36 |
 * | 3, 32; 32x32 | 0.88 | 2.30 | | | 1.43 |
 * | 3, 64; 32x32, 7x7 stride 2 | 8.3 | 24.0 | | 33.5 | 6.2 |
 * | 64, 64; 28x28, batch 32 | 34.0 | 26.2 | 28.3 | 47.6 | 49.9 |
 * | 128, 128; 16x16 | | 19.6 | 19.0 | 19.1 | |
 * | 64, 64; 16x16 | 6.8 | 5.1 | 4.4 | 4.4 | 10.0 |
 * | 16, 32; 14x14, batch 64 | 5.2 | 2.5 | 2.0 | 2.7 | 5.5 |
 * | 32, 64; 12x12 | | 1.7 | 1.4 | 1.4 | |
 * | 128, 128; 8x8 | 8.5 | 7.4 | 6.4 | 3.9 | 8.4 |
 * | 256, 256; 4x4 | 18.4 | 17.9 | | 4.5 | 7.2 |
 * | 512, 512; 2x2 | 52.5 | 63.3 | | 6.7 | 11.2 |
 * | 64, 64; 16x16, 4 groups | 4.2 | 2.4 | | | 5.0 |
 * | 96, 96; 32x32, depthwise | 14.3 | 7.8 | | | 21.6 |
 * | 96, 96; 16x16, depthwise, stride 2 | 9.0 | 7.6 | | | 6.4 |
 * | 192, 192; 8x8, depthwise | 3.3 | 5.7 | | | 3.1 |
 * | 576, 576; 4x4, depthwise | 4.7 | 14.0 | | | 2.2 |
 *
 * "rows" hardly gains from a second core where there are few channels, "imageRows" does: 16, 32; 14x14, batch 64 takes
 * 2.6 and 1.6 with two threads, 64, 64; 16x16 3.3 and 2.7.
 */
function chooseForm({ weightShape, window, group }: ConvWeightOptions): keyof typeof forms {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const positions = sizeOf(window.output);
  if (group > 1) {
    const dense = window.strides.every((s) => s === 1);
    const depthwise = c === 1 && m === group;
    return depthwise && !(dense && positions > 256) ? "swapped" : "images";
  }
  if (c <= 4) return sizeOf(kernel) > 16 ? "swapped" : "columns";
  if (isLowered(positions, weightShape)) return "product";
  if (positions > 256) return "images";
  return positions > 128 ? "imageRows" : "rows";
}

type Form = (g: GraphBuilder, x: Value, dy: Value, options: ConvWeightOptions) => Value;

/** All windows of an image as columns of one matrix, one product per image. */
const columns: Form = (g, x, dy, { weightShape, window, group }) => {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const n = x.shape[0]!;
  const positions = sizeOf(window.output);
  const windows = g.reshape(windowColumns(g, x, window), [n, group, c * sizeOf(kernel), positions]);
  const rows = g.reshape(dy, [n, group, m / group, positions]);
  const products = g.matmul(rows, g.transpose(windows, [0, 1, 3, 2]));
  return g.reshape(g.reduceSum(products, [0]), weightShape);
};

/** One product per kernel offset and image, summed over the images. */
const images: Form = (g, x, dy, { weightShape, window, group }) => {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const n = x.shape[0]!;
  const positions = sizeOf(window.output);
  const padded = padForWindow(g, x, window);
  const rows = g.reshape(dy, [n, group, m / group, positions]);
  const taps = windowOffsets(kernel).map((offset) => {
    const tap = g.reshape(sliceAtOffset(g, padded, window, offset), [n, group, c, positions]);
    return g.reshape(g.reduceSum(g.matmul(rows, g.transpose(tap, [0, 1, 3, 2])), [0]), [m, c, 1]);
  });
  return g.reshape(g.concat(taps, 2), weightShape);
};

/** Channels last: one product per kernel offset that sums over the batch by itself. One group only. */
const rows: Form = (g, x, dy, { weightShape, window }) => {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const padded = padForWindow(g, channelsLast(g, x), window);
  const n = x.shape[0]!;
  const positions = sizeOf(window.output);
  const gradient = positionRows(g, dy);
  const taps = windowOffsets(kernel).map((offset) => {
    const tap = g.reshape(sliceAtOffset(g, padded, window, offset), [n * positions, c]);
    return g.reshape(g.op("Gemm", [gradient, tap], { transA: 1 }), [m, c, 1]);
  });
  return g.reshape(g.concat(taps, 2), weightShape);
};

/**
 * Input with channels last: one product per image, which all threads share, and kernel offset; where channels are few,
 * one for all offsets along the last dimension. One group only.
 */
const imageRows: Form = (g, x, dy, { weightShape, window }) => {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const n = x.shape[0]!;
  const positions = sizeOf(window.output);
  const padded = padForWindow(g, channelsLast(g, x), window);
  const gradient = g.reshape(dy, [n, m, positions]);
  const last = kernel.at(-1)!;
  const together = c <= 32 ? last : 1;
  const offsets = windowOffsets(kernel);
  const products = offsets.flatMap((_, first) => {
    if (first % together !== 0) return [];
    const taps = offsets
      .slice(first, first + together)
      .map((offset) => sliceAtOffset(g, padded, window, offset));
    const tap = g.reshape(g.concat(taps, -1), [n, positions, together * c]);
    return [g.reshape(g.reduceSum(g.matmul(gradient, tap), [0]), [m, together, c])];
  });
  const byOffset = g.concat(products, 1);
  return g.reshape(g.transpose(byOffset, [0, 2, 1]), weightShape);
};

/** `[N, C, …]` as `[N, 1, …, C]`: the spatial dimensions stand where the window's helpers expect them. */
function channelsLast(g: GraphBuilder, x: Value): Value {
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]];
  const flat = g.transpose(g.reshape(x, [n, c, sizeOf(spatial)]), [0, 2, 1]);
  return g.reshape(flat, [n, 1, ...spatial, c]);
}

/** A convolution with batch and channels swapped: the gradient is the kernel that moves over the input. */
const swapped: Form = (g, x, dy, { weightShape, window, group }) => {
  const [, c, ...kernel] = weightShape as [number, number, ...number[]];
  const [n, , ...spatial] = x.shape as [number, number, ...number[]];
  const axes = kernel.map((_, i) => i + 3);
  const images = g.transpose(g.reshape(x, [n, group, c, ...spatial]), [2, 1, 0, ...axes]);
  const kernels = g.transpose(
    dy,
    dy.shape.map((_, i) => (i < 2 ? 1 - i : i)),
  );
  const result = g.op("Conv", [g.reshape(images, [c, group * n, ...spatial]), kernels], {
    dilations: window.strides,
    group,
    kernel_shape: window.output,
    pads: [...window.padsBegin, ...window.padsEnd],
    strides: window.dilations,
  });
  // Input that no window reaches yields offsets beyond the kernel.
  const inside = fitSpatial(g, result, kernel);
  const transposed = g.transpose(
    inside,
    inside.shape.map((_, i) => (i < 2 ? 1 - i : i)),
  );
  return g.reshape(transposed, weightShape);
};

/**
 * All windows of the batch as rows of one matrix, one product. The rows are those that `lowerConvolutions` makes for
 * the forward pass, and ONNX Runtime computes equal nodes once.
 */
const product: Form = (g, x, dy, { weightShape, window }) => {
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const rows = windowRows(g, x, window);
  const gradient = positionRows(g, dy);
  return g.reshape(g.op("Gemm", [gradient, rows], { transA: 1 }), [m, c, ...kernel]);
};

const forms = { columns, images, imageRows, product, rows, swapped };

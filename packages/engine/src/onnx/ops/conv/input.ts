import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import type { Target } from "../../graph/target.js";
import { sizeOf } from "../../graph/tensor.js";
import type { WindowGeometry } from "../window/shape.js";
import { positionRows, spreadWindows } from "../window/window.js";

/** What a convolution's gradient by its input depends on besides the gradient of the output and the weights. */
export interface ConvInputOptions {
  /** `[N, C, …input]`. */
  readonly inputShape: readonly number[];
  readonly window: WindowGeometry;
  readonly group: number;
  readonly target: Target;
}

/**
 * Gradient of a convolution by its input:
 * `dx[n, c, i] = sum over m, k of dy[n, m, (i + pad - k * dilation) / stride] * w[m, c, k]`.
 *
 * @param dy - `[N, M, …output]`.
 * @param w - `[M, C / group, …kernel]`.
 * @returns `[N, C, …input]`.
 */
export function convInputGradient(g: GraphBuilder, dy: Value, w: Value, options: ConvInputOptions): Value {
  const { inputShape, window, group } = options;
  switch (chooseForm(w, options)) {
    case "conv":
      return correlate(g, dy, w, options);
    case "columns":
      return addColumns(g, dy, w, options);
    case "convTranspose":
      return spreadWindows(g, dy, w, window, inputShape.slice(2), group);
  }
}

/**
 * Picks the fastest form. Milliseconds on one core (ONNX Runtime 1.30, batch 16 unless noted), 3x3 kernels:
 *
 * | channels in, out; output | conv | convTranspose | columns |
 * |---|---|---|---|
 * | 16, 32; 14x14, batch 64 | 2.76 | 2.25 | 4.45 |
 * | 64, 64; 16x16 | 3.97 | 4.09 | 6.14 |
 * | 128, 128; 8x8 | 4.06 | 3.91 | 4.32 |
 * | 64, 128; 8x8, stride 2 | | 2.13 | 2.22 |
 * | 256, 256; 4x4 | 5.78 | 5.26 | 3.71 |
 * | 128, 256; 4x4, stride 2 | | 2.58 | 1.78 |
 * | 512, 512; 2x2 | 23.0 | 27.9 | 4.75 |
 * | 256, 512; 2x2, stride 2 | | 13.0 | 2.16 |
 *
 * Convolutions read all weights once per image, which the column form does once per batch. A convolution makes
 * columns of the output's channels, a transposed one of the input's: the fewer the better.
 */
function chooseForm(w: Value, options: ConvInputOptions): "conv" | "convTranspose" | "columns" {
  const { window, group, target } = options;
  const [m, c, ...kernel] = w.shape as [number, number, ...number[]];
  const fewPositions = sizeOf(kernel) > 1 && sizeOf(window.output) <= 32;
  // WebGPU has no Col2Im; ONNX Runtime 1.30 gets it wrong on one dimension with a dilation.
  if (fewPositions && kernel.length === 2 && group === 1 && target !== "webgpu") return "columns";
  const sameSize = window.strides.every((s) => s === 1);
  const canCorrelate = sameSize && correlationPads(window).every((pad) => pad >= 0);
  if (!canCorrelate) return "convTranspose";
  return sizeOf(kernel) > 1 && m / group > c ? "convTranspose" : "conv";
}

/** Padding of the convolution that is the gradient of another: negative where the other one pads beyond its reach. */
export function correlationPads({ kernel, dilations, padsBegin, padsEnd }: WindowGeometry): number[] {
  const reach = kernel.map((k, i) => dilations[i]! * (k - 1));
  return [...reach.map((r, i) => r - padsBegin[i]!), ...reach.map((r, i) => r - padsEnd[i]!)];
}

/** Stride 1: a convolution with the weights transposed and reversed. */
export function correlate(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  { window, group }: Pick<ConvInputOptions, "window" | "group">,
): Value {
  return g.op("Conv", [dy, reversedWeights(g, w, group)], {
    dilations: window.dilations,
    group,
    kernel_shape: window.kernel,
    pads: correlationPads(window),
  });
}

/** Weights `[M, C / group, …]` as `[C, M / group, …]`, every spatial dimension reversed. */
function reversedWeights(g: GraphBuilder, w: Value, group: number): Value {
  const [m, c, ...kernel] = w.shape as [number, number, ...number[]];
  const split = g.reshape(w, [group, m / group, c, ...kernel]);
  const swapped = g.transpose(split, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  const transposed = g.reshape(swapped, [c * group, m / group, ...kernel]);
  const axes = kernel.flatMap((k, i) => (k > 1 ? [i + 2] : []));
  if (axes.length === 0) return transposed;
  const last = axes.map(() => -1);
  const beforeFirst = axes.map(() => -(2 ** 31));
  return g.slice(transposed, last, beforeFirst, axes, last);
}

/** One matrix product for the whole batch gives what each output element adds to its window. */
function addColumns(g: GraphBuilder, dy: Value, w: Value, { inputShape, window }: ConvInputOptions): Value {
  const n = dy.shape[0]!;
  const m = dy.shape[1]!;
  const positions = sizeOf(window.output);
  const columnSize = sizeOf(w.shape.slice(1));
  const products = g.reshape(g.matmul(positionRows(g, dy), g.reshape(w, [m, columnSize])), [
    n,
    positions,
    columnSize,
  ]);
  return g.op(
    "Col2Im",
    [g.transpose(products, [0, 2, 1]), g.ints(inputShape.slice(2)), g.ints(window.kernel)],
    {
      dilations: window.dilations,
      pads: [...window.padsBegin, ...window.padsEnd],
      strides: window.strides,
    },
    { types: [{ dtype: dy.dtype, shape: inputShape }] },
  );
}

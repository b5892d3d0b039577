import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { intsAttribute } from "../../ops/attributes.js";
import { correlate } from "../../ops/conv/input.js";
import type { GradientRule } from "../../ops/gradient-rule.js";
import { columnBytes, type FoldedOp, foldedWindow, MAX_COLUMN_BYTES, windowsOf } from "./operators.js";
import { addColumns, type FoldedWindows, gatherColumns, gatherOffsets } from "./windows.js";

/** With more columns for each output channel than that, reversing the weights costs less than adding columns. */
const COLUMNS_PER_CHANNEL = 6;

const conv: GradientRule = ({ g, node, dy, needs, input }) => {
  const [x, w] = [input(0), input(1)];
  const windows = windowsOf(node, w.shape.slice(2));
  return [
    needs(0) ? inputGradient(g, dy, w, windows) : null,
    needs(1) ? weightGradient(g, x, dy, w.shape, windows) : null,
    needs(2) ? g.reduceSum(dy, [0, 2, 3]) : null,
  ];
};

/**
 * As a convolution with the weights transposed and reversed; where they are many and the columns few, as one product
 * whose columns are added up: ONNX Runtime 1.30 takes 7 ms to transpose and reverse [512, 512, 3, 3], and 2.7 for the
 * product and all around it with 2x2 outputs of 16 images.
 */
function inputGradient(g: GraphBuilder, dy: Value, w: Value, windows: FoldedWindows): Value {
  const [m, ...rest] = w.shape as [number, ...number[]];
  const columns = sizeOf(windows.window.output) * windows.batch;
  if (columns > COLUMNS_PER_CHANNEL * m)
    return correlate(g, dy, w, { window: foldedWindow(windows), group: 1 });
  const weights = g.reshape(w, [m, sizeOf(rest)]);
  const products = g.op("Gemm", [g.reshape(dy, [m, columns]), weights], { transA: 1 });
  const apart = g.reshape(products, [columns, rest[0]!, sizeOf(rest.slice(1))]);
  return addColumns(g, g.transpose(apart, [1, 2, 0]), windows);
}

/** `dw[m, c, k] = sum over the columns of dy[m] * windows[c, k]`. */
function weightGradient(
  g: GraphBuilder,
  x: Value,
  dy: Value,
  shape: readonly number[],
  windows: FoldedWindows,
): Value {
  const [m, c, ...kernel] = shape as [number, number, ...number[]];
  const { window, batch } = windows;
  const columns = sizeOf(window.output) * batch;
  const rows = g.reshape(dy, [m, columns]);
  const arePixels = sizeOf(kernel) === 1 && `${window.output}` === `${windows.spatial}`;
  if (arePixels) return g.reshape(sumOfProducts(g, rows, g.reshape(x, [c, columns]), [c, 1]), shape);
  if (columnBytes(windows, window) <= MAX_COLUMN_BYTES) {
    return g.reshape(sumOfProducts(g, rows, gatherColumns(g, x, windows), [c, sizeOf(kernel)]), shape);
  }
  const byOffset = gatherOffsets(g, x, windows, 0).map((part) =>
    sumOfProducts(g, rows, g.reshape(part, [c, columns]), [c, 1]),
  );
  return g.reshape(g.concat(byOffset, 2), shape);
}

/**
 * `a * b^T` of two wide matrices. ONNX Runtime 1.30 lays out the right side anew, so that is the one with fewer rows:
 * [144, 12544] by [32, 12544] takes 0.55 ms this way round and 0.77 the other, on one core. Where the result is large
 * beside them, turning it costs more: 1 ns for each element, against 0.1 for one that is laid out.
 *
 * @param inner - What the rows of b stand for: the result is `[rows of a, …inner]`.
 */
function sumOfProducts(g: GraphBuilder, a: Value, b: Value, inner: readonly [number, number]): Value {
  const [m, columns] = a.shape as [number, number];
  const isTurned = m < b.shape[0]! && columns > 10 * m;
  if (!isTurned) return g.reshape(g.op("Gemm", [a, b], { transB: 1 }), [m, ...inner]);
  // A third dimension keeps ONNX Runtime from turning the product round again (its GemmTransposeFusion).
  const product = g.reshape(g.op("Gemm", [b, a], { transB: 1 }), [...inner, m]);
  return g.transpose(product, [2, 0, 1]);
}

const windowsGradient: GradientRule = ({ g, node, dys }) => {
  const windows = windowsOf(node, intsAttribute(node, "kernel_shape")!);
  const offsets = sizeOf(windows.window.kernel) / dys.length;
  const shape = [windows.channels, offsets * sizeOf(windows.window.output), windows.batch];
  const parts = dys.map((dy) => (dy ? g.reshape(dy, shape) : g.zeros(shape)));
  return [addColumns(g, g.concat(parts, 1), windows)];
};

const firstMax: GradientRule = ({ g, node, dy, input, output }) => {
  let rest = dy;
  return node.inputs.map((_, i) => {
    if (i === node.inputs.length - 1) return rest;
    const part = g.mul(rest, g.cast(g.equal(input(i), output(0)), dy.dtype));
    rest = g.sub(rest, part);
    return part;
  });
};

/** Gradients of the operators on folded images. */
export const foldedGradients: Record<FoldedOp, GradientRule> = {
  Conv: conv,
  Windows: windowsGradient,
  FirstMax: firstMax,
};

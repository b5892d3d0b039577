import type { Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { gradientError } from "../gradient-rule.js";
import type { WindowGeometry } from "../window/shape.js";
import {
  fitSpatial,
  isTiling,
  padForWindow,
  sliceAtOffset,
  spreadWindows,
  upsampleWindows,
  windowOf,
  windowOffsets,
} from "../window/window.js";

/** Gradient of a max pool: that of each window goes to the first (row-major) of its largest elements. */
export const maxPoolGradient: GradientRule = (context) => {
  const { node, input, target } = context;
  const kernel = intsAttribute(node, "kernel_shape");
  if (!kernel) throw gradientError(node, "a kernel_shape");
  if (numberAttribute(node, "storage_order", 0) !== 0)
    throw gradientError(node, "storage_order 0 (row-major)");
  const window = windowOf(node, input(0), kernel);
  if (isTiling(window, input(0).shape.slice(2))) return [fromRanks(context, window)];
  if (target === "webgpu") return [fromComparisons(context, window)];
  return [overlaps(window) ? scatter(context) : unpool(context)];
};

function overlaps({ kernel, strides, dilations }: WindowGeometry): boolean {
  return kernel.some((k, i) => strides[i]! <= dilations[i]! * (k - 1));
}

/** The index in the flattened input of each window's largest element, which the forward node yields on request. */
function indices({ g, node }: GradientContext): Value {
  return g.extendOutputs(node, 2)[1]!;
}

/**
 * Windows that tile the input: finds the largest elements by comparison, and the first of them by pooling again over
 * ranks that fall within a window. For 2x2 over [64, 16, 28, 28] this costs 1.6 ms whatever the data; indices and
 * MaxUnpool 1.2 to 2.9, the more the less a branch predictor can guess (ONNX Runtime 1.30, 1 thread).
 */
function fromRanks({ g, dy, input, output }: GradientContext, { kernel, ...window }: WindowGeometry): Value {
  const x = input(0);
  const covered = window.output.map((size, i) => size * kernel[i]!);
  const rank = g.constant(tensor(x.dtype, [1, 1, ...covered], fallingRanks(covered, kernel)));
  const up = (value: Value) => upsampleWindows(g, value, kernel);
  const largest = g.equal(fitSpatial(g, x, covered), up(output(0)));
  const candidates = g.mul(g.cast(largest, x.dtype), rank);
  const first = g.op("MaxPool", [candidates], { kernel_shape: kernel, strides: kernel });
  const dx = g.mul(up(dy), g.cast(g.equal(up(first), rank), x.dtype));
  return fitSpatial(g, dx, x.shape.slice(2));
}

/** For each place of `size`, how many elements of its window come from it on: 1 for the window's last one. */
function fallingRanks(size: readonly number[], kernel: readonly number[]): number[] {
  // Row-major place in the window, dimension by dimension.
  const places = size.reduce<number[]>(
    (all, length, d) =>
      all.flatMap((place) => Array.from({ length }, (_, i) => place * kernel[d]! + (i % kernel[d]!))),
    [0],
  );
  return places.map((place) => sizeOf(kernel) - place);
}

/** Windows that do not overlap but are padded, cut off or apart: writes each window's gradient to its place. */
function unpool(context: GradientContext): Value {
  const { g, dy, input } = context;
  const { dtype, shape } = input(0);
  // Kernel and strides serve to guess the output's shape, which is given; the true ones may guess too large a one.
  const ones = shape.slice(2).map(() => 1);
  const attributes = { kernel_shape: ones, strides: ones };
  return g.op("MaxUnpool", [dy, indices(context), g.ints(shape)], attributes, { types: [{ dtype, shape }] });
}

/** Adds up the gradients of all windows that an element is the largest of. */
function scatter(context: GradientContext): Value {
  const { g, dy, input } = context;
  const { dtype, shape } = input(0);
  const windows = [sizeOf(dy.shape)];
  // ScatterElements(add), not ScatterND(add): the latter races over duplicate indices with two threads (ONNX Runtime 1.30).
  const flat = g.op(
    "ScatterElements",
    [g.zeros([sizeOf(shape)], dtype), g.reshape(indices(context), windows), g.reshape(dy, windows)],
    { axis: 0, reduction: "add" },
  );
  return g.reshape(flat, shape);
}

/** WebGPU has no indices: compares the elements at each offset of the windows with the output. */
function fromComparisons({ g, dy, input, output }: GradientContext, window: WindowGeometry): Value {
  const x = input(0);
  const y = output(0);
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]];
  const padded = padForWindow(g, x, window, Number.NEGATIVE_INFINITY);
  const offsets = windowOffsets(window.kernel);
  let taken: Value | undefined;
  const parts = offsets.map((offset) => {
    const largest = g.equal(sliceAtOffset(g, padded, window, offset), y);
    const first = taken ? g.op("And", [largest, g.op("Not", [taken])]) : largest;
    taken = taken ? g.op("Or", [taken, largest]) : largest;
    return g.reshape(g.mul(dy, g.cast(first, x.dtype)), [n * c, 1, ...window.output]);
  });
  // A transposed convolution with one-hot weights adds each part into its offset's places.
  const oneHot = offsets.flatMap((_, i) => offsets.map((_, j) => (i === j ? 1 : 0)));
  const weights = g.constant(tensor(x.dtype, [offsets.length, 1, ...window.kernel], oneHot));
  const sum = spreadWindows(g, g.concat(parts, 1), weights, window, spatial);
  return g.reshape(sum, x.shape);
}

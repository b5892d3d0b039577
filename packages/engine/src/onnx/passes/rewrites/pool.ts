import type { Attributes, Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute } from "../../ops/attributes.js";
import type { ShapeContext } from "../../ops/shape-rule.js";
import { shapeError } from "../../ops/shape-rule.js";
import { type WindowGeometry, windowCounts, windowGeometry } from "../../ops/window/shape.js";
import type { Rewrite } from "./rewrite.js";

/**
 * A max pool says by padding what `ceil_mode` and `auto_pad` say: padding never is the maximum, so that as much stands
 * behind the input as the last window reaches over. What ONNX Runtime does not take as padding, as much as the kernel's
 * size, is put around the input before.
 *
 * ONNX's rule and ONNX Runtime 1.30 do not agree on how many windows `ceil_mode` makes where the one more would start
 * beyond the input: the kernel leaves it out, as PyTorch does, the inference of shapes and the kernel that yields
 * indices count it.
 */
const maxPool: Rewrite = (g, node) => {
  const window = windowToRewrite(node);
  if (!window) return node;
  const { padsBegin, padsEnd: end } = withReach(node, window);
  if (arePads(window, padsBegin, end)) return { ...node, attributes: withPads(node, padsBegin, end) };
  if (node.outputCount > 1) {
    throw shapeError(node, "padding smaller than the kernel where the indices are wanted");
  }
  const x = node.inputs[0]!;
  const pads = g.ints([0, 0, ...padsBegin, 0, 0, ...end]);
  const padded = g.op("Pad", [x, pads, g.scalar(lowestOf(x), x.dtype)]);
  return { ...node, inputs: [padded], attributes: withPads(node) };
};

/**
 * An average pool likewise. Where its padding counts as zeros, what the last window reaches over beside it does not
 * count, as in PyTorch; one node knows one kind of padding only. Such a pool, and one with more padding than ONNX Runtime
 * takes, is a convolution of each channel by itself that adds up, over the counts. (Padding in a node before the pool
 * would not do: ONNX Runtime puts it back into the pool.)
 */
const averagePool: Rewrite = (g, node) => {
  const window = windowToRewrite(node);
  if (!window) return node;
  const x = node.inputs[0]!;
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]];
  const { kernel, strides, dilations, output } = window;
  const includePad = numberAttribute(node, "count_include_pad", 0) === 1;
  const { padsBegin, padsEnd: end } = withReach(node, window);
  const counts = windowCounts(spatial, window, includePad);
  const inside = windowCounts(spatial, window, false);
  const size = sizeOf(kernel);
  if (arePads(window, padsBegin, end)) {
    const attributes = withPads(node, padsBegin, end);
    if (counts.every((count, i) => count === inside[i])) {
      return { ...node, attributes: { ...attributes, count_include_pad: 0 } };
    }
    if (counts.every((count) => count === size)) {
      return { ...node, attributes: { ...attributes, count_include_pad: 1 } };
    }
  }
  const ones = g.constant(tensor(x.dtype, [1, 1, ...kernel], new Array<number>(size).fill(1)), "ones");
  const sums = g.op("Conv", [g.reshape(x, [n * c, 1, ...spatial]), ones], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...padsBegin, ...end],
  });
  // A dilated window that holds nothing but padding has no average: 0.
  const shares = counts.map((count) => (count === 0 ? 0 : 1 / count));
  const grid = g.constant(tensor(x.dtype, [1, 1, ...output], shares), "shares");
  return { ...node, opType: "Mul", inputs: [g.reshape(sums, [n, c, ...output]), grid], attributes: {} };
};

/** The window of a pool that has to be said otherwise; undefined where ONNX Runtime takes it as it is. */
function windowToRewrite(node: ShapeContext): WindowGeometry | undefined {
  const [x] = node.inputs;
  const kernel = intsAttribute(node, "kernel_shape");
  if (!x || !kernel || x.shape.length !== kernel.length + 2) return undefined;
  const window = windowGeometry(node, x.shape.slice(2), kernel);
  const isPlain =
    numberAttribute(node, "ceil_mode", 0) !== 1 &&
    (node.attributes["auto_pad"] ?? "NOTSET") === "NOTSET" &&
    arePads(window, window.padsBegin, window.padsEnd);
  return isPlain ? undefined : window;
}

/** The window with as much padding behind the input as its last place reaches into, where `ceil_mode` says so. */
function withReach(node: ShapeContext, window: WindowGeometry): WindowGeometry {
  if (numberAttribute(node, "ceil_mode", 0) !== 1) return window;
  const { kernel, strides, dilations, padsBegin, output } = window;
  const spatial = node.inputs[0]!.shape.slice(2);
  const padsEnd = output.map((count, i) => {
    const reach = (count - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1;
    return Math.max(0, reach - padsBegin[i]! - spatial[i]!);
  });
  return { ...window, padsEnd };
}

/** Whether ONNX Runtime 1.30 takes these amounts as a pool's padding: they must be smaller than the kernel. */
function arePads({ kernel }: WindowGeometry, begin: readonly number[], end: readonly number[]): boolean {
  return kernel.every((size, i) => begin[i]! < size && end[i]! < size);
}

function withPads(
  { attributes }: ShapeContext,
  begin?: readonly number[],
  end?: readonly number[],
): Attributes {
  const { ceil_mode: _, auto_pad: __, pads: ___, ...rest } = attributes;
  return begin && end ? { ...rest, pads: [...begin, ...end] } : rest;
}

function lowestOf({ dtype }: Value): number {
  if (dtype === "uint8") return 0;
  return dtype === "int8" ? -128 : Number.NEGATIVE_INFINITY;
}

/** Pools. */
export const poolRewrites = {
  AveragePool: averagePool,
  MaxPool: maxPool,
} satisfies Record<string, Rewrite>;

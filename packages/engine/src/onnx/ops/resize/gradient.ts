import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import { numberAttribute } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";
import { gradientError } from "../gradient-rule.js";
import type { ResampledAxis } from "./resample.js";
import { cubicTaps, linearTaps, nearestTaps, originalCoordinates } from "./resample.js";

/** The gradient of `y = x W` along one axis, where row i of W [size, count] says where element i goes: `dy Wᵀ`. */
function applyTransposed(g: GraphBuilder, dy: Value, axis: number, taps: Taps, size: number): Value {
  const count = taps.length;
  const outer = sizeOf(dy.shape.slice(0, axis));
  const inner = sizeOf(dy.shape.slice(axis + 1));
  const shape = dy.shape.map((dim, d) => (d === axis ? size : dim));
  const weights = new Float64Array(size * count);
  // The last axis is a product from the right; others are products from the left.
  const last = inner === 1;
  taps.forEach((row, o) => {
    for (const { index, weight } of row) weights[last ? o * size + index : index * count + o]! += weight;
  });
  const matrix = g.constant(tensor(dy.dtype, last ? [count, size] : [size, count], [...weights]));
  const product = last
    ? g.matmul(g.reshape(dy, [outer, count]), matrix)
    : g.matmul(matrix, g.reshape(dy, [outer, count, inner]));
  return g.reshape(product, shape);
}

type Taps = ReturnType<typeof linearTaps>;

/** The factor of an axis that repeats every element equally often; undefined where it does not. */
function repeatFactor(taps: Taps, size: number): number | undefined {
  const factor = taps.length / size;
  const repeats = taps.every(
    (row, o) => row.length === 1 && row[0]!.weight === 1 && row[0]!.index === Math.floor(o / factor),
  );
  return Number.isInteger(factor) && repeats ? factor : undefined;
}

/** Sums blocks of `factors[d]` elements of dimension d. */
function sumBlocks(g: GraphBuilder, x: Value, factors: readonly number[]): Value {
  const blocks: number[] = [];
  const axes: number[] = [];
  x.shape.forEach((dim, d) => {
    blocks.push(dim / factors[d]!);
    if (factors[d]! > 1) axes.push(blocks.push(factors[d]!) - 1);
  });
  return axes.length === 0 ? x : g.reduceSum(g.reshape(x, blocks), axes);
}

/**
 * Resampling is linear and separable, so its gradient is a product with one transposed matrix per axis, made when
 * the graph is built. Nearest upsampling by whole factors sums blocks instead.
 */
const resize: GradientRule = ({ g, node, dy, input }) => {
  const x = input(0);
  const mode = node.attributes["mode"] ?? "nearest";
  if (mode !== "nearest" && mode !== "linear" && mode !== "cubic") {
    throw gradientError(node, `the mode nearest, linear or cubic, not ${String(mode)}`);
  }
  for (const attribute of ["antialias", "exclude_outside", "axes"]) {
    if (node.attributes[attribute]) throw gradientError(node, `no attribute "${attribute}"`);
  }
  const scales = node.inputs[3] ? undefined : node.inputs[2]?.constant?.data;
  const axes = x.shape.map((size, d): Taps | undefined => {
    const count = dy.shape[d]!;
    const axis: ResampledAxis = { size, count, scale: Number(scales?.[d] ?? count / size) };
    // ONNX Runtime passes an axis of scale 1 through, whatever the coordinate transformation.
    if (axis.scale === 1) return undefined;
    const coordinates = originalCoordinates(node, axis);
    if (mode === "nearest") return nearestTaps(node, coordinates, axis);
    if (mode === "linear") return linearTaps(coordinates, size);
    return cubicTaps(coordinates, size, numberAttribute(node, "cubic_coeff_a", -0.75));
  });
  const factors = axes.map((taps, d) => (taps ? repeatFactor(taps, x.shape[d]!) : undefined));
  let dx = sumBlocks(
    g,
    dy,
    factors.map((factor) => factor ?? 1),
  );
  axes.forEach((taps, d) => {
    if (taps && factors[d] === undefined) dx = applyTransposed(g, dx, d, taps, x.shape[d]!);
  });
  return [dx, null, null, null];
};

/** Gradients of resize operators. */
export const resizeGradients = { Resize: resize } satisfies Record<string, GradientRule>;

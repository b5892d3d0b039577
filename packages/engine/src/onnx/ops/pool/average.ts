import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import type { DType } from "../../graph/tensor.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";
import { gradientError } from "../gradient-rule.js";
import { type WindowGeometry, windowCounts } from "../window/shape.js";
import { fitSpatial, isTiling, spreadWindows, upsampleWindows, windowOf } from "../window/window.js";

/** Gradient of an average pool: each window's gradient over its number of elements, to all of them. */
export const averagePoolGradient: GradientRule = ({ g, node, dy, input }) => {
  const kernel = intsAttribute(node, "kernel_shape");
  if (!kernel) throw gradientError(node, "a kernel_shape");
  const { shape, dtype } = input(0);
  const [n, c, ...spatial] = shape as [number, number, ...number[]];
  const window = windowOf(node, input(0), kernel);
  const includePad = numberAttribute(node, "count_include_pad", 0) === 1;
  const share = g.mul(dy, reciprocalCounts(g, spatial, window, includePad, dtype));
  if (isTiling(window, spatial)) return [fitSpatial(g, upsampleWindows(g, share, kernel), spatial)];
  const ones = g.constant(tensor(dtype, [1, 1, ...kernel], new Array<number>(sizeOf(kernel)).fill(1)));
  const sum = spreadWindows(g, g.reshape(share, [n * c, 1, ...window.output]), ones, window, spatial);
  return [g.reshape(sum, shape)];
};

/** One over the number of elements that each window averages; a scalar where all have the same. */
function reciprocalCounts(
  g: GraphBuilder,
  spatial: readonly number[],
  window: WindowGeometry,
  includePad: boolean,
  dtype: DType,
): Value {
  const counts = windowCounts(spatial, window, includePad);
  if (counts.every((count) => count === counts[0])) return g.scalar(1 / counts[0]!, dtype);
  const shares = counts.map((count) => (count === 0 ? 0 : 1 / count));
  return g.constant(tensor(dtype, [1, 1, ...window.output], shares));
}

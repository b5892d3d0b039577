import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { numberAttribute, positiveAxis } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { gradientError } from "../gradient-rule.js";

/**
 * Gradient of a layer normalisation. With the normalised input `z` and `e = dy * scale`:
 * `dx = (e - mean(e) - z * mean(e * z)) / deviation`.
 *
 * Source: Ba, Kiros and Hinton, Layer Normalization (2016).
 */
export const layerNormalizationGradient: GradientRule = (context) => {
  const { g, node, dy, dys, needs, input } = context;
  if (dys.slice(1).some((other) => other)) throw gradientError(node, "a loss that uses the output only");
  const [x, scale] = [input(0), input(1)];
  const axis = positiveAxis(numberAttribute(node, "axis", -1), x.shape.length);
  const { mean, inverseDeviation } = statistics(context, axis);
  const z = g.mul(g.sub(x, mean), inverseDeviation);
  const product = g.mul(dy, z);
  return [
    needs(0) ? g.mul(project(g, { dy, product, z, scale, axis }), inverseDeviation) : null,
    needs(1) ? product : null,
    needs(2) ? dy : null,
  ];
};

/** `e - mean(e) - z * mean(e * z)` for `e = dy * scale` and `product = dy * z`, means over the axes from `axis` on. */
function project(
  g: GraphBuilder,
  { dy, product, z, scale, axis }: { dy: Value; product: Value; z: Value; scale: Value; axis: number },
): Value {
  const normalized = dy.shape.slice(axis);
  const size = sizeOf(normalized);
  const rows = [sizeOf(dy.shape.slice(0, axis)), size];
  // One column of weights makes the scaled means matrix products, without the scaled values in between.
  const weights = g.reshape(g.mul(g.expand(scale, normalized), 1 / size), [size, 1]);
  const kept = dy.shape.map((dim, i) => (i < axis ? dim : 1));
  const weightedMean = (value: Value) => g.reshape(g.matmul(g.reshape(value, rows), weights), kept);
  return g.sub(g.sub(g.mul(dy, scale), weightedMean(dy)), g.mul(z, weightedMean(product)));
}

function statistics(
  { g, node, input, target }: GradientContext,
  axis: number,
): { mean: Value; inverseDeviation: Value } {
  if (target !== "webgpu") {
    const [, mean, inverseDeviation] = g.extendOutputs(node, 3);
    return { mean: mean!, inverseDeviation: inverseDeviation! };
  }
  const x = input(0);
  const axes = x.shape.flatMap((_, i) => (i < axis ? [] : [i]));
  return momentsOver(g, x, axes, numberAttribute(node, "epsilon", 1e-5));
}

/** Mean and `1 / sqrt(variance + epsilon)` over some axes, which are kept with size 1. */
export function momentsOver(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): { mean: Value; inverseDeviation: Value } {
  const mean = g.reduceMean(x, axes, { keepDims: true });
  const centered = g.sub(x, mean);
  const variance = g.reduceMean(g.mul(centered, centered), axes, { keepDims: true });
  return { mean, inverseDeviation: g.div(1, g.sqrt(g.add(variance, epsilon))) };
}

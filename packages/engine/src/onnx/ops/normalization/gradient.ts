import type { Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { numberAttribute } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { batchNormalizationGradient } from "./batch-normalization.js";
import { layerNormalizationGradient, momentsOver } from "./layer-normalization.js";
import { perChannel } from "./per-channel.js";

/**
 * Gradient of a normalisation over groups of channels, each image by itself. With the normalised input `z` and
 * `e = dy * scale`: `dx = (e - mean(e) - z * mean(e * z)) / deviation`.
 */
function groupGradient({ g, node, dy, needs, input }: GradientContext, groups: number): (Value | null)[] {
  const [x, scale] = [input(0), input(1)];
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]];
  const grouped = (value: Value) => g.reshape(value, [n, groups, (c / groups) * sizeOf(spatial)]);
  const flat = grouped(x);
  const { mean, inverseDeviation } = momentsOver(g, flat, [2], numberAttribute(node, "epsilon", 1e-5));
  const z = g.mul(g.sub(flat, mean), inverseDeviation);
  const inputGradient = () => {
    const e = grouped(g.mul(dy, perChannel(g, scale, x)));
    const meanOf = (value: Value) => g.reduceMean(value, [2], { keepDims: true });
    const projected = g.sub(g.sub(e, meanOf(e)), g.mul(z, meanOf(g.mul(e, z))));
    return g.reshape(g.mul(projected, inverseDeviation), x.shape);
  };
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  return [
    needs(0) ? inputGradient() : null,
    needs(1) ? g.reduceSum(g.mul(dy, g.reshape(z, x.shape)), axes) : null,
    needs(2) ? g.reduceSum(dy, axes) : null,
  ];
}

/** `y = x / norm`; `dx = (dy - dnorm * sum(dy * y)) / norm`, where `dnorm` is the sign of x (p = 1) or y (p = 2). */
const lpNormalization: GradientRule = ({ g, node, dy, input, output }) => {
  const [x, y] = [input(0), output(0)];
  const axis = numberAttribute(node, "axis", -1);
  const p = numberAttribute(node, "p", 2);
  const norm = g.op(p === 1 ? "ReduceL1" : "ReduceL2", [x, g.ints([axis])], { keepdims: 1 });
  const sum = g.reduceSum(g.mul(dy, y), [axis], { keepDims: true });
  const normGradient = p === 1 ? g.op("Sign", [x]) : y;
  // ONNX Runtime yields 0 for a zero vector, where there is no gradient.
  const inverse = g.where(g.equal(norm, 0), g.scalar(0, x.dtype), g.div(1, norm));
  return [g.mul(g.sub(dy, g.mul(normGradient, sum)), inverse)];
};

/** Gradients of normalization operators. */
export const normalizationGradients = {
  BatchNormalization: batchNormalizationGradient,
  GroupNormalization: (context) => groupGradient(context, numberAttribute(context.node, "num_groups", 1)),
  InstanceNormalization: (context) => groupGradient(context, context.input(0).shape[1]!),
  LayerNormalization: layerNormalizationGradient,
  LpNormalization: lpNormalization,
} satisfies Record<string, GradientRule>;

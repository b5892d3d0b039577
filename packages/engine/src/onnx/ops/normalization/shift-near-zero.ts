import { integer, required } from "lrfind/core";
import {
  builder,
  check,
  checkOnnxOptions,
  ints,
  optionalValues,
  target as targetCheck,
  value as valueCheck,
} from "../../checks.js";
import type { Value } from "../../graph/graph.js";
import type { NodeWriter } from "../../graph/node-writer.js";
import type { Target } from "../../graph/target.js";

/**
 * Moves what is normalised to near zero: takes the whole number below its mean off.
 *
 * A normalisation gives the same for `x` and `x - c`, but in float32 the statistics of `x` lose the digits that its mean
 * takes: at mean 1e4 and deviation 1 InstanceNormalization of ONNX Runtime 1.30 is off by 1e-3, and a constant 1e4 + 0.1
 * by 1. What is left after the shift is exact to the input's own rounding. The gradient by way of `c` is zero, so that
 * Floor, where gradients end, saves working it out.
 *
 * @param x - What is normalised.
 * @param axes - The dimensions that its mean is taken over.
 * @returns A value of the same shape.
 *
 * @example
 * ```ts
 * const near = shiftNearZero(g, x, [2, 3]);
 * ```
 */
export function shiftNearZero(g: NodeWriter, x: Value, axes: readonly number[]): Value {
  check("shiftNearZero", "g", g, builder);
  check("shiftNearZero", "x", x, valueCheck);
  check("shiftNearZero", "axes", axes, ints);
  return g.sub(x, g.op("Floor", [g.reduceMean(x, axes, { keepDims: true })]));
}

/**
 * The inputs of a LayerNormalization, the first shifted near zero where that matters: ONNX Runtime's CPU kernel works
 * the variance out about the mean, the one for WebGPU as `E[x²] - E[x]²`.
 *
 * @param inputs - What is normalised, scale and bias.
 * @param options.axis - First dimension that is normalised over, negative from the end.
 * @param options.target - The provider that is to run the graph.
 *
 * @example
 * ```ts
 * const y = g.op("LayerNormalization", layerNormInputs(g, [x, scale, bias], { axis: -1, target }), { axis: -1 });
 * ```
 */
export function layerNormInputs<T extends Value | null>(
  g: NodeWriter,
  inputs: readonly T[],
  options: { readonly axis: number; readonly target: Target },
): readonly (T | Value)[] {
  check("layerNormInputs", "g", g, builder);
  check("layerNormInputs", "inputs", inputs, optionalValues);
  checkOnnxOptions<typeof options>("layerNormInputs", options, {
    axis: required(integer()),
    target: required(targetCheck),
  });
  const { axis, target } = options;
  const [x, ...rest] = inputs;
  if (target !== "webgpu" || !x) return inputs;
  const first = axis < 0 ? axis + x.shape.length : axis;
  const axes = x.shape.flatMap((_, i) => (i < first ? [] : [i]));
  return [shiftNearZero(g, x, axes), ...rest];
}

import type { GraphBuilder, Target, Value } from "../../onnx/index.js";

/**
 * Adds one number that tells whether all elements of some values are finite:
 *
 * ```
 * sentinel = Σ_v Σ_i v[i]
 * ```
 *
 * A sum with NaN or an infinity in it is never finite. The opposite does not hold: finite numbers may add up to more
 * than float32 holds, so that a sentinel that is not finite calls for a look at each element.
 *
 * One pass over the values, each right after it is made. A test of each element (`IsNaN`, `IsInf`) takes two, and
 * `ReduceMax` passes over NaN.
 *
 * @param values - float32, of any shapes; at least one.
 */
export function sentinelOf(g: GraphBuilder, values: readonly Value[], target: Target): Value {
  const sums = values.map((value) => (value.shape.length === 0 ? value : g.reduceSum(value)));
  if (sums.length === 1) return g.add(sums[0]!, 0);
  // WebGPU has no Sum: each number would be fetched from the GPU for it.
  if (target === "webgpu") return sums.reduce((a, b) => g.add(a, b));
  return g.op("Sum", sums);
}

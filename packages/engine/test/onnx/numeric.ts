import type { Tensor, Value } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";

/** A function of float inputs, as a graph. */
export type GraphFunction = (g: GraphBuilder, inputs: Value[]) => Value;

/** The loss sum(y * weights) turns any output into a scalar whose gradient exercises every element. */
export function lossWeights(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 1.7 * i));
}

/**
 * Runs a function, its output weighted and summed, and the gradients by those inputs that `wrt` lists.
 * `wrt` defaults to all float32 inputs.
 */
export async function runWithGradients(
  f: GraphFunction,
  inputs: readonly Tensor[],
  wrt: readonly number[] = inputs.flatMap((input, i) => (input.dtype === "float32" ? [i] : [])),
): Promise<{ y: Tensor; loss: number; gradients: Tensor[] }> {
  const g = new GraphBuilder();
  const values = inputs.map((input, i) => g.input(`x${i}`, input.dtype, input.shape));
  const y = f(g, values);
  const size = y.shape.reduce((a, b) => a * b, 1);
  const loss = g.reduceSum(g.mul(y, g.constant(tensor("float32", y.shape, lossWeights(size)))));
  const gradients = differentiate(
    g,
    loss,
    wrt.map((i) => values[i]!),
  );
  const outputs: Record<string, Value> = { y, loss };
  for (const i of wrt) outputs[`d${i}`] = gradients.get(values[i]!)!;
  await using session = await createSession(g.build(outputs), { threads: 1 });
  const result = await session.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));
  return {
    y: result.y!,
    loss: result.loss!.data[0] as number,
    gradients: wrt.map((i) => result[`d${i}`]!),
  };
}

/**
 * Gradients by central differences in every element. Float32 forward passes limit them to about three digits, so
 * compare with a relative tolerance of 1e-2 of the largest element; exact agreement is checked against PyTorch.
 */
export async function finiteDifferences(
  f: GraphFunction,
  inputs: readonly Tensor[],
  wrt: readonly number[] = inputs.flatMap((input, i) => (input.dtype === "float32" ? [i] : [])),
  step = 1e-2,
): Promise<Float64Array[]> {
  const g = new GraphBuilder();
  const values = inputs.map((input, i) => g.input(`x${i}`, input.dtype, input.shape));
  const y = f(g, values);
  await using session = await createSession(g.build({ y }), { threads: 1 });
  const weights = lossWeights(y.shape.reduce((a, b) => a * b, 1));
  const lossAt = async (feeds: readonly Tensor[]) => {
    const { y: out } = await session.run(Object.fromEntries(feeds.map((input, i) => [`x${i}`, input])));
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += weights[i]! * (out!.data[i] as number);
    return sum;
  };
  const gradients: Float64Array[] = [];
  for (const i of wrt) {
    const base = inputs[i]!;
    const gradient = new Float64Array(base.data.length);
    for (let k = 0; k < gradient.length; k++) {
      const shifted = async (delta: number) => {
        const data = Float32Array.from(base.data as Float32Array);
        data[k] = data[k]! + delta;
        const feeds = [...inputs];
        feeds[i] = { dtype: "float32", shape: base.shape, data };
        return { loss: await lossAt(feeds), at: data[k]! };
      };
      const up = await shifted(step);
      const down = await shifted(-step);
      gradient[k] = (up.loss - down.loss) / (up.at - down.at);
    }
    gradients.push(gradient);
  }
  return gradients;
}

/** The largest absolute difference over the largest absolute expected value (at least 1e-6). */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 1e-6;
  for (let i = 0; i < got.length; i++) {
    const d = Math.abs(got[i]! - expected[i]!);
    // NaN must not pass for a small difference, nor be forgotten over the next element.
    if (Number.isNaN(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference / scale;
}

/** Deterministic, irregular values of about unit size. */
export function values(shape: readonly number[], seed = 0): Tensor<"float32"> {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * (seed + 1)) * 1.3,
  );
  return { dtype: "float32", shape, data };
}

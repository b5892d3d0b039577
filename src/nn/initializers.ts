import type { RandomKey } from "../random/index.js";
import { fillUniform } from "../random/index.js";

/** Makes the first value of a parameter from its shape and the key of its random numbers. */
export type Initializer = (shape: readonly number[], key: RandomKey) => Float32Array;

/** Every element is `value`. */
export function constantInit(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/**
 * Uniform on [-bound, bound).
 *
 * @example
 * ```ts
 * uniformInit(0.1)([2, 2], { seed: 0 }); // four numbers in [-0.1, 0.1)
 * ```
 */
export function uniformInit(bound: number): Initializer {
  return (shape, key) => {
    const data = fillUniform(new Float32Array(sizeOf(shape)), key);
    for (let i = 0; i < data.length; i++) data[i] = (2 * data[i]! - 1) * bound;
    return data;
  };
}

/**
 * PyTorch's default for linear and convolutional layers, weights and biases alike:
 * uniform on ±1 / sqrt(fanIn), which is Kaiming's uniform bound with a = sqrt(5).
 *
 * @param fanIn - Inputs that one output sums over: in features, or channels per group times kernel size.
 *
 * Source: He, Zhang, Ren and Sun (2015), section 2.2; PyTorch 1.13's `torch.nn.Linear` and `Conv2d`.
 */
export function fanInUniform(fanIn: number): Initializer {
  return uniformInit(fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

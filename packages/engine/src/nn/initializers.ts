import { type Checks, checkArgument, checkOptions, number, oneOf } from "lrfind/core";
import type { RandomKey } from "../random/index.js";
import { fillNormal, fillUniform } from "../random/index.js";
import { checkedSize, makesInitializers } from "./checks.js";

/** Makes the first value of a parameter from its shape and the key of its random numbers. */
export type Initializer = (shape: readonly number[], key: RandomKey) => Float32Array;

/**
 * Every element is `value`.
 *
 * @throws {OptionError} unless it is a finite number.
 *
 * @example
 * ```ts
 * constantInit(1)([2], { seed: 0 }); // Float32Array [1, 1]
 * ```
 */
export function constantInit(value: number): Initializer {
  checkArgument("constantInit", "value", value, number());
  return (shape) => zeros(shape).fill(value);
}

/**
 * Uniform on [-bound, bound).
 *
 * @param bound - At least 0.
 * @throws {OptionError} when it is not.
 *
 * @example
 * ```ts
 * uniformInit(0.1)([2, 2], { seed: 0 }); // four numbers in [-0.1, 0.1)
 * ```
 */
export function uniformInit(bound: number): Initializer {
  checkArgument("uniformInit", "bound", bound, number({ min: 0 }));
  return (shape, key) => fillUniform(zeros(shape), key, { low: -bound, high: bound });
}

/**
 * Normal with mean 0.
 *
 * @param std - Standard deviation, at least 0. Default: 1.
 * @throws {OptionError} when it is not.
 *
 * @example
 * ```ts
 * normalInit(0.02)([768, 768], { seed: 0, stream: "init/head" });
 * ```
 */
export function normalInit(std = 1): Initializer {
  checkArgument("normalInit", "std", std, number({ min: 0 }));
  return (shape, key) => fillNormal(zeros(shape), key, { std });
}

/**
 * Normal with mean 0, where what lies beyond two standard deviations is wrapped to the remainder of a division
 * by two of them: how fastai starts its embeddings.
 *
 * @param std - Standard deviation before wrapping, at least 0. Default: 0.01, fastai's.
 * @throws {OptionError} when it is not.
 *
 * @example
 * ```ts
 * embedding(1000, 50, { weightInit: wrappedNormalInit() });
 * ```
 *
 * Source: fastai's `trunc_normal_`.
 */
export function wrappedNormalInit(std = 0.01): Initializer {
  checkArgument("wrappedNormalInit", "std", std, number({ min: 0 }));
  return (shape, key) => {
    const data = fillNormal(zeros(shape), key);
    for (let i = 0; i < data.length; i++) data[i] = (data[i]! % 2) * std;
    return data;
  };
}

/**
 * PyTorch's default for linear and convolutional layers, weights and biases alike:
 * uniform on ±1 / sqrt(fanIn), which is Kaiming's uniform bound with a = sqrt(5).
 *
 * @param fanIn - Inputs that one output sums over: in features, or channels per group times kernel size.
 * @throws {OptionError} when it is below 0.
 *
 * @example
 * ```ts
 * fanInUniform(784)([128, 784], { seed: 0, stream: "init/0.weight" }); // within ±1/28
 * ```
 *
 * Source: He, Zhang, Ren and Sun (2015), section 2.2; PyTorch 1.13's `torch.nn.Linear` and `Conv2d`.
 */
export function fanInUniform(fanIn: number): Initializer {
  checkArgument("fanInUniform", "fanIn", fanIn, number({ min: 0 }));
  return uniformInit(fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0);
}

/**
 * Uniform on ±sqrt(6 / (fanIn + fanOut)) for a matrix [fanOut, fanIn].
 *
 * @example
 * ```ts
 * linear(64, 64, { weightInit: xavierUniform() });
 * ```
 *
 * Source: Glorot and Bengio (2010), equation 16.
 */
export function xavierUniform(): Initializer {
  return (shape, key) => {
    const { fanIn, fanOut } = fans(shape);
    return uniformInit(Math.sqrt(6 / (fanIn + fanOut)))(shape, key);
  };
}

/**
 * Normal with mean 0 and standard deviation sqrt(2 / fan), which keeps the variance through rectifiers.
 *
 * @param options.mode - Which fan of a weight [out, in, …kernel]. Default: "fanIn".
 * @throws {OptionError} for an option that does not exist, or another value.
 *
 * @example
 * ```ts
 * conv2d(3, 64, { kernelSize: 7, weightInit: kaimingNormal({ mode: "fanOut" }) });
 * ```
 *
 * Source: He, Zhang, Ren and Sun (2015), equations 10 and 14.
 */
export function kaimingNormal(options: { readonly mode?: "fanIn" | "fanOut" } = {}): Initializer {
  checkOptions("kaimingNormal", options, KAIMING_OPTIONS);
  const { mode = "fanIn" } = options;
  return (shape, key) => normalInit(Math.sqrt(2 / fans(shape)[mode]))(shape, key);
}

const KAIMING_OPTIONS: Checks<{ readonly mode?: "fanIn" | "fanOut" }> = { mode: oneOf("fanIn", "fanOut") };

for (const make of [constantInit, uniformInit, normalInit, wrappedNormalInit, fanInUniform, xavierUniform]) {
  makesInitializers(make);
}
makesInitializers(kaimingNormal);

/** Inputs that an output sums over, and outputs that an input feeds, for a weight [out, in, …kernel]. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  checkedSize("initializer", shape);
  const kernel = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: (shape[1] ?? 1) * kernel, fanOut: (shape[0] ?? 1) * kernel };
}

function zeros(shape: readonly number[]): Float32Array<ArrayBuffer> {
  return new Float32Array(checkedSize("initializer", shape));
}

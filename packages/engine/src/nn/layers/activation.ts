import { type Checks, checkOptions, integer, number, oneOf } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { size } from "../checks.js";
import { constantInit } from "../initializers.js";
import type { Layer } from "../layer.js";

const LEAKY_RELU_OPTIONS: Checks<{ readonly negativeSlope?: number }> = { negativeSlope: number() };
const PRELU_OPTIONS: Checks<{ readonly numParameters?: number }> = { numParameters: size };
const GELU_OPTIONS: Checks<{ readonly approximate?: "none" | "tanh" }> = {
  approximate: oneOf("none", "tanh"),
};
const ELU_OPTIONS: Checks<{ readonly alpha?: number }> = { alpha: number() };
const SOFTMAX_OPTIONS: Checks<{ readonly axis?: number }> = { axis: integer() };

/** A layer without parameters that is a function of one value. */
function functionLayer(kind: string, apply: (g: GraphBuilder, x: Value) => Value): Layer {
  return { kind, forward: ({ g }, x) => apply(g, x!) };
}

/**
 * The rectifier: `max(x, 0)`, of the input's shape.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(784, 128), relu());
 * ```
 */
export function relu(): Layer {
  return functionLayer("ReLU", (g, x) => g.op("Relu", [x]));
}

/**
 * The rectifier cut off at six: `min(max(x, 0), 6)`.
 *
 * @example
 * ```ts
 * const hidden = sequential(conv2d(3, 32), relu6());
 * ```
 */
export function relu6(): Layer {
  return functionLayer("ReLU6", (g, x) => g.op("Clip", [x, g.scalar(0), g.scalar(6)]));
}

/**
 * The leaky rectifier: `x` where it is positive, `negativeSlope * x` elsewhere.
 *
 * @param options.negativeSlope - Default: 0.01.
 * @throws {OptionError} for an option that does not exist, or is no finite number.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(784, 128), leakyRelu({ negativeSlope: 0.1 }));
 * ```
 */
export function leakyRelu(options: { readonly negativeSlope?: number } = {}): Layer {
  checkOptions("leakyRelu", options, LEAKY_RELU_OPTIONS);
  const { negativeSlope = 0.01 } = options;
  return functionLayer("LeakyReLU", (g, x) => g.op("LeakyRelu", [x], { alpha: negativeSlope }));
}

/**
 * The leaky rectifier with a slope that is learned: one, or one per channel of an input [N, channels, …].
 *
 * Parameter `weight` [numParameters], 0.25 at first.
 *
 * @param options.numParameters - 1, or the number of channels. Default: 1.
 * @throws {OptionError} for an option that does not exist, or is no whole number from 1 up.
 *
 * @example
 * ```ts
 * const hidden = sequential(conv2d(3, 32), prelu({ numParameters: 32 }));
 * ```
 *
 * Source: He, Zhang, Ren and Sun (2015), section 2.1.
 */
export function prelu(options: { readonly numParameters?: number } = {}): Layer {
  checkOptions("prelu", options, PRELU_OPTIONS);
  const { numParameters = 1 } = options;
  return {
    kind: "PReLU",
    parameters: [{ name: "weight", shape: [numParameters], role: "weight", initializer: constantInit(0.25) }],
    forward({ g, parameter }, x) {
      const trailing = Math.max(0, x!.shape.length - 2);
      const slope = g.reshape(parameter("weight"), [numParameters, ...new Array<number>(trailing).fill(1)]);
      return g.op("PRelu", [x!, slope]);
    },
  };
}

/**
 * The Gaussian error linear unit: `x Φ(x)` with Φ the normal distribution function.
 *
 * @param options.approximate - "tanh" for `x / 2 (1 + tanh(sqrt(2 / π) (x + 0.044715 x³)))`. Default: "none".
 * @throws {OptionError} for an option that does not exist, or another value.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 256), gelu());
 * ```
 *
 * Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016).
 */
export function gelu(options: { readonly approximate?: "none" | "tanh" } = {}): Layer {
  checkOptions("gelu", options, GELU_OPTIONS);
  const { approximate = "none" } = options;
  return functionLayer("GELU", (g, x) => g.op("Gelu", [x], { approximate }));
}

/**
 * The sigmoid linear unit, or swish: `x sigmoid(x)`.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 256), silu());
 * ```
 *
 * Source: Elfwing, Uchibe and Doya (2017).
 */
export function silu(): Layer {
  return functionLayer("SiLU", (g, x) => g.mul(x, g.sigmoid(x)));
}

/**
 * `x tanh(softplus(x))`.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 256), mish());
 * ```
 *
 * Source: Misra, Mish (2019).
 */
export function mish(): Layer {
  return functionLayer("Mish", (g, x) => g.op("Mish", [x]));
}

/**
 * The hyperbolic tangent.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(4, 8), tanh());
 * ```
 */
export function tanh(): Layer {
  return functionLayer("Tanh", (g, x) => g.tanh(x));
}

/**
 * The logistic function `1 / (1 + exp(-x))`. In front of a loss prefer logits and `bceWithLogits`.
 *
 * @example
 * ```ts
 * const probability = sequential(linear(8, 1), sigmoid());
 * ```
 */
export function sigmoid(): Layer {
  return functionLayer("Sigmoid", (g, x) => g.sigmoid(x));
}

/**
 * A sigmoid of straight lines: `min(max(x + 3, 0), 6) / 6`.
 *
 * @example
 * ```ts
 * const gate = sequential(linear(8, 8), hardsigmoid());
 * ```
 */
export function hardsigmoid(): Layer {
  return functionLayer("Hardsigmoid", (g, x) => g.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 }));
}

/**
 * `x min(max(x + 3, 0), 6) / 6`.
 *
 * @example
 * ```ts
 * const hidden = sequential(conv2d(3, 16), hardswish());
 * ```
 *
 * Source: Howard et al., Searching for MobileNetV3 (2019), section 5.2.
 */
export function hardswish(): Layer {
  return functionLayer("Hardswish", (g, x) => g.op("HardSwish", [x]));
}

/**
 * The exponential linear unit: `x` where it is positive, `alpha (exp(x) - 1)` elsewhere.
 *
 * @param options.alpha - Default: 1.
 * @throws {OptionError} for an option that does not exist, or is no finite number.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 64), elu());
 * ```
 *
 * Source: Clevert, Unterthiner and Hochreiter (2015).
 */
export function elu(options: { readonly alpha?: number } = {}): Layer {
  checkOptions("elu", options, ELU_OPTIONS);
  const { alpha = 1 } = options;
  return functionLayer("ELU", (g, x) => g.op("Elu", [x], { alpha }));
}

/**
 * The scaled exponential linear unit, whose two constants keep mean 0 and variance 1 from layer to layer.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 64), selu());
 * ```
 *
 * Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017).
 */
export function selu(): Layer {
  return functionLayer("SELU", (g, x) => g.op("Selu", [x]));
}

/**
 * A smooth rectifier: `log(1 + exp(x))`.
 *
 * @example
 * ```ts
 * const positive = sequential(linear(8, 1), softplus());
 * ```
 */
export function softplus(): Layer {
  return functionLayer("Softplus", (g, x) => g.op("Softplus", [x]));
}

/**
 * `x / (1 + |x|)`.
 *
 * @example
 * ```ts
 * const bounded = sequential(linear(8, 8), softsign());
 * ```
 */
export function softsign(): Layer {
  return functionLayer("Softsign", (g, x) => g.op("Softsign", [x]));
}

/**
 * Non-negative numbers with sum 1 along an axis: `exp(x) / Σ exp(x)`. `crossEntropy` takes logits and needs none.
 *
 * @param options.axis - Default: -1.
 * @throws {OptionError} for an option that does not exist, or is no integer.
 *
 * @example
 * ```ts
 * const attention = softmax();
 * ```
 */
export function softmax(options: { readonly axis?: number } = {}): Layer {
  checkOptions("softmax", options, SOFTMAX_OPTIONS);
  const { axis = -1 } = options;
  return functionLayer("Softmax", (g, x) => g.op("Softmax", [x], { axis }));
}

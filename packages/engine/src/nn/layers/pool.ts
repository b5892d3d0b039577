import { boolean, type Checks, checkArgument, checkOptions } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { OnnxError } from "../../onnx/index.js";
import { size2d } from "../checks.js";
import type { Layer } from "../layer.js";
import type { Size2d } from "./conv.js";
import { pair } from "./conv.js";

/** Options of a two-dimensional pool. */
export interface Pool2dOptions {
  /** Step between windows. Default: the kernel size, so that windows do not overlap. */
  readonly stride?: Size2d;
  /** Padding that never is the maximum. Default: 0. */
  readonly padding?: Size2d;
  /** Whether a last window may reach beyond the padded input. Default: false. */
  readonly ceilMode?: boolean;
}

/** Options of a two-dimensional average pool. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether padding counts as zeros in the average. Default: true, as in PyTorch. */
  readonly countIncludePad?: boolean;
}

const SIZE = size2d({ min: 1 });
const OPTIONS: Checks<Pool2dOptions> = { stride: SIZE, padding: size2d({ min: 0 }), ceilMode: boolean };
const AVG_OPTIONS: Checks<AvgPool2dOptions> = { ...OPTIONS, countIncludePad: boolean };

/**
 * The maximum over windows.
 *
 * Input [N, C, H, W], output [N, C, H', W'] with `H' = floor((H + 2 padding - kernelSize) / stride) + 1`.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const halve = maxPool2d(2);
 * ```
 *
 * Source: PyTorch's `torch.nn.MaxPool2d`.
 */
export function maxPool2d(kernelSize: Size2d, options: Pool2dOptions = {}): Layer {
  checkArgument("maxPool2d", "kernelSize", kernelSize, SIZE);
  checkOptions("maxPool2d", options, OPTIONS);
  const attributes = poolAttributes(kernelSize, options);
  return { kind: "MaxPool2d", forward: ({ g }, x) => g.op("MaxPool", [x!], attributes) };
}

/**
 * The average over windows.
 *
 * Input [N, C, H, W], output [N, C, H', W'] with `H' = floor((H + 2 padding - kernelSize) / stride) + 1`.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const halve = avgPool2d(2);
 * ```
 *
 * Source: PyTorch's `torch.nn.AvgPool2d`.
 */
export function avgPool2d(kernelSize: Size2d, options: AvgPool2dOptions = {}): Layer {
  checkArgument("avgPool2d", "kernelSize", kernelSize, SIZE);
  checkOptions("avgPool2d", options, AVG_OPTIONS);
  const { countIncludePad = true } = options;
  const attributes = {
    ...poolAttributes(kernelSize, options),
    count_include_pad: countIncludePad ? 1 : 0,
  };
  return { kind: "AvgPool2d", forward: ({ g }, x) => g.op("AveragePool", [x!], attributes) };
}

/**
 * The average over a grid of equal windows that cover the input.
 *
 * Input [N, C, H, W], output [N, C, outputSize…]; H and W must be multiples of the output's.
 *
 * @param outputSize - Default: 1.
 * @throws {OptionError} when it is no whole number from 1 up, or two.
 *
 * @example
 * ```ts
 * const head = sequential(adaptiveAvgPool2d(1), flatten(), linear(512, 10));
 * ```
 *
 * Source: PyTorch's `torch.nn.AdaptiveAvgPool2d`, whose windows overlap where the sizes do not divide; those are
 * refused here.
 */
export function adaptiveAvgPool2d(outputSize: Size2d = 1): Layer {
  checkArgument("adaptiveAvgPool2d", "outputSize", outputSize, SIZE);
  return {
    kind: "AdaptiveAvgPool2d",
    forward: ({ g }, x) => adaptive(g, x!, outputSize, "adaptiveAvgPool2d", "AveragePool"),
  };
}

/**
 * The maximum over a grid of equal windows that cover the input.
 *
 * Input [N, C, H, W], output [N, C, outputSize…]; H and W must be multiples of the output's.
 *
 * @param outputSize - Default: 1.
 * @throws {OptionError} when it is no whole number from 1 up, or two.
 *
 * @example
 * ```ts
 * const head = sequential(adaptiveMaxPool2d(1), flatten(), linear(512, 10));
 * ```
 *
 * Source: PyTorch's `torch.nn.AdaptiveMaxPool2d`, for sizes that divide.
 */
export function adaptiveMaxPool2d(outputSize: Size2d = 1): Layer {
  checkArgument("adaptiveMaxPool2d", "outputSize", outputSize, SIZE);
  return {
    kind: "AdaptiveMaxPool2d",
    forward: ({ g }, x) => adaptive(g, x!, outputSize, "adaptiveMaxPool2d", "MaxPool"),
  };
}

/**
 * Maximum and average over the whole image, side by side: [N, C, H, W] becomes [N, 2 C, 1, 1].
 *
 * @example
 * ```ts
 * const head = sequential(adaptiveConcatPool2d(), flatten(), linear(2 * 512, 10));
 * ```
 *
 * Source: fastai's `AdaptiveConcatPool2d`: the maxima come first.
 */
export function adaptiveConcatPool2d(): Layer {
  return {
    kind: "AdaptiveConcatPool2d",
    forward: ({ g }, x) => g.concat([g.op("GlobalMaxPool", [x!]), g.op("GlobalAveragePool", [x!])], 1),
  };
}

/**
 * The average over all positions: [N, C, …] becomes [N, C].
 *
 * @example
 * ```ts
 * const head = sequential(globalAvgPool(), linear(512, 10));
 * ```
 *
 * Source: Lin, Chen and Yan, Network In Network (2013), section 3.2.
 */
export function globalAvgPool(): Layer {
  return {
    kind: "GlobalAvgPool",
    forward: ({ g }, x) => g.reshape(g.op("GlobalAveragePool", [x!]), x!.shape.slice(0, 2)),
  };
}

function poolAttributes(kernelSize: Size2d, options: Pool2dOptions) {
  const padding = pair(options.padding ?? 0);
  return {
    kernel_shape: pair(kernelSize),
    strides: pair(options.stride ?? kernelSize),
    pads: [...padding, ...padding],
    ...(options.ceilMode ? { ceil_mode: 1 } : {}),
  };
}

function adaptive(
  g: GraphBuilder,
  x: Value,
  outputSize: Size2d,
  where: string,
  opType: "AveragePool" | "MaxPool",
): Value {
  const [height, width] = pair(outputSize);
  if (height === 1 && width === 1) return g.op(`Global${opType}`, [x]);
  const [inHeight, inWidth] = [x.shape[2]!, x.shape[3]!];
  if (inHeight % height !== 0 || inWidth % width !== 0) {
    throw new OnnxError({
      where,
      expected: `height and width to be multiples of ${height} and ${width}`,
      got: `${inHeight} and ${inWidth}`,
      hint: "an output size that divides the input's",
    });
  }
  const kernel = [inHeight / height, inWidth / width];
  return g.op(opType, [x], { kernel_shape: kernel, strides: kernel, pads: [0, 0, 0, 0] });
}

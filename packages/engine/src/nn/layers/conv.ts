import { boolean, type Check, type Checks, checkOptions } from "lrfind/core";
import { checkGroups, checkSizes, initializer as initializerCheck, size, size1d, size2d } from "../checks.js";
import type { Initializer } from "../initializers.js";
import { fanInUniform } from "../initializers.js";
import type { Layer } from "../layer.js";

/** A size for height and width alike, or one for each. */
export type Size2d = number | readonly [number, number];

/** Options of a convolution over `Size`: numbers in one dimension, `Size2d` in two. */
export interface ConvOptions<Size> {
  /** Size of the kernel. Default: 3. */
  readonly kernelSize?: Size;
  /** Step between windows. Default: 1. */
  readonly stride?: Size;
  /** Zeros put around the input. Default: 0. */
  readonly padding?: Size;
  /** Step between the kernel's elements. Default: 1. */
  readonly dilation?: Size;
  /** Groups that the channels are split into; `inChannels` of them make it depthwise. Default: 1. */
  readonly groups?: number;
  /** Whether there is a bias. Default: true. */
  readonly bias?: boolean;
  /** First value of the weight. Default: uniform on ±1 / sqrt(inChannels / groups * kernel elements). */
  readonly weightInit?: Initializer;
}

/** Options of a one-dimensional convolution. */
export type Conv1dOptions = ConvOptions<number>;

/** Options of a two-dimensional convolution. */
export type Conv2dOptions = ConvOptions<Size2d>;

/** Options of a two-dimensional transposed convolution. */
export interface ConvTranspose2dOptions extends ConvOptions<Size2d> {
  /** Rows and columns added at the end, to choose among the sizes that a stride leaves open. Default: 0. */
  readonly outputPadding?: Size2d;
}

/** The checks of a convolution's options, given that of a size. */
function optionChecks(sizes: (interval: { readonly min: number }) => Check): Checks<ConvOptions<unknown>> {
  return {
    kernelSize: sizes({ min: 1 }),
    stride: sizes({ min: 1 }),
    padding: sizes({ min: 0 }),
    dilation: sizes({ min: 1 }),
    groups: size,
    bias: boolean,
    weightInit: initializerCheck,
  };
}

const CONV_1D: Checks<Conv1dOptions> = optionChecks(size1d);
const CONV_2D: Checks<Conv2dOptions> = optionChecks(size2d);
const CONV_TRANSPOSE_2D: Checks<ConvTranspose2dOptions> = { ...CONV_2D, outputPadding: size2d({ min: 0 }) };

/**
 * A one-dimensional convolution.
 *
 * Input [N, inChannels, L], output [N, outChannels, L'] with
 * `L' = floor((L + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`; parameters `weight`
 * [outChannels, inChannels / groups, kernelSize] and `bias` [outChannels], both uniform on
 * ±1 / sqrt(inChannels / groups * kernelSize) at first.
 *
 * @throws {OptionError} when the channels do not split into the groups, or an argument is out of its range.
 *
 * @example
 * ```ts
 * const block = sequential(conv1d(1, 16, { kernelSize: 5, padding: 2 }), relu());
 * ```
 *
 * Source: PyTorch's `torch.nn.Conv1d`.
 */
export function conv1d(inChannels: number, outChannels: number, options: Conv1dOptions = {}): Layer {
  checkOptions("conv1d", options, CONV_1D);
  return conv<number>("Conv1d", inChannels, outChannels, (size) => [size], options);
}

/**
 * A two-dimensional convolution.
 *
 * Input [N, inChannels, H, W], output [N, outChannels, H', W'] with
 * `H' = floor((H + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`; parameters `weight`
 * [outChannels, inChannels / groups, kH, kW] and `bias` [outChannels], both uniform on
 * ±1 / sqrt(inChannels / groups * kH * kW) at first.
 *
 * @throws {OptionError} when the channels do not split into the groups, or an argument is out of its range.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2));
 * ```
 *
 * Source: PyTorch's `torch.nn.Conv2d`.
 */
export function conv2d(inChannels: number, outChannels: number, options: Conv2dOptions = {}): Layer {
  checkOptions("conv2d", options, CONV_2D);
  return conv<Size2d>("Conv2d", inChannels, outChannels, pair, options);
}

/**
 * A two-dimensional transposed convolution: the gradient of a convolution by its input, as a layer.
 *
 * Input [N, inChannels, H, W], output [N, outChannels, H', W'] with
 * `H' = (H - 1) stride - 2 padding + dilation (kernelSize - 1) + outputPadding + 1`; parameters `weight`
 * [inChannels, outChannels / groups, kH, kW] and `bias` [outChannels], both uniform on
 * ±1 / sqrt(outChannels / groups * kH * kW) at first, as PyTorch has it.
 *
 * @throws {OptionError} when the channels do not split into the groups, or an argument is out of its range.
 *
 * @example
 * ```ts
 * const upsample = convTranspose2d(64, 32, { kernelSize: 2, stride: 2 });
 * ```
 *
 * Source: PyTorch's `torch.nn.ConvTranspose2d`.
 */
export function convTranspose2d(
  inChannels: number,
  outChannels: number,
  options: ConvTranspose2dOptions = {},
): Layer {
  checkOptions("convTranspose2d", options, CONV_TRANSPOSE_2D);
  const { groups: group = 1, bias = true } = options;
  checkSizes("convTranspose2d", { inChannels, outChannels });
  checkGroups("convTranspose2d", group, { inChannels, outChannels });
  const kernel = pair(options.kernelSize ?? 3);
  const padding = pair(options.padding ?? 0);
  const attributes = {
    kernel_shape: kernel,
    strides: pair(options.stride ?? 1),
    dilations: pair(options.dilation ?? 1),
    pads: [...padding, ...padding],
    output_padding: pair(options.outputPadding ?? 0),
    group,
  };
  const fallback = fanInUniform((outChannels / group) * kernel[0] * kernel[1]);
  const initializer = options.weightInit ?? fallback;
  return {
    kind: "ConvTranspose2d",
    parameters: [
      { name: "weight", shape: [inChannels, outChannels / group, ...kernel], role: "weight", initializer },
      ...(bias ? [{ name: "bias", shape: [outChannels], role: "bias", initializer: fallback } as const] : []),
    ],
    forward({ g, parameter }, x) {
      const weight = parameter("weight");
      return g.op("ConvTranspose", bias ? [x!, weight, parameter("bias")] : [x!, weight], attributes);
    },
  };
}

/** A size given once or for each of two dimensions. */
export function pair(size: Size2d): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}

function conv<Size>(
  kind: "Conv1d" | "Conv2d",
  inChannels: number,
  outChannels: number,
  sizes: (size: Size | number) => readonly number[],
  options: ConvOptions<Size>,
): Layer {
  const { groups: group = 1, bias = true } = options;
  const where = kind === "Conv1d" ? "conv1d" : "conv2d";
  checkSizes(where, { inChannels, outChannels });
  checkGroups(where, group, { inChannels, outChannels });
  const kernel = sizes(options.kernelSize ?? 3);
  const padding = sizes(options.padding ?? 0);
  const attributes = {
    kernel_shape: kernel,
    strides: sizes(options.stride ?? 1),
    dilations: sizes(options.dilation ?? 1),
    pads: [...padding, ...padding],
    group,
  };
  const fallback = fanInUniform(kernel.reduce((a, b) => a * b, inChannels / group));
  const initializer = options.weightInit ?? fallback;
  return {
    kind,
    parameters: [
      { name: "weight", shape: [outChannels, inChannels / group, ...kernel], role: "weight", initializer },
      ...(bias ? [{ name: "bias", shape: [outChannels], role: "bias", initializer: fallback } as const] : []),
    ],
    forward({ g, parameter }, x) {
      const weight = parameter("weight");
      return g.op("Conv", bias ? [x!, weight, parameter("bias")] : [x!, weight], attributes);
    },
  };
}

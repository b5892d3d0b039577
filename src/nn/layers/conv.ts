import { fanInUniform } from "../initializers.js";
import type { Layer } from "../layer.js";

/** A size for height and width alike, or one for each. */
export type Size2d = number | readonly [number, number];

/** Options of a two-dimensional convolution. */
export interface Conv2dOptions {
  /** Height and width of the kernel. Default: 3. */
  readonly kernelSize?: Size2d;
  /** Step between windows. Default: 1. */
  readonly stride?: Size2d;
  /** Zeros put around the input. Default: 0. */
  readonly padding?: Size2d;
  /** Step between the kernel's elements. Default: 1. */
  readonly dilation?: Size2d;
  /** Groups that the channels are split into; `inChannels` of them make it depthwise. Default: 1. */
  readonly groups?: number;
  /** Whether there is a bias. Default: true. */
  readonly bias?: boolean;
}

/**
 * A two-dimensional convolution.
 *
 * Input [N, inChannels, H, W], output [N, outChannels, H', W'] with
 * `H' = floor((H + 2 padding - dilation (kernelSize - 1) - 1) / stride) + 1`; parameters `weight`
 * [outChannels, inChannels / groups, kH, kW] and `bias` [outChannels], both uniform on
 * ±1 / sqrt(inChannels / groups * kH * kW) at first.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2));
 * ```
 *
 * Source: PyTorch's `torch.nn.Conv2d`.
 */
export function conv2d(inChannels: number, outChannels: number, options: Conv2dOptions = {}): Layer {
  const { groups: group = 1, bias = true } = options;
  const kernel = pair(options.kernelSize ?? 3);
  const padding = pair(options.padding ?? 0);
  const attributes = {
    kernel_shape: kernel,
    strides: pair(options.stride ?? 1),
    dilations: pair(options.dilation ?? 1),
    pads: [...padding, ...padding],
    group,
  };
  const fanIn = (inChannels / group) * kernel[0] * kernel[1];
  const initializer = fanInUniform(fanIn);
  return {
    kind: "Conv2d",
    parameters: [
      { name: "weight", shape: [outChannels, inChannels / group, ...kernel], role: "weight", initializer },
      ...(bias ? [{ name: "bias", shape: [outChannels], role: "bias", initializer } as const] : []),
    ],
    forward({ g, parameter }, x) {
      const weight = parameter("weight");
      return g.op("Conv", bias ? [x!, weight, parameter("bias")] : [x!, weight], attributes);
    },
  };
}

/** A size given once or for each of two dimensions. */
export function pair(size: Size2d): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}

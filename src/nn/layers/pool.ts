import type { Layer } from "../layer.js";
import type { Size2d } from "./conv.js";
import { pair } from "./conv.js";

/** Options of a two-dimensional pool. */
export interface Pool2dOptions {
  /** Step between windows. Default: the kernel size, so that windows do not overlap. */
  readonly stride?: Size2d;
  /** Padding that never is the maximum. Default: 0. */
  readonly padding?: Size2d;
}

/**
 * The maximum over windows.
 *
 * Input [N, C, H, W], output [N, C, H', W'] with `H' = floor((H + 2 padding - kernelSize) / stride) + 1`.
 *
 * @example
 * ```ts
 * const halve = maxPool2d(2);
 * ```
 *
 * Source: PyTorch's `torch.nn.MaxPool2d`.
 */
export function maxPool2d(kernelSize: Size2d, options: Pool2dOptions = {}): Layer {
  const padding = pair(options.padding ?? 0);
  const attributes = {
    kernel_shape: pair(kernelSize),
    strides: pair(options.stride ?? kernelSize),
    pads: [...padding, ...padding],
  };
  return { kind: "MaxPool2d", forward: ({ g }, x) => g.op("MaxPool", [x!], attributes) };
}

import { boolean, type Checks, checkOptions } from "lrfind/core";
import { checkSizes, size } from "../checks.js";
import { kaimingNormal } from "../initializers.js";
import type { Layer } from "../layer.js";
import { relu } from "./activation.js";
import { batchNorm2d } from "./batch-norm.js";
import { conv2d } from "./conv.js";
import { sequential } from "./sequential.js";

/** Options of a residual block. */
export interface ResidualBlockOptions {
  /** Step of the block's 3x3 convolution, the first one of a basic block. Default: 1. */
  readonly stride?: number;
  /** Starts the last batch-norm's scale at 0, so that the block begins as the identity. Default: false. */
  readonly zeroInit?: boolean;
}

const OPTIONS: Checks<ResidualBlockOptions> = { stride: size, zeroInit: boolean };

/** How many channels a bottleneck puts out for each of its width. */
export const BOTTLENECK_EXPANSION = 4;

/**
 * Two 3x3 convolutions with batch-norm, and what came in added before the last rectifier.
 *
 * Input [N, inChannels, H, W], output [N, outChannels, H / stride, W / stride] (rounded up). Children `conv1`, `bn1`,
 * `conv2`, `bn2`, and, where shapes change, `downsample` (a 1x1 convolution, `0`, and batch-norm, `1`).
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const stage = sequential(basicBlock(64, 128, { stride: 2 }), basicBlock(128, 128));
 * ```
 *
 * Source: He, Zhang, Ren and Sun, Deep Residual Learning (2016), figure 5 left; torchvision's `BasicBlock`.
 */
export function basicBlock(
  inChannels: number,
  outChannels: number,
  options: ResidualBlockOptions = {},
): Layer {
  checkSizes("basicBlock", { inChannels, outChannels });
  checkOptions("basicBlock", options, OPTIONS);
  const { stride = 1, zeroInit = false } = options;
  return residual("BasicBlock", inChannels, outChannels, stride, [
    convolution(inChannels, outChannels, 3, stride),
    batchNorm2d(outChannels),
    convolution(outChannels, outChannels, 3, 1),
    batchNorm2d(outChannels, { weightFill: zeroInit ? 0 : 1 }),
  ]);
}

/**
 * A 1x1 convolution down to `width` channels, a 3x3 one, and a 1x1 one up to 4 width, each with batch-norm, and what
 * came in added before the last rectifier.
 *
 * Input [N, inChannels, H, W], output [N, 4 width, H / stride, W / stride] (rounded up). Children `conv1`, `bn1`, …,
 * `conv3`, `bn3`, and, where shapes change, `downsample`.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const stage = sequential(bottleneck(64, 64), bottleneck(256, 64));
 * ```
 *
 * Source: He, Zhang, Ren and Sun (2016), figure 5 right; torchvision's `Bottleneck`, with the stride in the middle.
 */
export function bottleneck(inChannels: number, width: number, options: ResidualBlockOptions = {}): Layer {
  checkSizes("bottleneck", { inChannels, width });
  checkOptions("bottleneck", options, OPTIONS);
  const { stride = 1, zeroInit = false } = options;
  const outChannels = width * BOTTLENECK_EXPANSION;
  return residual("Bottleneck", inChannels, outChannels, stride, [
    convolution(inChannels, width, 1, 1),
    batchNorm2d(width),
    convolution(width, width, 3, stride),
    batchNorm2d(width),
    convolution(width, outChannels, 1, 1),
    batchNorm2d(outChannels, { weightFill: zeroInit ? 0 : 1 }),
  ]);
}

/** A convolution without bias that keeps the size but for its stride, started for rectifiers. */
export function convolution(
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  stride: number,
): Layer {
  return conv2d(inChannels, outChannels, {
    kernelSize,
    stride,
    padding: (kernelSize - 1) / 2,
    bias: false,
    weightInit: kaimingNormal({ mode: "fanOut" }),
  });
}

/** Convolutions and batch-norms in turn, with a rectifier after each pair, the last one after the sum. */
function residual(
  kind: string,
  inChannels: number,
  outChannels: number,
  stride: number,
  layers: readonly Layer[],
): Layer {
  const names = layers.map((_, i) => `${i % 2 === 0 ? "conv" : "bn"}${Math.floor(i / 2) + 1}`);
  const projects = stride !== 1 || inChannels !== outChannels;
  return {
    kind,
    children: {
      ...Object.fromEntries(layers.map((layer, i) => [names[i]!, layer])),
      ...(projects
        ? {
            downsample: sequential(convolution(inChannels, outChannels, 1, stride), batchNorm2d(outChannels)),
          }
        : {}),
      relu: relu(),
    },
    forward({ g, child }, x) {
      const branch = names.reduce((value, name, i) => {
        const y = child(name, value);
        return name.startsWith("bn") && i < names.length - 1 ? child("relu", y) : y;
      }, x!);
      return child("relu", g.add(branch, projects ? child("downsample", x!) : x!));
    },
  };
}

import { checkOptions } from "lrfind/core";
import type { Layer } from "../layer.js";
import type { ResnetOptions } from "./resnet.js";
import { RESNET_OPTIONS, resnet } from "./resnet.js";

/** Options of an xresnet: those of `resnet` that it does not set itself. */
export type XresnetOptions = Omit<ResnetOptions, "block" | "layers" | "stem" | "zeroInit">;

const { block: _block, layers: _layers, stem: _stem, zeroInit: _zeroInit, ...OPTIONS } = RESNET_OPTIONS;

/**
 * A residual network of 18 layers that trains better from scratch: three 3x3 convolutions for a stem, and every
 * block starting as the identity.
 *
 * Input [N, inChannels, H, W], output logits [N, numClasses].
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const learn = await visionLearner(dls, xresnet18);
 * ```
 *
 * Source: He et al., Bag of Tricks for Image Classification with Convolutional Neural Networks (2019), figure 2b and
 * section 3.1; fastai's `xresnet18`, which besides pools before the 1x1 convolutions of its shortcuts.
 */
export function xresnet18(options: XresnetOptions = {}): Layer {
  checkOptions<XresnetOptions>("xresnet18", options, OPTIONS);
  return resnet({ ...options, layers: [2, 2, 2, 2], stem: "deep", zeroInit: true });
}

/**
 * As `xresnet18`, with 34 layers.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const learn = await visionLearner(dls, (options) => xresnet34({ ...options, width: 32 }));
 * ```
 */
export function xresnet34(options: XresnetOptions = {}): Layer {
  checkOptions<XresnetOptions>("xresnet34", options, OPTIONS);
  return resnet({ ...options, layers: [3, 4, 6, 3], stem: "deep", zeroInit: true });
}

import { arrayOf, boolean, type Checks, checkOptions } from "lrfind/core";
import { size } from "../checks.js";
import { kaimingNormal } from "../initializers.js";
import type { Layer } from "../layer.js";
import { relu } from "../layers/activation.js";
import { batchNorm2d } from "../layers/batch-norm.js";
import { conv2d } from "../layers/conv.js";
import { maxPool2d } from "../layers/pool.js";
import { sequential } from "../layers/sequential.js";

/** Options of a small convolutional network. */
export interface SmallCnnOptions {
  /** Channels of the images. Default: 3. */
  readonly inChannels?: number;
  /** Channels of the blocks, each of which halves height and width. Default: [16, 32]. */
  readonly channels?: readonly number[];
  /** Whether each convolution is followed by batch-norm (and has no bias). Default: true. */
  readonly batchNorm?: boolean;
}

const OPTIONS: Checks<SmallCnnOptions> = {
  inChannels: size,
  channels: arrayOf(size, { minLength: 1 }),
  batchNorm: boolean,
};

/**
 * A small convolutional body for small images: for each of `channels` a 3x3 convolution, batch-norm, a rectifier and
 * a max pool of 2x2. It has no classifier: `visionLearner` puts a head on it.
 *
 * Input [N, inChannels, H, W], output [N, channels.at(-1), H / 2^blocks, W / 2^blocks] (rounded down). Children "0",
 * "1", …, one for each block.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const body = smallCnn({ inChannels: 1, channels: [16, 32, 64] });
 * const model = sequential(body, flatten(), linear(64 * 3 * 3, 10)); // images of 28 x 28
 * ```
 */
export function smallCnn(options: SmallCnnOptions = {}): Layer {
  checkOptions("smallCnn", options, OPTIONS);
  const { inChannels = 3, channels = [16, 32], batchNorm = true } = options;
  const blocks = channels.map((width, i) =>
    sequential(
      conv2d(i === 0 ? inChannels : channels[i - 1]!, width, {
        padding: 1,
        bias: !batchNorm,
        weightInit: kaimingNormal(),
      }),
      ...(batchNorm ? [batchNorm2d(width)] : []),
      relu(),
      maxPool2d(2),
    ),
  );
  return { ...sequential(...blocks), kind: "SmallCnn" };
}

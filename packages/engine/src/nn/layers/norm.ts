import { arrayOf, boolean, type Checks, checkArgument, checkOptions, either } from "lrfind/core";
import { layerNormInputs } from "../../onnx/index.js";
import { checkGroups, checkSizes, epsilon, size } from "../checks.js";
import { constantInit } from "../initializers.js";
import type { Layer, LayerParameter } from "../layer.js";

/** Options of normalisations that know no running statistics. */
export interface NormOptions {
  /** Added to the variance. Default: 1e-5. */
  readonly eps?: number;
}

/** Options of instance normalisation. */
export interface InstanceNormOptions extends NormOptions {
  /** Whether there are a scale and a shift. Default: false, as in PyTorch. */
  readonly affine?: boolean;
}

const OPTIONS: Checks<NormOptions> = { eps: epsilon };
const INSTANCE_OPTIONS: Checks<InstanceNormOptions> = { ...OPTIONS, affine: boolean };
const SHAPE = either(size, arrayOf(size, { minLength: 1 }));

/**
 * Layer normalisation over the last dimensions: `y = (x - mean) / sqrt(variance + eps) * weight + bias`.
 *
 * Input and output [N, …, ...normalizedShape]; parameters `weight` and `bias` of `normalizedShape`, 1 and 0 at first.
 *
 * @param normalizedShape - The last dimensions, or the size of the last one.
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const block = sequential(linear(64, 64), layerNorm(64));
 * ```
 *
 * Source: Ba, Kiros and Hinton (2016); PyTorch's `torch.nn.LayerNorm`.
 */
export function layerNorm(normalizedShape: number | readonly number[], options: NormOptions = {}): Layer {
  checkArgument("layerNorm", "normalizedShape", normalizedShape, SHAPE);
  checkOptions("layerNorm", options, OPTIONS);
  const { eps = 1e-5 } = options;
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  return {
    kind: "LayerNorm",
    parameters: affineParameters(shape),
    forward: ({ g, parameter, target }, x) => {
      const inputs = [x!, parameter("weight"), parameter("bias")];
      return g.op("LayerNormalization", layerNormInputs(g, inputs, { axis: -shape.length, target }), {
        axis: -shape.length,
        epsilon: eps,
      });
    },
  };
}

/**
 * Group normalisation: mean and variance over the channels of a group and all positions of one item.
 *
 * Input and output [N, C, …]; parameters `weight` and `bias` [C], 1 and 0 at first.
 *
 * @param groups - Groups that the channels are split into.
 * @throws {OptionError} when the channels do not split into the groups, or an argument is out of its range.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(3, 16, { padding: 1 }), groupNorm(4, 16), relu());
 * ```
 *
 * Source: Wu and He (2018); PyTorch's `torch.nn.GroupNorm`.
 */
export function groupNorm(groups: number, channels: number, options: NormOptions = {}): Layer {
  checkSizes("groupNorm", { groups, channels });
  checkOptions("groupNorm", options, OPTIONS);
  checkGroups("groupNorm", groups, { channels });
  const { eps = 1e-5 } = options;
  return {
    kind: "GroupNorm",
    parameters: affineParameters([channels]),
    forward: ({ g, parameter }, x) =>
      g.op("GroupNormalization", [x!, parameter("weight"), parameter("bias")], {
        num_groups: groups,
        epsilon: eps,
      }),
  };
}

/**
 * Instance normalisation: mean and variance over the positions of one channel of one item.
 *
 * Input and output [N, C, H, W]; parameters, with `affine`, `weight` and `bias` [C], 1 and 0 at first.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(3, 16, { padding: 1 }), instanceNorm2d(16), relu());
 * ```
 *
 * Source: Ulyanov, Vedaldi and Lempitsky (2016); PyTorch's `torch.nn.InstanceNorm2d`.
 */
export function instanceNorm2d(channels: number, options: InstanceNormOptions = {}): Layer {
  checkSizes("instanceNorm2d", { channels });
  checkOptions("instanceNorm2d", options, INSTANCE_OPTIONS);
  const { eps = 1e-5, affine = false } = options;
  return {
    kind: "InstanceNorm2d",
    parameters: affine ? affineParameters([channels]) : [],
    forward({ g, parameter }, x) {
      const scale = affine ? parameter("weight") : filled(1);
      const shift = affine ? parameter("bias") : filled(0);
      return g.op("InstanceNormalization", [x!, scale, shift], { epsilon: eps });

      function filled(value: number) {
        const data = new Float32Array(channels).fill(value);
        return g.constant({ dtype: "float32", shape: [channels], data });
      }
    },
  };
}

function affineParameters(shape: readonly number[]): LayerParameter[] {
  return [
    { name: "weight", shape, role: "norm", initializer: constantInit(1) },
    { name: "bias", shape, role: "norm", initializer: constantInit(0) },
  ];
}

import { type Checks, checkOptions, number } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { batchNormTraining, OnnxError } from "../../onnx/index.js";
import { checkSizes, epsilon } from "../checks.js";
import { constantInit } from "../initializers.js";
import type { Layer } from "../layer.js";

/** Options of batch normalisation. */
export interface BatchNormOptions {
  /** Added to the variance, at least 0. Default: 1e-5. */
  readonly eps?: number;
  /** Weight of the mini-batch's statistics in the running ones, in [0, 1]. Default: 0.1. */
  readonly momentum?: number;
  /** First value of every scale. Default: 1; 0 starts a residual branch as nothing. */
  readonly weightFill?: number;
}

const OPTIONS: Checks<BatchNormOptions> = {
  eps: epsilon,
  momentum: number({ min: 0, max: 1 }),
  weightFill: number(),
};

/**
 * Batch normalisation of [N, C] or [N, C, L]: `y = (x - mean) / sqrt(variance + eps) * weight + bias`, per channel.
 *
 * Parameters `weight` [C], 1 at first, and `bias` [C], 0 at first; buffers `running_mean` and `running_var` [C].
 * Training takes mean and population variance of the mini-batch, and moves the running ones towards them:
 * `running = (1 - momentum) running + momentum batch`, the variance unbiased (times n / (n - 1), n values per
 * channel). Evaluation takes the running ones, and so does training where the buffers are held (`heldBuffers` of
 * the training graph).
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(64, 32), batchNorm1d(32), relu());
 * ```
 *
 * Source: Ioffe and Szegedy (2015); PyTorch's `torch.nn.BatchNorm1d`.
 */
export function batchNorm1d(channels: number, options: BatchNormOptions = {}): Layer {
  return batchNorm("BatchNorm1d", [2, 3], channels, options);
}

/**
 * Batch normalisation of [N, C, H, W], per channel; parameters, buffers and statistics as in `batchNorm1d`.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const block = sequential(conv2d(3, 16, { padding: 1, bias: false }), batchNorm2d(16), relu());
 * ```
 *
 * Source: Ioffe and Szegedy (2015); PyTorch's `torch.nn.BatchNorm2d`.
 */
export function batchNorm2d(channels: number, options: BatchNormOptions = {}): Layer {
  return batchNorm("BatchNorm2d", [4], channels, options);
}

function batchNorm(
  kind: "BatchNorm1d" | "BatchNorm2d",
  ranks: readonly number[],
  channels: number,
  options: BatchNormOptions,
): Layer {
  const where = kind === "BatchNorm1d" ? "batchNorm1d" : "batchNorm2d";
  checkSizes(where, { channels });
  checkOptions(where, options, OPTIONS);
  const { eps = 1e-5, momentum = 0.1, weightFill = 1 } = options;
  return {
    kind,
    parameters: [
      { name: "weight", shape: [channels], role: "norm", initializer: constantInit(weightFill) },
      { name: "bias", shape: [channels], role: "norm", initializer: constantInit(0) },
    ],
    buffers: [
      { name: "running_mean", shape: [channels], fill: 0 },
      { name: "running_var", shape: [channels], fill: 1 },
    ],
    forward(context, x) {
      const { g, parameter, buffer, training, target, isHeld } = context;
      const { shape } = x!;
      if (!ranks.includes(shape.length)) {
        throw new OnnxError({
          where: kind,
          expected: `an input of ${ranks.join(" or ")} dimensions`,
          got: `[${shape.join(", ")}]`,
        });
      }
      const [scale, shift] = [parameter("weight"), parameter("bias")];
      if (!training || isHeld("running_mean")) {
        const statistics = [buffer("running_mean"), buffer("running_var")];
        return g.op("BatchNormalization", [x!, scale, shift, ...statistics], { epsilon: eps });
      }
      const count = shape.reduce((a, b) => a * b, 1) / channels;
      if (count < 2) {
        throw new OnnxError({
          where: kind,
          expected: "at least 2 values per channel to train on",
          got: `input [${shape.join(", ")}]`,
          hint: "a larger batch, or drop the last one",
        });
      }
      const { y, mean, variance } = batchNormTraining(g, x!, scale, shift, { epsilon: eps, target });
      const move = (name: string, batch: Value, weight: number) =>
        context.updateBuffer(name, g.add(g.mul(buffer(name), 1 - momentum), g.mul(batch, weight)));
      move("running_mean", mean, momentum);
      move("running_var", variance, (momentum * count) / (count - 1));
      return y;
    },
  };
}

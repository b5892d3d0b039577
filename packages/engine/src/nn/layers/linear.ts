import { boolean, type Checks, checkOptions } from "lrfind/core";
import { checkSizes, initializer } from "../checks.js";
import type { Initializer } from "../initializers.js";
import { fanInUniform } from "../initializers.js";
import type { Layer } from "../layer.js";

/** Options of a fully connected layer. */
export interface LinearOptions {
  /** Whether there is a bias. Default: true. */
  readonly bias?: boolean;
  /** First value of the weight. Default: uniform on ±1 / sqrt(inFeatures). */
  readonly weightInit?: Initializer;
  /** First value of the bias. Default: uniform on ±1 / sqrt(inFeatures). */
  readonly biasInit?: Initializer;
}

const OPTIONS: Checks<LinearOptions> = { bias: boolean, weightInit: initializer, biasInit: initializer };

/**
 * A fully connected layer: `y = x Wᵀ + b`.
 *
 * Input [N, …, inFeatures], output [N, …, outFeatures]; parameters `weight` [outFeatures, inFeatures] and `bias`
 * [outFeatures], both uniform on ±1 / sqrt(inFeatures) at first.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const classifier = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * ```
 *
 * Source: PyTorch's `torch.nn.Linear`.
 */
export function linear(inFeatures: number, outFeatures: number, options: LinearOptions = {}): Layer {
  checkSizes("linear", { inFeatures, outFeatures });
  checkOptions("linear", options, OPTIONS);
  const { bias = true } = options;
  const weightInit = options.weightInit ?? fanInUniform(inFeatures);
  const biasInit = options.biasInit ?? fanInUniform(inFeatures);
  return {
    kind: "Linear",
    parameters: [
      { name: "weight", shape: [outFeatures, inFeatures], role: "weight", initializer: weightInit },
      ...(bias ? [{ name: "bias", shape: [outFeatures], role: "bias", initializer: biasInit } as const] : []),
    ],
    forward({ g, parameter }, x) {
      // One matrix for all leading dimensions: the weight's gradient is then one product, not a batch of them.
      const rows = g.reshape(x!, [x!.shape.slice(0, -1).reduce((a, b) => a * b, 1), x!.shape.at(-1)!]);
      const weight = parameter("weight");
      const y = g.op("Gemm", bias ? [rows, weight, parameter("bias")] : [rows, weight], { transB: 1 });
      return g.reshape(y, [...x!.shape.slice(0, -1), outFeatures]);
    },
  };
}

import { arrayOf, type Checks, checkOptions, either, number } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { sizeOf, tensor } from "../../onnx/index.js";
import { alignTarget, checkRange } from "./align-target.js";
import type { LossFunc } from "./loss.js";
import { weightedLoss } from "./weighted-loss.js";

/** Options of binary cross-entropy. */
export interface BceWithLogitsOptions {
  /**
   * How much a positive target counts, above 0: one number, or one for each element of the prediction's last
   * dimension. Default: 1.
   */
  readonly posWeight?: number | readonly number[];
}

const WEIGHT = number({ above: 0 });
const OPTIONS: Checks<BceWithLogitsOptions> = {
  posWeight: either(WEIGHT, arrayOf(WEIGHT, { minLength: 1 })),
};

/**
 * Binary cross-entropy of logits: the mean over all elements of `-p y log σ(x) - (1 - y) log(1 - σ(x))`,
 * p = posWeight, worked out as `(1 - y) x + (1 + (p - 1) y) log(1 + exp(-x))`.
 *
 * Prediction: logits [N, …]; target: probabilities in [0, 1], of the same shape but for dimensions of size 1. A model that
 * ends in Sigmoid is trained on the logits before it.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: bceWithLogits({ posWeight: 3 }) });
 * ```
 *
 * Source: PyTorch's `torch.nn.BCEWithLogitsLoss`.
 */
export function bceWithLogits(options: BceWithLogitsOptions = {}): LossFunc {
  checkOptions("bceWithLogits", options, OPTIONS);
  const { posWeight = 1 } = options;
  const weights = typeof posWeight === "number" ? [posWeight] : posWeight;
  return weightedLoss({
    name: "bceWithLogits",
    activation: { kind: "sigmoid" },
    parts(g, prediction, targets) {
      const y = alignTarget("bceWithLogits", g, prediction, targets[0]);
      const x = prediction;
      const over = (sum: Value) => ({ sum, weight: sizeOf(x.shape) });
      if (weights.length === 1 && weights[0] === 1) {
        // (1 - y) x + log(1 + exp(-x)) = log(1 + exp(x)) - x y
        return over(g.reduceSum(g.sub(g.op("Softplus", [x]), g.mul(x, y))));
      }
      const extra = g.constant(
        tensor(
          "float32",
          weights.length === 1 ? [] : [weights.length],
          weights.map((weight) => weight - 1),
        ),
      );
      const scale = g.add(g.mul(y, extra), 1);
      const negative = g.mul(g.sub(1, y), x);
      return over(g.reduceSum(g.add(negative, g.mul(scale, g.op("Softplus", [g.neg(x)])))));
    },
    check: (_, targets) => checkRange("bceWithLogits", targets[0], 0, 1),
  });
}

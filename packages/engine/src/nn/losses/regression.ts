import { type Checks, checkOptions, number } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { sizeOf } from "../../onnx/index.js";
import { alignTarget, checkRange } from "./align-target.js";
import type { LossFunc } from "./loss.js";
import { weightedLoss } from "./weighted-loss.js";

const HUBER_OPTIONS: Checks<{ readonly delta?: number }> = { delta: number({ above: 0 }) };
const SMOOTH_L1_OPTIONS: Checks<{ readonly beta?: number }> = { beta: number({ above: 0 }) };

/** The mean of a function of the difference between prediction and target. */
function differenceLoss(name: string, cost: (g: GraphBuilder, difference: Value) => Value): LossFunc {
  return weightedLoss({
    name,
    parts(g, prediction, targets) {
      const difference = g.sub(prediction, alignTarget(name, g, prediction, targets[0]));
      return { sum: g.reduceSum(cost(g, difference)), weight: sizeOf(prediction.shape) };
    },
    check: (_, targets) => checkRange(name, targets[0]),
  });
}

/**
 * The mean squared error: the mean over all elements of `(prediction - target)²`.
 *
 * Prediction and target: [N, …], of one shape but for dimensions of size 1.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse() });
 * ```
 *
 * Source: PyTorch's `torch.nn.MSELoss`.
 */
export function mse(): LossFunc {
  return differenceLoss("mse", (g, difference) => g.mul(difference, difference));
}

/**
 * The mean absolute error: the mean over all elements of `|prediction - target|`.
 *
 * Prediction and target: [N, …], of one shape but for dimensions of size 1.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: l1() });
 * ```
 *
 * Source: PyTorch's `torch.nn.L1Loss`.
 */
export function l1(): LossFunc {
  return differenceLoss("l1", (g, difference) => g.op("Abs", [difference]));
}

/**
 * Huber's loss: the mean of `d² / 2` where `|d| <= delta`, and of `delta (|d| - delta / 2)` elsewhere, with
 * d = prediction - target.
 *
 * Prediction and target: [N, …], of one shape but for dimensions of size 1.
 *
 * @param options.delta - Where the parabola goes over into lines, above 0. Default: 1.
 * @throws {OptionError} when `delta` is no finite number above 0, or an option does not exist.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: huber({ delta: 0.5 }) });
 * ```
 *
 * Source: Huber, Robust Estimation of a Location Parameter (1964); PyTorch's `torch.nn.HuberLoss`.
 */
export function huber(options: { readonly delta?: number } = {}): LossFunc {
  checkOptions("huber", options, HUBER_OPTIONS);
  const { delta = 1 } = options;
  return differenceLoss("huber", (g, d) => clippedSquare(g, d, delta));
}

/**
 * The smooth L1 loss, which is Huber's divided by `beta`: the mean of `d² / (2 beta)` where `|d| <= beta`, and of
 * `|d| - beta / 2` elsewhere, with d = prediction - target.
 *
 * Prediction and target: [N, …], of one shape but for dimensions of size 1.
 *
 * @param options.beta - Where the parabola goes over into lines, above 0. Default: 1.
 * @throws {OptionError} when `beta` is no finite number above 0, or an option does not exist.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: smoothL1() });
 * ```
 *
 * Source: Girshick, Fast R-CNN (2015), equation 3; PyTorch's `torch.nn.SmoothL1Loss`.
 */
export function smoothL1(options: { readonly beta?: number } = {}): LossFunc {
  checkOptions("smoothL1", options, SMOOTH_L1_OPTIONS);
  const { beta = 1 } = options;
  return differenceLoss("smoothL1", (g, d) => g.mul(clippedSquare(g, d, beta), 1 / beta));
}

/** `c (d - c / 2)` with `c` = d clipped to ±delta: both branches of Huber's loss, and their derivative c, in one. */
function clippedSquare(g: GraphBuilder, d: Value, delta: number): Value {
  const c = g.op("Clip", [d, g.scalar(-delta), g.scalar(delta)]);
  return g.mul(c, g.sub(d, g.mul(c, 0.5)));
}

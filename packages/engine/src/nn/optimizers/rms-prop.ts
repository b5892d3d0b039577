import { boolean, type Checks, checkOptions } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { decayRate, epsilon, weightDecay } from "../checks.js";
import type { Optimizer } from "./optimizer.js";
import { decayed } from "./weight-decay.js";

/** Options of RMSProp. */
export interface RmsPropOptions {
  /** Decay rate of the mean squared gradient, in [0, 1). Default: 0.99. */
  readonly sqrMom?: number;
  /** Momentum, in [0, 1); at 0 no velocity is kept, and a schedule of momentums has no effect. Default: 0. */
  readonly mom?: number;
  /** Added to the root of the mean squared gradient, at least 0. Default: 1e-8. */
  readonly eps?: number;
  /** Weight decay, at least 0. Default: 0. */
  readonly wd?: number;
  /** Whether weights shrink by `lr * wd` instead of adding `wd * w` to the gradient. Default: false. */
  readonly decoupleWd?: boolean;
  /** Whether the mean gradient's square is taken off the mean square, which leaves a variance. Default: false. */
  readonly centered?: boolean;
}

const OPTIONS: Checks<RmsPropOptions> = {
  sqrMom: decayRate,
  mom: decayRate,
  eps: epsilon,
  wd: weightDecay,
  decoupleWd: boolean,
  centered: boolean,
};

/**
 * RMSProp, with PyTorch's defaults:
 *
 * ```
 * g = gradient + wd * w
 * s = sqrMom * s + (1 - sqrMom) * g²
 * u = mom * u + g / (sqrt(s) + eps)   (centered: sqrt(s - a²), a = sqrMom * a + (1 - sqrMom) * g)
 * w = w - lr * u
 * ```
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: mse(), optFunc: rmsProp({ mom: 0.9 }) });
 * ```
 *
 * Source: Tieleman and Hinton, lecture 6.5 (2012); centred: Graves (2013), equations 38 to 45; PyTorch's
 * `torch.optim.RMSprop`.
 */
export function rmsProp(options: RmsPropOptions = {}): Optimizer {
  checkOptions("rmsProp", options, OPTIONS);
  const { sqrMom = 0.99, mom = 0, eps = 1e-8, wd = 0, decoupleWd = false, centered = false } = options;
  const spread = centered ? "variance" : "squares";
  return {
    name: "rmsProp",
    defaults: { mom, wd, sqrMom },
    slots: [...(centered ? ["mean"] : []), spread, ...(mom === 0 ? [] : ["velocity"])],
    // The mean is infinite only where the squares are; the velocity takes the parameter along.
    watchedSlots: [spread],
    nonNegativeSlots: [spread],
    scalars(_, { mom, wd, sqrMom: keep = sqrMom }) {
      return { mom, wd, sqrMom: keep, newShare: 1 - keep };
    },
    update(context) {
      const { g, lr, slot, scalar } = context;
      const { parameter, gradient } = decayed(context, decoupleWd);
      const shares = { keep: scalar("sqrMom"), newShare: scalar("newShare") };
      const average: Record<string, Value> = centered
        ? varianceOf(g, gradient, { mean: slot("mean"), variance: slot("variance"), ...shares })
        : {
            squares: g.add(
              g.mul(slot("squares"), shares.keep),
              g.mul(g.mul(gradient, gradient), shares.newShare),
            ),
          };
      const direction = g.div(gradient, g.add(g.sqrt(average[spread]!), eps));
      const velocity = mom === 0 ? undefined : g.add(g.mul(slot("velocity"), scalar("mom")), direction);
      return {
        parameter: g.sub(parameter, g.mul(velocity ?? direction, lr)),
        slots: { ...average, ...(velocity ? { velocity } : {}) },
      };
    },
  };
}

/**
 * The mean gradient and the variance about it, as averages that forget: West's update of `s - a²`, whose difference of two
 * large numbers would be rounded, below zero too. A variance that starts at 0 never is negative:
 * `variance = keep (variance + (1 - keep) (g - mean)²)`, with the mean before the step.
 *
 * Source: D. West, Updating mean and variance estimates: an improved method (1979).
 */
function varianceOf(
  g: GraphBuilder,
  gradient: Value,
  { mean, variance, keep, newShare }: Readonly<Record<"mean" | "variance" | "keep" | "newShare", Value>>,
): { mean: Value; variance: Value } {
  const distance = g.sub(gradient, mean);
  const part = g.mul(distance, newShare);
  return {
    mean: g.add(mean, part),
    variance: g.mul(g.add(variance, g.mul(part, distance)), keep),
  };
}

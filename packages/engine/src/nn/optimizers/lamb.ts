import { type Checks, checkOptions, number } from "lrfind/core";
import { decayRate, epsilon, weightDecay } from "../checks.js";
import { adamDirection, adamScalars, adamSlots, adamWatchedSlots } from "./adam.js";
import { normOf } from "./norm.js";
import type { Optimizer } from "./optimizer.js";

/** Options of LAMB. */
export interface LambOptions {
  /** Decay rate of the mean gradient, in [0, 1). Default: 0.9. */
  readonly mom?: number;
  /** Decay rate of the mean squared gradient, in [0, 1). Default: 0.99. */
  readonly sqrMom?: number;
  /** Added to the root of the mean squared gradient, at least 0. Default: 1e-5. */
  readonly eps?: number;
  /** Weight decay, part of the step whose norm counts, at least 0. Default: 0. */
  readonly wd?: number;
  /** Largest trust ratio, above 0. Default: 10. */
  readonly maxRatio?: number;
}

const OPTIONS: Checks<LambOptions> = {
  mom: decayRate,
  sqrMom: decayRate,
  eps: epsilon,
  wd: weightDecay,
  maxRatio: number({ above: 0 }),
};

/**
 * LAMB, which gives each parameter a rate in proportion to its norm:
 *
 * ```
 * r = m / (1 - mom^t) / (sqrt(v / (1 - sqrMom^t)) + eps) + wd * w      (m, v as in Adam)
 * w = w - lr * min(|w| / |r|, maxRatio) * r                            (ratio 1 where a norm is 0)
 * ```
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: lamb() });
 * ```
 *
 * Source: You et al., Large Batch Optimization for Deep Learning (2020), algorithm 2; the cap on the ratio and the
 * defaults are fastai's, which decays weights apart from the ratio.
 */
export function lamb(options: LambOptions = {}): Optimizer {
  checkOptions("lamb", options, OPTIONS);
  const { mom = 0.9, sqrMom = 0.99, eps = 1e-5, wd = 0, maxRatio = 10 } = options;
  return {
    name: "lamb",
    defaults: { mom, wd, sqrMom, eps },
    slots: adamSlots,
    watchedSlots: adamWatchedSlots,
    nonNegativeSlots: adamWatchedSlots,
    scalars: (step, hyper) => adamScalars(step, hyper, { sqrMom, eps }),
    update(context) {
      const { g, parameter, lr, decays, scalar } = context;
      const { direction, slots } = adamDirection(context);
      const adamStep = g.mul(direction, scalar("rate"));
      const step = decays ? g.add(adamStep, g.mul(parameter, scalar("wd"))) : adamStep;
      const weightNorm = normOf(g, [parameter]);
      const stepNorm = normOf(g, [step]);
      const bothThere = g.op("And", [g.greater(weightNorm.rest, 0), g.greater(stepNorm.rest, 0)]);
      // Factor by factor, for the norms may overflow; the divisor is 1 where one is 0, so that no branch is NaN.
      const rest = g.div(weightNorm.rest, g.where(bothThere, stepNorm.rest, 1));
      const ratio = g.mul(g.div(weightNorm.largest, stepNorm.largest), rest);
      const trust = g.where(bothThere, g.min(ratio, maxRatio), 1);
      return { parameter: g.sub(parameter, g.mul(step, g.mul(lr, trust))), slots };
    },
  };
}

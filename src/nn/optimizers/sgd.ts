import type { Optimizer } from "./optimizer.js";

/** Options of stochastic gradient descent. */
export interface SgdOptions {
  /** Momentum, in [0, 1). Default: 0.9. */
  readonly mom?: number;
  /** Weight decay, added to the gradient as `wd * w`. Default: 0. */
  readonly wd?: number;
}

/**
 * Stochastic gradient descent with momentum:
 *
 * ```
 * g = gradient + wd * w
 * v = mom * v + g
 * w = w - lr * v
 * ```
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd({ mom: 0.9 }) });
 * ```
 *
 * Source: Sutskever, Martens, Dahl and Hinton (2013), in PyTorch's form, where the rate multiplies the velocity.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { mom = 0.9, wd = 0 } = options;
  return {
    name: "sgd",
    defaults: { mom, wd },
    slots: ["velocity"],
    scalars: (_, hyper) => ({ mom: hyper.mom, wd: hyper.wd }),
    update({ g, parameter, gradient, lr, decays, slot, scalar }) {
      const decayed = decays ? g.add(gradient, g.mul(parameter, scalar("wd"))) : gradient;
      const velocity = g.add(g.mul(slot("velocity"), scalar("mom")), decayed);
      return { parameter: g.sub(parameter, g.mul(velocity, lr)), slots: { velocity } };
    },
  };
}

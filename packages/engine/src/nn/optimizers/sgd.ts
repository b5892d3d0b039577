import { boolean, type Checks, checkArgument, checkOptions, number, withHint } from "lrfind/core";
import { decayRate, weightDecay } from "../checks.js";
import type { Optimizer } from "./optimizer.js";
import { decayed } from "./weight-decay.js";

/** Options of stochastic gradient descent. */
export interface SgdOptions {
  /** Momentum, in [0, 1). At 0 no velocity is kept, and a schedule of momentums has no effect. Default: 0.9. */
  readonly mom?: number;
  /** Weight decay, at least 0. Default: 0. */
  readonly wd?: number;
  /** Whether weights shrink by `lr * wd` instead of adding `wd * w` to the gradient. Default: false, as in PyTorch. */
  readonly decoupleWd?: boolean;
  /** Whether to step along the velocity that the next step would have. Default: false. */
  readonly nesterov?: boolean;
}

const OPTIONS: Checks<SgdOptions> = {
  mom: decayRate,
  wd: weightDecay,
  decoupleWd: boolean,
  nesterov: boolean,
};

/**
 * Stochastic gradient descent with momentum:
 *
 * ```
 * g = gradient + wd * w               (decoupleWd: w = w - lr * wd * w instead)
 * v = mom * v + g
 * w = w - lr * v                      (nesterov: w - lr * (g + mom * v))
 * ```
 *
 * @throws {OptionError} when an option does not exist or is out of its range, or Nesterov's form is asked for without
 *   momentum.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd({ mom: 0.9 }) });
 * ```
 *
 * Source: Sutskever, Martens, Dahl and Hinton (2013), in the form of PyTorch's `torch.optim.SGD`, where the rate
 * multiplies the velocity and the first velocity is the first gradient.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptions("sgd", options, OPTIONS);
  const { mom = 0.9, wd = 0, decoupleWd = false, nesterov = false } = options;
  if (nesterov) checkArgument("sgd with nesterov", "mom", mom, withHint(number({ above: 0 }), "0.9"));
  return {
    name: "sgd",
    defaults: { mom, wd },
    slots: mom === 0 ? [] : ["velocity"],
    watchedSlots: [],
    scalars: (_, hyper) => ({ mom: hyper.mom, wd: hyper.wd }),
    update(context) {
      const { g, lr, slot, scalar } = context;
      const { parameter, gradient } = decayed(context, decoupleWd);
      if (mom === 0) return { parameter: g.sub(parameter, g.mul(gradient, lr)), slots: {} };
      const velocity = g.add(g.mul(slot("velocity"), scalar("mom")), gradient);
      const direction = nesterov ? g.add(gradient, g.mul(velocity, scalar("mom"))) : velocity;
      return { parameter: g.sub(parameter, g.mul(direction, lr)), slots: { velocity } };
    },
  };
}

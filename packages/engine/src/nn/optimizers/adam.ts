import { boolean, type Checks, checkOptions } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { decayRate, epsilon, weightDecay } from "../checks.js";
import type { Hyper, Optimizer, UpdateContext } from "./optimizer.js";
import { decayed } from "./weight-decay.js";

/** Options of Adam. */
export interface AdamOptions {
  /** Decay rate of the mean gradient (beta 1), in [0, 1). Default: 0.9. */
  readonly mom?: number;
  /** Decay rate of the mean squared gradient (beta 2), in [0, 1). Default: 0.99. */
  readonly sqrMom?: number;
  /** Added to the root of the mean squared gradient, at least 0. Default: 1e-5. */
  readonly eps?: number;
  /** Weight decay, at least 0. Default: 0.01. */
  readonly wd?: number;
  /** Whether weights shrink by `lr * wd` instead of adding `wd * w` to the gradient. Default: true. */
  readonly decoupleWd?: boolean;
}

const ADAM_W_OPTIONS: Checks<Omit<AdamOptions, "decoupleWd">> = {
  mom: decayRate,
  sqrMom: decayRate,
  eps: epsilon,
  wd: weightDecay,
};
const ADAM_OPTIONS: Checks<AdamOptions> = { ...ADAM_W_OPTIONS, decoupleWd: boolean };

/**
 * Adam, with fastai's defaults:
 *
 * ```
 * w = (1 - lr * wd) w                 (decoupleWd: false: gradient = gradient + wd * w instead)
 * m = mom * m + (1 - mom) * gradient
 * v = sqrMom * v + (1 - sqrMom) * gradient²
 * w = w - lr * m / (1 - mom^t) / (sqrt(v / (1 - sqrMom^t)) + eps)
 * ```
 *
 * with t the number of the step, from 1. PyTorch's `torch.optim.Adam` is
 * `adam({ sqrMom: 0.999, eps: 1e-8, wd: 0, decoupleWd: false })`, its `AdamW` is `adamW()`.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: adam({ wd: 0.1 }) });
 * ```
 *
 * Source: Kingma and Ba (2015), algorithm 1; defaults of fastai's `Adam`.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, ADAM_OPTIONS);
  const { mom = 0.9, sqrMom = 0.99, eps = 1e-5, wd = 0.01, decoupleWd = true } = options;
  return {
    name: "adam",
    defaults: { mom, wd, sqrMom, eps },
    slots: adamSlots,
    watchedSlots: adamWatchedSlots,
    nonNegativeSlots: adamWatchedSlots,
    scalars: (step, hyper) => adamScalars(step, hyper, { sqrMom, eps }),
    update(context) {
      const { g, lr, scalar } = context;
      const { parameter, gradient } = decayed(context, decoupleWd);
      const { direction, slots } = adamDirection({ ...context, gradient });
      return { parameter: g.sub(parameter, g.mul(direction, g.mul(lr, scalar("rate")))), slots };
    },
  };
}

/**
 * AdamW with PyTorch's defaults: `adam` with mom 0.9, sqrMom 0.999, eps 1e-8 and decoupled weight decay 0.01.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: adamW({ wd: 0.05 }) });
 * ```
 *
 * Source: Loshchilov and Hutter (2019), algorithm 2; PyTorch's `torch.optim.AdamW`.
 */
export function adamW(options: Omit<AdamOptions, "decoupleWd"> = {}): Optimizer {
  checkOptions("adamW", options, ADAM_W_OPTIONS);
  const { sqrMom = 0.999, eps = 1e-8 } = options;
  return { ...adam({ ...options, sqrMom, eps, decoupleWd: true }), name: "adamW" };
}

/** The tensors that Adam keeps: the mean gradient, and the mean squared gradient divided by `1 - sqrMom`. */
export const adamSlots = ["mean", "squares"] as const;

/** Infinite squares end a parameter's training in silence: it is finite and stands still. The mean takes it along. */
export const adamWatchedSlots = ["squares"] as const;

/**
 * The scalars of Adam's step. With `squares` = v / (1 - sqrMom), the division by the root of v without bias is
 * `m / (1 - mom^t) / (s sqrt(squares) + eps)`, s² = (1 - sqrMom) / (1 - sqrMom^t); both scales go into `rate` and
 * `eps`, which saves three passes over the parameters.
 */
export function adamScalars(
  step: number,
  hyper: Hyper,
  own: { readonly sqrMom: number; readonly eps: number },
): Record<string, number> {
  // Whoever sets all hyper-parameters of a step may name momentum and decay only.
  const { sqrMom = own.sqrMom, eps = own.eps } = hyper;
  const scale = Math.sqrt((1 - sqrMom) / (1 - sqrMom ** step));
  return {
    mom: hyper.mom,
    newShare: 1 - hyper.mom,
    sqrMom,
    eps: eps / scale,
    rate: 1 / (scale * (1 - hyper.mom ** step)),
    wd: hyper.wd,
  };
}

/** Adam's step before the scalar `rate` and the learning rate, and what it keeps. */
export function adamDirection({ g, gradient, slot, scalar }: UpdateContext): {
  direction: Value;
  slots: Record<string, Value>;
} {
  const mean = g.add(g.mul(slot("mean"), scalar("mom")), g.mul(gradient, scalar("newShare")));
  const squares = g.add(g.mul(slot("squares"), scalar("sqrMom")), g.mul(gradient, gradient));
  return { direction: g.div(mean, g.add(g.sqrt(squares), scalar("eps"))), slots: { mean, squares } };
}

import { type Checks, checkOptions, integer, number } from "lrfind/core";
import type { StepTransform } from "./step-transform.js";

/** Options of Lookahead. */
export interface LookaheadOptions {
  /** Steps of the optimizer for one of the slow weights, from 1 up. Default: 6. */
  readonly k?: number;
  /** How far the slow weights go towards the fast ones, in (0, 1]. Default: 0.5. */
  readonly alpha?: number;
}

const OPTIONS: Checks<LookaheadOptions> = {
  k: integer({ min: 1 }),
  alpha: number({ above: 0, max: 1 }),
};

/**
 * Lookahead, for the place after an optimizer in a `chain`: every k steps the slow weights go a part of the way to the
 * optimizer's, which go on from there:
 *
 * ```
 * w = optimizer(w)
 * every k steps: slow = slow + alpha (w - slow);  w = slow       (slow begins as w)
 * ```
 *
 * The optimizer's own state goes on as it is. A parameter's steps are counted from when it is first trained.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ ...parts, optFunc: chain(adam(), lookahead({ k: 5 })) });
 * ```
 *
 * Source: Zhang, Lucas, Hinton and Ba, Lookahead Optimizer (2019), algorithm 1; defaults of fastai's `Lookahead`.
 */
export function lookahead(options: LookaheadOptions = {}): StepTransform {
  checkOptions("lookahead", options, OPTIONS);
  const { k = 6, alpha = 0.5 } = options;
  return {
    name: "lookahead",
    defaults: { alpha },
    slots: ["slow"],
    parameterSlots: ["slow"],
    averages: ["slow"],
    // Between two parameters that are finite, or were.
    watchedSlots: [],
    scalars(step, hyper) {
      const isDue = step % k === 0;
      // One of the two stays at every step: the other's share is 1, so that it is taken bit for bit.
      return { pull: isDue ? hyper["alpha"]! : 0, fast: isDue ? 0 : 1 };
    },
    after({ g, updated, slot, scalar }) {
      const before = slot("slow");
      const slow = g.add(before, g.mul(g.sub(updated, before), scalar("pull")));
      const parameter = g.where(g.greater(scalar("fast"), 0), updated, slow);
      return { parameter, slots: { slow } };
    },
  };
}

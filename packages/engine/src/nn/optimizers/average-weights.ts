import { type Checks, checkOptions, integer } from "lrfind/core";
import { decayRate } from "../checks.js";
import type { AfterContext, AfterUpdate, StepTransform } from "./step-transform.js";

/** Options of `ema`. */
export interface EmaOptions {
  /** The share of the average that stays at each step, in [0, 1). Default: 0.999. */
  readonly decay?: number;
}

const EMA: Checks<EmaOptions> = { decay: decayRate };

/**
 * An exponential moving average of the weights, kept beside training, for the place after an optimizer in a `chain`:
 *
 * ```
 * average = decay * average + (1 - decay) * w       (average begins as w before the first step)
 * ```
 *
 * Training does not see it. `learn.useAverage()` puts it into the weights' place.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const learn = new Learner({ ...parts, optFunc: chain(adam(), ema({ decay: 0.99 })) });
 * await learn.fit(5);
 * learn.useAverage();
 * ```
 *
 * Source: Polyak and Juditsky (1992), in the exponential form of Izmailov et al. (2018), section 3.2; Keras's `use_ema`.
 */
export function ema(options: EmaOptions = {}): StepTransform {
  checkOptions("ema", options, EMA);
  const { decay = 0.999 } = options;
  return {
    ...averaging("ema"),
    defaults: { decay },
    scalars: (_, hyper) => ({ share: 1 - hyper["decay"]! }),
  };
}

/** Options of `swa`. */
export interface SwaOptions {
  /** Steps that are made before averaging begins, from 0 up. Default: 0. */
  readonly start?: number;
  /** Steps from one that is averaged to the next, from 1 up; `dls.train.batchesPerEpoch` for one an epoch. Default: 1. */
  readonly every?: number;
}

const SWA: Checks<SwaOptions> = { start: integer({ min: 0 }), every: integer({ min: 1 }) };

/**
 * Stochastic weight averaging: the mean of the weights after steps `start + every`, `start + 2 every`, …, kept beside
 * training, for the place after an optimizer in a `chain`:
 *
 * ```
 * average = average + (w - average) / n             (n: the weights averaged, these included)
 * ```
 *
 * Until the first of them the average is the weights before training. `learn.useAverage()` puts it into the weights'
 * place; the running statistics of a batch-norm are still those of the last weights, and an epoch at rate 0,
 * `learn.fit(1, { cbs: [paramScheduler({ lr: () => 0 })] })`, moves them to the average's.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const steps = dls.train.batchesPerEpoch;
 * const learn = new Learner({ ...parts, optFunc: chain(sgd(), swa({ start: 5 * steps, every: steps })) });
 * await learn.fit(10, { lr: 0.05 });
 * learn.useAverage();
 * ```
 *
 * Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging Weights Leads to Wider Optima (2018),
 * algorithm 1.
 */
export function swa(options: SwaOptions = {}): StepTransform {
  checkOptions("swa", options, SWA);
  const { start = 0, every = 1 } = options;
  return {
    ...averaging("swa"),
    scalars(step) {
      const count = (step - start) / every;
      return { share: count >= 1 && Number.isInteger(count) ? 1 / count : 0 };
    },
  };
}

/** Moves an average towards the weights by the scalar "share". */
function averaging(name: string) {
  return {
    name,
    slots: ["average"],
    parameterSlots: ["average"],
    averages: ["average"],
    // Between weights that are finite.
    watchedSlots: [],
    after({ g, updated, slot, scalar }: AfterContext): AfterUpdate {
      const before = slot("average");
      const average = g.add(before, g.mul(g.sub(updated, before), scalar("share")));
      return { parameter: updated, slots: { average } };
    },
  };
}

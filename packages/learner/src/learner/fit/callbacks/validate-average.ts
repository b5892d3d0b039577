import { type Checks, string } from "lrfind/core";
import { checkLearnerOptions } from "../../checks.js";
import type { Callback } from "./callback.js";

/** Options of `validateAverage`. */
export interface ValidateAverageOptions {
  /** Which average: "ema", say. Default: the last of the optimizer's chain. */
  readonly name?: string;
}

const OPTIONS: Checks<ValidateAverageOptions> = { name: string };

/**
 * Validates with an average of the weights that the optimizer keeps, and trains on with the weights: what `earlyStopping` and
 * `saveBest` then go by is the average's. A file that is saved holds both, and `useAverage` after loading takes the average.
 *
 * @throws {OptionError} when an option does not exist or is none.
 *
 * @example
 * ```ts
 * const learn = new Learner({ ...parts, optFunc: chain(adam(), ema({ decay: 0.99 })) });
 * await learn.fit(5, { cbs: [validateAverage()] });
 * ```
 *
 * Source: timm's training script validates its `ModelEma` so.
 */
export function validateAverage(options: ValidateAverageOptions = {}): Callback {
  checkLearnerOptions("validateAverage", options, OPTIONS);
  let back: (() => void) | undefined;
  const putBack = () => {
    const put = back;
    back = undefined;
    put?.();
  };
  return {
    name: "validateAverage",
    keeps: "nothing",
    // First before and after: others see the average while it is validated, and the weights when it is done.
    order: -10,
    beforeFit({ learner }) {
      learner.useAverage(options.name)();
    },
    beforeValidate({ learner }) {
      back = learner.useAverage(options.name);
    },
    afterValidate: putBack,
    finish: putBack,
  };
}

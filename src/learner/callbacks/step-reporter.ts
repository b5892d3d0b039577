import type { FitStep } from "../learner-options.js";
import type { Callback } from "./callback.js";

/** Tells a function of every step. */
export function stepReporter(onStep: (step: FitStep) => void): Callback {
  return {
    name: "stepReporter",
    order: 80,
    afterStep({ epoch, step, stepsPerEpoch, lrs, loss }) {
      onStep({ epoch, step, stepsPerEpoch, lrs, loss: loss! });
    },
  };
}

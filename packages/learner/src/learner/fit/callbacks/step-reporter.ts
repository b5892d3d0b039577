import type { FitStep } from "../../learner-options.js";
import type { Callback } from "./callback.js";

/** Tells a function of every step, and waits for what it returns. */
export function stepReporter(onStep: (step: FitStep) => unknown): Callback {
  return {
    name: "stepReporter",
    keeps: "nothing",
    order: 80,
    async afterStep({ epoch, step, stepsPerEpoch, lrs, loss }) {
      await onStep({ epoch, step, stepsPerEpoch, lrs, loss: loss! });
    },
  };
}

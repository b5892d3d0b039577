import type { EpochRecord } from "../epoch-record.js";
import type { FitLoop } from "./callback.js";

/** The numbers of a step, by the names under which logs have them: a rate for each group where they are not the same. */
export function stepScalars({ lrs, hyper: { mom }, loss }: FitLoop): Record<string, number> {
  const isOne = lrs.every((lr) => lr === lrs[0]);
  const rates = isOne ? { lr: lrs[0]! } : Object.fromEntries(lrs.map((lr, group) => [`lr_${group}`, lr]));
  return { ...rates, mom, loss: loss ?? Number.NaN };
}

/** The number of the step that was made last, in the learner's life: a second fit goes on counting. */
export function stepOf({ learner }: FitLoop): number {
  return learner.state.step - 1;
}

/** The numbers of an epoch, likewise. */
export function epochScalars({ trainLoss, validLoss, metrics }: EpochRecord): Record<string, number> {
  return { train_loss: trainLoss, ...(validLoss === undefined ? {} : { valid_loss: validLoss }), ...metrics };
}

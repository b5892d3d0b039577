import type { Hyper, Optimizer } from "@lrfind/engine";
import type { LearnerOptions } from "../learner-options.js";
import type { LearningRate } from "../learning-rate.js";
import { ratesOf } from "../learning-rate.js";
import { checkHyper } from "./step/step-checks.js";

const DEFAULT_LR = 1e-3;

/**
 * The learning rates that a fit begins with, one per parameter group.
 *
 * @param lr - What the fit is told. Default: the learner's.
 * @throws {LearnerError} when they are none.
 */
export function startRates(
  where: string,
  options: Pick<LearnerOptions, "lr">,
  groups: number,
  lr?: LearningRate,
): readonly number[] {
  // Only what is left out has a default: null is the rate of a search that found none.
  const { lr: own = DEFAULT_LR } = options;
  return ratesOf(lr === undefined ? own : lr, groups, where);
}

/**
 * The hyper-parameters that a fit begins with.
 *
 * @param wd - What the fit is told. Default: the learner's, or the optimizer's.
 * @throws {LearnerError} when one cannot be used.
 */
export function startHyper(
  where: string,
  options: Pick<LearnerOptions, "wd">,
  { defaults }: Optimizer,
  wd?: number,
): Hyper {
  const { wd: own = defaults.wd } = options;
  const hyper = { ...defaults, wd: wd === undefined ? own : wd };
  checkHyper(where, hyper, defaults, { hint: "0.01, say" });
  return hyper;
}

import type { UpgradeRule } from "../upgrade-rule.js";
import { axesBefore } from "../upgrade-rule.js";

/** Reductions, whose axes became an input. */
export const reduceUpgrades = {
  ReduceL1: axesBefore(18),
  ReduceL2: axesBefore(18),
  ReduceLogSum: axesBefore(18),
  ReduceLogSumExp: axesBefore(18),
  ReduceMax: axesBefore(18),
  ReduceMean: axesBefore(18),
  ReduceMin: axesBefore(18),
  ReduceProd: axesBefore(18),
  ReduceSum: axesBefore(13),
  ReduceSumSquare: axesBefore(18),
} satisfies Record<string, UpgradeRule>;

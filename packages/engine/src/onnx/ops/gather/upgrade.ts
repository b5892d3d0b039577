import type { UpgradeRule } from "../upgrade-rule.js";

/** Scatter was renamed. */
const scatter: UpgradeRule = (node) => [{ ...node, opType: "ScatterElements" }];

/** Operators of gathering that something else stands for. */
export const gatherUpgrades = {
  Scatter: scatter,
} satisfies Record<string, UpgradeRule>;

import type { UpgradeRule } from "../upgrade-rule.js";
import { attributesBefore, floatConstant } from "../upgrade-rule.js";

/** Clip: bounds became inputs in operator set 11. */
export const elementwiseUpgrades = {
  Clip: attributesBefore(11, { min: floatConstant, max: floatConstant }),
} satisfies Record<string, UpgradeRule>;

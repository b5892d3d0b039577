import type { UpgradeRule } from "../upgrade-rule.js";
import { upgradeError } from "../upgrade-rule.js";

/** Since operator set 14 the batch may come first, which ONNX Runtime 1.30 does not know. */
const sequenceFirst: UpgradeRule = (node) => {
  const { layout = 0 } = node.attributes;
  if (layout !== 0) throw upgradeError(node, "layout 0, sequences first", String(layout));
  return [node];
};

/** Recurrent networks. */
export const recurrentUpgrades = {
  GRU: sequenceFirst,
  LSTM: sequenceFirst,
  RNN: sequenceFirst,
} satisfies Record<string, UpgradeRule>;

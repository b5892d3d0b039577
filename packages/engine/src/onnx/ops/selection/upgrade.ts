import type { UpgradeRule } from "../upgrade-rule.js";
import { intsConstant, upgradeError, withInputs, without } from "../upgrade-rule.js";

const topK: UpgradeRule = (node, context) => {
  const k = node.attributes["k"];
  if (context.opset >= 10) return [node];
  if (typeof k !== "number") throw upgradeError(node, "an attribute k");
  return [
    withInputs(
      node,
      [node.inputs[0], intsConstant(context, [k], `${node.name}/k`)],
      without(node.attributes, "k"),
    ),
  ];
};

/** The number of elements became an input in operator set 10. */
export const selectionUpgrades = {
  TopK: topK,
} satisfies Record<string, UpgradeRule>;

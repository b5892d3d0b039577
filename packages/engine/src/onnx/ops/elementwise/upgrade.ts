import type { UpgradeRule } from "../upgrade-rule.js";
import { floatConstant, withInputs, without } from "../upgrade-rule.js";

const clip: UpgradeRule = (node, context) => {
  if (context.opset >= 11) return [node];
  const { min, max } = node.attributes;
  return [
    withInputs(
      node,
      [
        node.inputs[0],
        floatConstant(context, min, `${node.name}/min`),
        floatConstant(context, max, `${node.name}/max`),
      ],
      without(node.attributes, "min", "max"),
    ),
  ];
};

/** Clip: bounds became inputs in operator set 11. */
export const elementwiseUpgrades = {
  Clip: clip,
} satisfies Record<string, UpgradeRule>;

import type { UpgradeRule } from "../upgrade-rule.js";
import { floatConstant, withInputs, without } from "../upgrade-rule.js";

const dropout: UpgradeRule = (node, context) => {
  if (context.opset >= 12) return [node];
  const ratio = floatConstant(context, node.attributes["ratio"] ?? 0.5, `${node.name}/ratio`);
  const upgraded = withInputs(node, [node.inputs[0], ratio], without(node.attributes, "ratio"));
  const mask = node.outputs[1];
  if (!mask || context.opset >= 10) return [upgraded];
  // Before operator set 10, the mask was of the data's type.
  const kept = context.fresh(`${node.name}/mask`);
  const cast = { name: `${node.name}/Cast`, opType: "Cast", domain: "", inputs: [kept], outputs: [mask] };
  return [
    { ...upgraded, outputs: [node.outputs[0]!, kept] },
    { ...cast, attributes: { to: "float32" } },
  ];
};

/** The ratio became an input in operator set 12. */
export const dropoutUpgrades = {
  Dropout: dropout,
} satisfies Record<string, UpgradeRule>;

import type { UpgradeRule } from "../upgrade-rule.js";
import {
  attributesBefore,
  axesBefore,
  floatConstant,
  intsConstant,
  withInputs,
  without,
} from "../upgrade-rule.js";

const split: UpgradeRule = (node, context) => {
  const sizes = node.attributes["split"];
  if (context.opset < 13 && sizes !== undefined) {
    const input = intsConstant(context, sizes, `${node.name}/split`);
    return [withInputs(node, [node.inputs[0], input], without(node.attributes, "split"))];
  }
  if (context.opset >= 18 || node.inputs[1]) return [node];
  return [{ ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } }];
};

/** Operators of layout some of whose attributes became inputs. */
export const layoutUpgrades = {
  Pad: attributesBefore(11, { pads: intsConstant, value: floatConstant }),
  Slice: attributesBefore(10, { starts: intsConstant, ends: intsConstant, axes: intsConstant }),
  Split: split,
  Squeeze: axesBefore(13),
  Unsqueeze: axesBefore(13),
} satisfies Record<string, UpgradeRule>;

import type { UpgradeRule } from "../upgrade-rule.js";
import { axesBefore, floatConstant, intsConstant, withInputs, without } from "../upgrade-rule.js";

const pad: UpgradeRule = (node, context) => {
  if (context.opset >= 11) return [node];
  const { pads, value } = node.attributes;
  return [
    withInputs(
      node,
      [
        node.inputs[0],
        intsConstant(context, pads, `${node.name}/pads`),
        floatConstant(context, value, `${node.name}/value`),
      ],
      without(node.attributes, "pads", "value"),
    ),
  ];
};

const slice: UpgradeRule = (node, context) => {
  if (context.opset >= 10) return [node];
  const { starts, ends, axes } = node.attributes;
  return [
    withInputs(
      node,
      [
        node.inputs[0],
        intsConstant(context, starts, `${node.name}/starts`),
        intsConstant(context, ends, `${node.name}/ends`),
        intsConstant(context, axes, `${node.name}/axes`),
      ],
      without(node.attributes, "starts", "ends", "axes"),
    ),
  ];
};

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
  Pad: pad,
  Slice: slice,
  Split: split,
  Squeeze: axesBefore(13),
  Unsqueeze: axesBefore(13),
} satisfies Record<string, UpgradeRule>;

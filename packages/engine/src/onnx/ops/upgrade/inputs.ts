import type { UpgradeRule } from "../upgrade-rule.js";
import { floatConstant, intsConstant, upgradeError, withInputs, without } from "../upgrade-rule.js";

/** Axes became an input, in operator set 13 or 18. */
const axesBefore =
  (opset: number): UpgradeRule =>
  (node, context) => {
    const axes = node.attributes["axes"];
    if (context.opset >= opset || axes === undefined) return [node];
    const input = intsConstant(context, axes, `${node.name}/axes`);
    return [withInputs(node, [node.inputs[0], input], without(node.attributes, "axes"))];
  };

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

/** Operators some of whose attributes became inputs. */
export const inputUpgrades = {
  Clip: clip,
  Dropout: dropout,
  Pad: pad,
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
  Slice: slice,
  Split: split,
  Squeeze: axesBefore(13),
  TopK: topK,
  Unsqueeze: axesBefore(13),
} satisfies Record<string, UpgradeRule>;

import { tensor } from "../../graph/tensor.js";
import type { UpgradeRule } from "../upgrade-rule.js";
import { upgradeError, without } from "../upgrade-rule.js";

/**
 * Batch normalisation up to operator set 13 trained when it had more than one output; since 14 an attribute says so
 * and there are three outputs: the result and the new running statistics.
 */
const batchNormalization: UpgradeRule = (node, context) => {
  if (context.opset >= 14) return [node];
  if (node.attributes["spatial"] === 0) throw upgradeError(node, "statistics per channel", "spatial = 0");
  const training = node.outputs.slice(1).some((name) => name !== "");
  const attributes = without(node.attributes, "spatial", "is_test");
  return [
    {
      ...node,
      outputs: training ? node.outputs.slice(0, 3) : node.outputs.slice(0, 1),
      attributes: training ? { ...attributes, training_mode: 1 } : attributes,
    },
  ];
};

/** Until operator set 20, scale and bias stood per group; since 21 per channel. */
const groupNormalization: UpgradeRule = (node, context) => {
  if (context.opset >= 21) return [node];
  const [x = "", scale = "", bias = ""] = node.inputs;
  const fresh = (part: string) => context.fresh(`${node.name}/${part}`);
  const ints = (values: number[], part: string) =>
    context.constant(tensor("int64", [values.length], values), `${node.name}/${part}`);
  const step = (opType: string, inputs: string[], output: string, attributes = {}) => ({
    name: `${output}/${opType}`,
    opType,
    domain: "",
    inputs,
    outputs: [output],
    attributes,
  });
  const shape = fresh("shape");
  const channels = fresh("channels");
  const target = fresh("target");
  const groups = node.attributes["num_groups"];
  if (typeof groups !== "number") throw upgradeError(node, "an attribute num_groups");
  const perGroup = fresh("channelsPerGroup");
  const spread = (name: string, part: string) => {
    const column = fresh(`${part}/column`);
    const expanded = fresh(`${part}/expanded`);
    const flat = fresh(`${part}/perChannel`);
    return {
      flat,
      nodes: [
        step("Unsqueeze", [name, ints([1], "axis")], column),
        step("Expand", [column, target], expanded),
        step("Reshape", [expanded, ints([-1], "flat")], flat),
      ],
    };
  };
  const scales = spread(scale, "scale");
  const biases = spread(bias, "bias");
  return [
    step("Shape", [x], shape),
    step("Gather", [shape, ints([1], "index")], channels),
    step("Div", [channels, ints([groups], "groups")], perGroup),
    step("Concat", [ints([groups], "groups"), perGroup], target, { axis: 0 }),
    ...scales.nodes,
    ...biases.nodes,
    { ...node, inputs: [x, scales.flat, biases.flat] },
  ];
};

/** Normalisations. */
export const normalizationUpgrades = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
} satisfies Record<string, UpgradeRule>;

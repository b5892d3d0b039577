import type { UpgradeRule } from "../upgrade-rule.js";

/**
 * Before operator set 13, softmax took its input as a matrix, split at `axis` (default 1), and normalised its rows:
 * now Flatten, softmax over the last axis, and the input's shape again.
 */
const asMatrix: UpgradeRule = (node, context) => {
  if (context.opset >= 13) return [node];
  const axis = node.attributes["axis"] ?? 1;
  // A softmax over the last dimension means the same in both.
  if (axis === -1) return [{ ...node, attributes: { axis: -1 } }];
  const x = node.inputs[0]!;
  const matrix = context.fresh(`${node.name}/matrix`);
  const rows = context.fresh(`${node.name}/rows`);
  const shape = context.fresh(`${node.name}/shape`);
  const step = (opType: string, inputs: string[], outputs: readonly string[], attributes = {}) => ({
    name: `${node.name}/${opType}`,
    opType,
    domain: "",
    inputs,
    outputs,
    attributes,
  });
  return [
    step("Flatten", [x], [matrix], { axis }),
    { ...step(node.opType, [matrix], [rows], { axis: -1 }), name: node.name },
    step("Shape", [x], [shape]),
    step("Reshape", [rows, shape], node.outputs),
  ];
};

/** Softmax and its kin. */
export const softmaxUpgrades = {
  Hardmax: asMatrix,
  LogSoftmax: asMatrix,
  Softmax: asMatrix,
} satisfies Record<string, UpgradeRule>;

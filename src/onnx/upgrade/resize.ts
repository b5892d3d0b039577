import { tensor } from "../tensor.js";
import type { UpgradeRule } from "./rule.js";
import { upgradeError, withInputs } from "./rule.js";

/** Up to operator set 10, resampling took coordinate `x / scale` and rounded down. */
const oldCoordinates = { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" } as const;

const upsample: UpgradeRule = (node, context) => {
  const { scales, mode } = node.attributes;
  const scalesInput = Array.isArray(scales)
    ? context.constant(tensor("float32", [scales.length], scales as readonly number[]), `${node.name}/scales`)
    : node.inputs[1];
  if (!scalesInput) throw upgradeError(node, "scales");
  const attributes = { mode: mode ?? "nearest", ...oldCoordinates };
  return [{ ...withInputs(node, [node.inputs[0], "", scalesInput], attributes), opType: "Resize" }];
};

const resize: UpgradeRule = (node, context) => {
  if (context.opset <= 10) {
    return [
      withInputs(node, [node.inputs[0], "", node.inputs[1]], { ...node.attributes, ...oldCoordinates }),
    ];
  }
  // Operator set 11 had no absent inputs here: empty tensors stood for them.
  const inputs = node.inputs.map((name, i) =>
    i > 0 && context.contentsOf(name)?.data.length === 0 ? "" : name,
  );
  return [withInputs(node, inputs, node.attributes)];
};

/** Resampling. */
export const resizeUpgrades = { Resize: resize, Upsample: upsample } satisfies Record<string, UpgradeRule>;

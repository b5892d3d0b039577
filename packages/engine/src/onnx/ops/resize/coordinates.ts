import { tensor } from "../../graph/tensor.js";
import type { UpgradeRule } from "../upgrade-rule.js";
import { upgradeError, withInputs, without } from "../upgrade-rule.js";

/** Before operator set 16, corners were not shifted by half a pixel; since then an attribute says, by default, that they are. */
const roiAlign: UpgradeRule = (node, context) => {
  if (context.opset >= 16) return [node];
  const attributes = { ...node.attributes, coordinate_transformation_mode: "output_half_pixel" };
  return [{ ...node, attributes }];
};

/** Interpolations were renamed in operator set 20. */
const gridModes = new Map([
  ["bilinear", "linear"],
  ["bicubic", "cubic"],
  ["nearest", "nearest"],
]);

const gridSample: UpgradeRule = (node, context) => {
  if (context.opset >= 20) return [node];
  const { mode = "bilinear" } = node.attributes;
  const renamed = gridModes.get(String(mode));
  if (!renamed) {
    throw upgradeError(node, `a mode of ${[...gridModes.keys()].join(", ")}`, String(mode));
  }
  return [{ ...node, attributes: { ...node.attributes, mode: renamed } }];
};

/** The axis, by default 1, became an input in operator set 20, by default the last but one. */
const dft: UpgradeRule = (node, context) => {
  if (context.opset >= 20) return [node];
  const { axis = 1 } = node.attributes;
  const input = context.constant(tensor("int64", [], [axis as number]), `${node.name}/axis`);
  const [x, length] = node.inputs;
  return [withInputs(node, [x, length, input], without(node.attributes, "axis"))];
};

/** Operators whose coordinates or axes are said otherwise. */
export const coordinateUpgrades = {
  DFT: dft,
  GridSample: gridSample,
  RoiAlign: roiAlign,
} satisfies Record<string, UpgradeRule>;

import type { FileNode } from "../../file/model-file.js";
import { tensor } from "../../graph/tensor.js";
import type { UpgradeContext, UpgradeRule } from "../upgrade-rule.js";
import { upgradeError, withInputs } from "../upgrade-rule.js";

/** Up to operator set 10, resampling took coordinate `x / scale`. */
const oldCoordinates = { coordinate_transformation_mode: "asymmetric" } as const;

const upsample: UpgradeRule = (node, context) => {
  const { scales, mode } = node.attributes;
  const scalesInput = Array.isArray(scales)
    ? context.constant(tensor("float32", [scales.length], scales as readonly number[]), `${node.name}/scales`)
    : node.inputs[1];
  if (!scalesInput) throw upgradeError(node, "scales");
  const attributes = { mode: mode ?? "nearest", nearest_mode: "floor", ...oldCoordinates };
  return [{ ...withInputs(node, [node.inputs[0], "", scalesInput], attributes), opType: "Resize" }];
};

const resize: UpgradeRule = (node, context) => {
  if (context.opset <= 10) return resizeOf10(node, context);
  if (context.opset >= 13) return [node];
  // Operator sets 11 and 12 had no absent inputs here: empty tensors stood for them, and for scales where there are sizes.
  const [x, roi, scales, sizes] = node.inputs;
  const crops = node.attributes["coordinate_transformation_mode"] === "tf_crop_and_resize";
  return [withInputs(node, [x, crops ? roi : "", sizes ? "" : scales, sizes], node.attributes)];
};

/**
 * The nearest element was the one below where a dimension grows, and the one above where it shrinks, as ONNX Runtime 1.30
 * still computes it: first what grows, then what shrinks.
 */
function resizeOf10(node: FileNode, context: UpgradeContext): FileNode[] {
  const [x, scales = ""] = node.inputs;
  const { mode = "nearest" } = node.attributes;
  const resized = (input: string | undefined, by: string, nearest_mode: string) =>
    withInputs(node, [input, "", by], { ...node.attributes, ...oldCoordinates, nearest_mode });
  if (mode !== "nearest") return [resized(x, scales, "floor")];
  const known = context.contentsOf(scales);
  const factors = known && Array.from(known.data as ArrayLike<number>, Number);
  if (factors?.every((factor) => factor >= 1)) return [resized(x, scales, "floor")];
  if (factors?.every((factor) => factor <= 1)) return [resized(x, scales, "ceil")];
  const fresh = (part: string) => context.fresh(`${node.name}/${part}`);
  const one = context.constant(tensor("float32", [1], [1]), `${node.name}/one`);
  const [growth, shrinkage, grown] = [fresh("growth"), fresh("shrinkage"), fresh("grown")];
  const bound = (opType: string, output: string): FileNode => ({
    name: output,
    opType,
    domain: "",
    inputs: [scales, one],
    outputs: [output],
    attributes: {},
  });
  return [
    bound("Max", growth),
    bound("Min", shrinkage),
    { ...resized(x, growth, "floor"), name: grown, outputs: [grown] },
    resized(grown, shrinkage, "ceil"),
  ];
}

/** Resampling. */
export const resizeUpgrades = { Resize: resize, Upsample: upsample } satisfies Record<string, UpgradeRule>;

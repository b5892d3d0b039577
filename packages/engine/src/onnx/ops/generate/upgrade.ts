import type { Tensor } from "../../graph/tensor.js";
import { tensor } from "../../graph/tensor.js";
import type { UpgradeRule } from "../upgrade-rule.js";
import { upgradeError } from "../upgrade-rule.js";

/** A constant becomes a known tensor of the same name. */
const constant: UpgradeRule = (node, context) => {
  const { value, value_float, value_floats, value_int, value_ints } = node.attributes;
  const contents = (): Tensor => {
    if (typeof value === "object" && !Array.isArray(value)) return value as Tensor;
    if (typeof value_float === "number") return tensor("float32", [], [value_float]);
    if (typeof value_int === "number") return tensor("int64", [], [value_int]);
    if (Array.isArray(value_floats)) {
      return tensor("float32", [value_floats.length], value_floats as readonly number[]);
    }
    if (Array.isArray(value_ints)) {
      return tensor("int64", [value_ints.length], value_ints as readonly number[]);
    }
    throw upgradeError(node, "numbers", Object.keys(node.attributes).join(", ") || "nothing");
  };
  context.define(node.outputs[0]!, contents());
  return [];
};

/** Constants are known tensors of a file. */
export const generateUpgrades = {
  Constant: constant,
} satisfies Record<string, UpgradeRule>;

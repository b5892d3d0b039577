import { tensor } from "../../graph/tensor.js";
import type { UpgradeRule } from "../upgrade-rule.js";
import { upgradeError, without } from "../upgrade-rule.js";

const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? (value as number[]) : []);

/** Padding of a kernel's size or more, as a dilated pool may have it and ONNX Runtime refuses: in a node before. */
const maxPool: UpgradeRule = (node, context) => {
  const kernel = numbers(node.attributes["kernel_shape"]);
  const pads = numbers(node.attributes["pads"]);
  if (pads.every((pad, i) => pad < kernel[i % kernel.length]!)) return [node];
  const ceil = node.attributes["ceil_mode"] === 1;
  const begin = pads.slice(0, kernel.length);
  const end = pads.slice(kernel.length);
  if (node.outputs.slice(1).some((name) => name !== "")) {
    throw upgradeError(node, "padding smaller than the kernel where the indices are wanted");
  }
  // Where windows are rounded up, the last one must start before the padding behind, which then has to stay.
  if (ceil && end.some((pad, i) => pad >= kernel[i]!)) {
    throw upgradeError(node, "padding behind smaller than the kernel where ceil_mode is 1");
  }
  const before = [0, 0, ...begin, 0, 0, ...end.map((pad) => (ceil ? 0 : pad))];
  const hint = (part: string) => `${node.name}/${part}`;
  const padded = context.fresh(hint("padded"));
  const amounts = context.constant(tensor("int64", [before.length], before), hint("pads"));
  const fill = context.constant(tensor("float32", [], [Number.NEGATIVE_INFINITY]), hint("fill"));
  const rest = [...begin.map(() => 0), ...end.map((pad) => (ceil ? pad : 0))];
  return [
    {
      name: hint("Pad"),
      opType: "Pad",
      domain: "",
      inputs: [node.inputs[0]!, amounts, fill],
      outputs: [padded],
      attributes: {},
    },
    { ...node, inputs: [padded], attributes: { ...without(node.attributes, "pads"), pads: rest } },
  ];
};

const averagePool: UpgradeRule = (node) => {
  const kernel = numbers(node.attributes["kernel_shape"]);
  const pads = numbers(node.attributes["pads"]);
  if (pads.some((pad, i) => pad >= kernel[i % kernel.length]!)) {
    throw upgradeError(
      node,
      `padding smaller than the kernel [${kernel.join(", ")}]`,
      `[${pads.join(", ")}]`,
    );
  }
  return [node];
};

/** Pools. */
export const poolUpgrades = { AveragePool: averagePool, MaxPool: maxPool } satisfies Record<
  string,
  UpgradeRule
>;

import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import { operatorsWith } from "../ops/traits.js";
import type { UpgradedFile } from "../ops/upgrades.js";

/** Operators that count as a layer when layers are counted from the end. */
const layers = operatorsWith("layer");

/**
 * The value at which a model is cut off.
 *
 * @param nodes - Those that lead to the output, in topological order.
 * @param cut - Name of a value or of a node (whose first output it is), which becomes the output; or how many of the
 *   last layers with weights (Conv, Gemm, MatMul, LSTM, …) go, with all that follows them: 1 for the classifier.
 * @throws {OnnxError} when there is no such value, node or number of layers.
 */
export function cutOutput(file: UpgradedFile, nodes: readonly FileNode[], cut: string | number): string {
  if (typeof cut === "string") {
    if (nodes.some((node) => node.outputs.includes(cut))) return cut;
    const node = nodes.find(({ name }) => name === cut);
    if (node) return node.outputs[0]!;
    throw new OnnxError({
      where: `"${file.file}"`,
      expected: "cut to name a node or value on the way to the output",
      got: `"${cut}"`,
    });
  }
  const weights = new Set([...file.initializers.keys()].filter((name) => !file.constants.has(name)));
  const fromWeights = new Set(weights);
  for (const node of nodes) {
    if (node.inputs.every((name) => name === "" || fromWeights.has(name) || file.constants.has(name))) {
      for (const name of node.outputs) fromWeights.add(name);
    }
  }
  const owners = nodes.filter(
    (node) => layers.has(node.opType) && node.inputs.some((name) => fromWeights.has(name)),
  );
  const first = owners.at(-cut);
  if (!Number.isInteger(cut) || cut < 1 || !first) {
    throw new OnnxError({
      where: `"${file.file}"`,
      expected: `cut to be a number of layers from 1 to ${owners.length}`,
      got: String(cut),
    });
  }
  const data = first.inputs.find((name) => !fromWeights.has(name) && !file.constants.has(name));
  if (!data)
    throw new OnnxError({
      where: `"${file.file}"`,
      expected: `"${first.name}" to have a data input`,
      got: "none",
    });
  return data;
}

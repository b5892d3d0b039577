import type { UpgradedFile } from "../ops/upgrades.js";

/**
 * PyTorch's inference export stores equal tensors once and gives the others as `Identity` of it. Two tensors that
 * happen to be equal (biases of zero, copies of one layer) are parameters of their own in training; a weight
 * that is used in two places (an embedding and the output layer) is one.
 *
 * Taken for coincidence: all elements are the same number, or the names differ only in a layer's number. A training
 * export merges only what is one tensor, so there nothing is taken apart.
 *
 * @returns The file with such Identity nodes gone: an initialiser of their own, or the first tensor used directly.
 */
export function resolveTies(file: UpgradedFile): UpgradedFile {
  const initializers = new Map(file.initializers);
  const constants = new Set(file.constants);
  const aliases = new Map<string, string>();
  const training = isTrainingExport(file);
  const nodes = file.nodes.filter((node) => {
    const [source = ""] = node.inputs;
    const target = node.outputs[0];
    const contents = initializers.get(aliases.get(source) ?? source);
    if (node.opType !== "Identity" || node.domain !== "" || !contents || !target) return true;
    if (file.outputs.some(({ name }) => name === target)) return true;
    const first = aliases.get(source) ?? source;
    if (!training && !constants.has(first) && isCoincidence(first, target, contents.data)) {
      initializers.set(target, contents);
    } else {
      aliases.set(target, first);
    }
    return false;
  });
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => aliases.get(name) ?? name),
  }));
  return { ...file, initializers, constants, nodes: renamed };
}

/** Whether a file was exported with its training behaviour. */
export function isTrainingExport(file: UpgradedFile): boolean {
  return file.nodes.some((node) => {
    if (node.opType === "BatchNormalization") return node.attributes["training_mode"] === 1;
    if (node.opType !== "Dropout") return false;
    return Number(file.initializers.get(node.inputs[2] ?? "")?.data[0] ?? 0) === 1;
  });
}

function isCoincidence(a: string, b: string, data: ArrayLike<number | bigint>): boolean {
  const withoutNumbers = (name: string) => name.replace(/\d+/g, "#");
  if (withoutNumbers(a) === withoutNumbers(b)) return true;
  for (let i = 1; i < data.length; i++) if (data[i] !== data[0]) return false;
  return true;
}

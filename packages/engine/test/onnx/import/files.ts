import type { Attributes, FileNode, Tensor, UpgradedFile } from "../../../src/onnx/index.js";

/** A node of a file, named by its operator and first output. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  domain = "",
): FileNode {
  return { name: `${opType}:${outputs[0] ?? ""}`, opType, domain, inputs, outputs, attributes };
}

/** A file of these nodes, with the input "x" and, unless others are named, the last node's first output. */
export function fileOf(parts: {
  readonly nodes: readonly FileNode[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly constants?: readonly string[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly producer?: string;
}): UpgradedFile {
  const { nodes, initializers = {}, constants = [], inputs = ["x"], producer = "pytorch" } = parts;
  const outputs = parts.outputs ?? [nodes.at(-1)!.outputs[0] ?? ""];
  const declared = (name: string) => ({ name, dtype: "float32" as const, shape: null });
  return {
    file: "model.onnx",
    producer,
    graphName: "model",
    opset: 21,
    inputs: inputs.map(declared),
    outputs: outputs.map(declared),
    initializers: new Map(Object.entries(initializers)),
    constants: new Set(constants),
    nodes,
  };
}

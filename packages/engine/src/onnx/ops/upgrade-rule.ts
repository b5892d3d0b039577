import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import type { Attribute, Attributes } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { tensor } from "../graph/tensor.js";

/** What an upgrade rule may ask for. */
export interface UpgradeContext {
  /** Operator set that the node is written in. */
  readonly opset: number;
  /** Adds a constant and returns its name. */
  constant(contents: Tensor, hint: string): string;
  /** Makes the value of this name a constant. */
  define(name: string, contents: Tensor): void;
  /** The contents of a value, where it is an initialiser or a constant. */
  contentsOf(name: string): Tensor | undefined;
  /** A name that no value has yet. */
  fresh(hint: string): string;
}

/** Brings one node to our operator set: the same node, or others in its place. */
export type UpgradeRule = (node: FileNode, context: UpgradeContext) => readonly FileNode[];

/** An error that names the node that cannot be upgraded. */
export function upgradeError(node: FileNode, expected: string, got?: string): OnnxError {
  return new OnnxError(
    { where: `${node.opType} (node "${node.name}")`, expected, got },
    {
      op: node.opType,
      node: node.name,
    },
  );
}

/** The attributes without those named. */
export function without(attributes: Attributes, ...names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** A list of 64-bit integers as a constant. */
export function intsConstant(
  context: UpgradeContext,
  values: Attribute | undefined,
  hint: string,
): string | undefined {
  if (!Array.isArray(values)) return undefined;
  return context.constant(tensor("int64", [values.length], values as number[]), hint);
}

/** A float scalar as a constant. */
export function floatConstant(
  context: UpgradeContext,
  value: Attribute | undefined,
  hint: string,
): string | undefined {
  return typeof value === "number" ? context.constant(tensor("float32", [], [value]), hint) : undefined;
}

/** The node with its inputs replaced; absent ones at the end are left out. */
export function withInputs(
  node: FileNode,
  inputs: readonly (string | undefined)[],
  attributes: Attributes,
): FileNode {
  const names = inputs.map((name) => name ?? "");
  while (names.length > 0 && names.at(-1) === "") names.pop();
  return { ...node, inputs: names, attributes };
}

/** Axes became an input, in operator set 13 or 18. */
export const axesBefore =
  (opset: number): UpgradeRule =>
  (node, context) => {
    const axes = node.attributes["axes"];
    if (context.opset >= opset || axes === undefined) return [node];
    const input = intsConstant(context, axes, `${node.name}/axes`);
    return [withInputs(node, [node.inputs[0], input], without(node.attributes, "axes"))];
  };

/**
 * Attributes became inputs, in the order given, behind the first input.
 *
 * @param opset - Since when.
 * @param constants - What makes a constant of each attribute, by its name.
 */
export const attributesBefore =
  (
    opset: number,
    constants: Readonly<Record<string, typeof floatConstant | typeof intsConstant>>,
  ): UpgradeRule =>
  (node, context) => {
    if (context.opset >= opset) return [node];
    const inputs = Object.entries(constants).map(([name, constant]) =>
      constant(context, node.attributes[name], `${node.name}/${name}`),
    );
    return [
      withInputs(node, [node.inputs[0], ...inputs], without(node.attributes, ...Object.keys(constants))),
    ];
  };

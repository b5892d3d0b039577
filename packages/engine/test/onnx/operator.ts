import type { Attributes, GraphBuilder, Value } from "../../src/onnx/index.js";
import type { GraphFunction } from "./numeric.js";
import type { TorchCase } from "./torch.js";

/** How the inputs that are no tensors of the case follow from its attributes. */
export type ExtraInputs = (g: GraphBuilder, attributes: Attributes) => readonly (Value | null)[];

/**
 * The single-operator graph of a case: attribute `op` names the operator, `extra` makes inputs out of the
 * attributes in `notOnnx`, and all others are ONNX's.
 */
export function operatorOf(
  torch: TorchCase,
  notOnnx: readonly string[] = [],
  extra: ExtraInputs = () => [],
): GraphFunction {
  const { op, ...rest } = torch.attributes;
  const attributes = Object.fromEntries(Object.entries(rest).filter(([name]) => !notOnnx.includes(name)));
  return (g, inputs) => g.op(op as string, [...inputs, ...extra(g, rest)], attributes);
}

/** The axes of a reduction are an input; absent for all axes. */
export const axesInput: ExtraInputs = (g, { axes }) => (axes ? [g.ints(axes as readonly number[])] : []);

/** The bounds of Clip are inputs; null stands for no bound. */
export const boundsInputs: ExtraInputs = (g, { bounds }) =>
  ((bounds ?? []) as readonly (number | null)[]).map((bound) => (bound === null ? null : g.scalar(bound)));

import type { GraphBuilder, Value } from "../../onnx/index.js";

/**
 * Changes the gradients of a step together, by the parameters' names, before the optimizer sees them; clipping is one. It
 * keeps nothing from step to step: what does is a `StepTransform`.
 */
export type GradientTransform = (
  g: GraphBuilder,
  gradients: ReadonlyMap<string, Value>,
) => ReadonlyMap<string, Value>;

/** Gradients by the parameters' names, each changed alone. */
export function mapGradients(
  gradients: ReadonlyMap<string, Value>,
  change: (gradient: Value) => Value,
): ReadonlyMap<string, Value> {
  return new Map([...gradients].map(([name, gradient]) => [name, change(gradient)]));
}

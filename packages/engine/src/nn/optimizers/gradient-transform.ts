import type { GraphBuilder, Value } from "../../onnx/index.js";
import { check, isValue } from "../../onnx/internal.js";

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

/** What a transform makes of gradients. @throws {OnnxError} unless that is a gradient for each. */
export function transformed(
  where: string,
  transform: GradientTransform,
  g: GraphBuilder,
  gradients: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const result = transform(g, gradients);
  check(where, "the gradientTransform's result", result, {
    expected: "a Map with a gradient for each parameter trained",
    accepts: (map) =>
      map instanceof Map &&
      [...gradients.keys()].every((name) => isValue((map as Map<string, Value>).get(name))),
  });
  return result;
}

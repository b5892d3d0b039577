import type { Value } from "../graph.js";
import type { GradientContext, GradientRule } from "./rule.js";
import { constantNumbers, numberAttribute, positiveAxis } from "./rule.js";

/** The axes that a reduction ran over, counted from the front. */
export function reducedAxes({ node, input }: GradientContext): number[] {
  const rank = input(0).shape.length;
  const axes = constantNumbers(node, 1);
  if (!axes?.length) {
    return numberAttribute(node, "noop_with_empty_axes", 0) ? [] : input(0).shape.map((_, i) => i);
  }
  return axes.map((axis) => positiveAxis(axis, rank));
}

/** A reduced value with its reduced dimensions put back as size 1. */
export function withReducedAxes(context: GradientContext, value: Value): Value {
  const axes = new Set(reducedAxes(context));
  return context.g.reshape(
    value,
    context.input(0).shape.map((dim, i) => (axes.has(i) ? 1 : dim)),
  );
}

/** Gradients of reductions. */
export const reduceGradients = {
  ReduceMean: (context) => {
    const { g, dy, input, output } = context;
    const scale = output(0).shape.reduce((a, b) => a * b, 1) / input(0).shape.reduce((a, b) => a * b, 1);
    return [g.expand(withReducedAxes(context, g.mul(dy, scale)), input(0).shape), null];
  },
  ReduceSum: (context) => [
    context.g.expand(withReducedAxes(context, context.dy), context.input(0).shape),
    null,
  ],
} satisfies Record<string, GradientRule>;

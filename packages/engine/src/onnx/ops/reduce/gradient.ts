import type { Value } from "../../graph/graph.js";
import { numberAttribute, positiveAxis } from "../attributes.js";
import { signOf } from "../elementwise/math.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { constantNumbers } from "../gradient-rule.js";

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
  ReduceL1: (context) => [times(context, signOf(context, context.input(0)), context.dy), null],
  // PyTorch's value where the norm is 0: no gradient instead of 0 / 0.
  ReduceL2: (context) => {
    const { g, dy, input, output } = context;
    const scale = g.where(g.equal(output(0), 0), 0, g.div(dy, output(0)));
    return [times(context, input(0), scale), null];
  },
  ReduceLogSum: (context) => {
    const { g, dy, output, input } = context;
    const scale = withReducedAxes(context, g.div(dy, g.exp(output(0))));
    return [g.expand(scale, input(0).shape), null];
  },
  ReduceLogSumExp: (context) => {
    const { g, dy, input, output } = context;
    return [times(context, g.exp(g.sub(input(0), withReducedAxes(context, output(0)))), dy), null];
  },
  ReduceMax: (context) => [shareOfExtremum(context), null],
  ReduceMean: (context) => {
    const { g, dy, input, output } = context;
    const scale = output(0).shape.reduce((a, b) => a * b, 1) / input(0).shape.reduce((a, b) => a * b, 1);
    return [g.expand(withReducedAxes(context, g.mul(dy, scale)), input(0).shape), null];
  },
  ReduceMin: (context) => [shareOfExtremum(context), null],
  ReduceProd: (context) => [productOfOthers(context), null],
  ReduceSum: (context) => [
    context.g.expand(withReducedAxes(context, context.dy), context.input(0).shape),
    null,
  ],
  ReduceSumSquare: (context) => [times(context, context.input(0), context.g.mul(context.dy, 2)), null],
} satisfies Record<string, GradientRule>;

/** A value of the input's shape times one of the output's. */
function times(context: GradientContext, full: Value, reduced: Value): Value {
  return context.g.mul(full, withReducedAxes(context, reduced));
}

/** The gradient goes to the largest (smallest) elements, in equal shares where there are several. */
function shareOfExtremum(context: GradientContext): Value {
  const { g, dy, input, output } = context;
  const chosen = g.cast(g.equal(input(0), withReducedAxes(context, output(0))), dy.dtype);
  const count = g.reduceSum(chosen, reducedAxes(context), { keepDims: true });
  return g.mul(chosen, g.div(withReducedAxes(context, dy), count));
}

/**
 * dy times the product of all other elements, exact with zeros among them: the product without the zeros, over
 * the element if it is none, counts where no other element is zero.
 */
function productOfOthers(context: GradientContext): Value {
  const { g, dy, input } = context;
  const x = input(0);
  const axes = reducedAxes(context);
  if (axes.length === 0) return dy;
  const zero = g.equal(x, 0);
  const zeroCount = g.cast(zero, dy.dtype);
  const nonZero = g.add(x, zeroCount);
  const product = g.op("ReduceProd", [nonZero, g.ints(axes)], { keepdims: 1 });
  const noOtherZero = g.equal(g.reduceSum(zeroCount, axes, { keepDims: true }), zeroCount);
  const others = g.div(g.mul(withReducedAxes(context, dy), product), nonZero);
  return g.mul(others, g.cast(noOtherZero, dy.dtype));
}

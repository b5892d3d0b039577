import type { Value } from "../../graph/graph.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";

/** Gradients of operators that take each element from one of several places. Ties are split evenly. */
export const selectionGradients = {
  // y equals x exactly where x lies within the bounds, which is where PyTorch's clamp lets the gradient through.
  Clip: (context) => {
    const { g, dy, needs, input, output } = context;
    return [
      needs(0) ? g.mul(dy, g.cast(g.equal(input(0), output(0)), dy.dtype)) : null,
      needs(1) ? clipMin(context) : null,
      needs(2) ? clipMax(context) : null,
    ];
  },
  Max: (context) => extremum(context, "Greater", "GreaterOrEqual"),
  Min: (context) => extremum(context, "Less", "LessOrEqual"),
  // Where, not Mul with a mask: 0 times an infinite dy would be NaN.
  Where: ({ g, dy, needs, input }) => [
    null,
    needs(1) ? g.where(input(0), dy, 0) : null,
    needs(2) ? g.where(input(0), 0, dy) : null,
  ],
} satisfies Record<string, GradientRule>;

/** The lower bound is what comes out where x is below it, unless the upper bound is lower still. */
function clipMin({ g, node, dy, input }: GradientContext): Value {
  const below = g.less(input(0), input(1));
  const max = node.inputs[2];
  return g.where(max ? g.op("And", [below, g.less(input(1), max)]) : below, dy, 0);
}

/** The upper bound is what comes out where x is above it, and everywhere if the lower bound is above it too. */
function clipMax({ g, node, dy, input }: GradientContext): Value {
  const above = g.greater(input(0), input(2));
  const min = node.inputs[1];
  return g.where(min ? g.op("Or", [above, g.less(input(2), min)]) : above, dy, 0);
}

/** Max and Min of any number of inputs. */
function extremum(
  { g, node, dy, needs, input, output }: GradientContext,
  wins: "Greater" | "Less",
  winsOrTies: "GreaterOrEqual" | "LessOrEqual",
): readonly (Value | null)[] {
  const count = node.inputs.length;
  if (count === 1) return [dy];
  if (count === 2) {
    const share = (i: number) => {
      const pair = [input(i), input(1 - i)];
      const isAhead = g.cast(g.op(wins, pair), dy.dtype);
      return g.mul(g.mul(dy, 0.5), g.add(isAhead, g.cast(g.op(winsOrTies, pair), dy.dtype)));
    };
    const first = needs(0) ? share(0) : null;
    return [first, needs(1) ? (first ? g.sub(dy, first) : share(1)) : null];
  }
  const chosen = node.inputs.map((_, i) => g.cast(g.equal(input(i), output(0)), dy.dtype));
  const share = g.div(dy, g.op("Sum", chosen));
  return chosen.map((mask, i) => (needs(i) ? g.mul(share, mask) : null));
}

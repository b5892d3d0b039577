import type { GradientRule } from "./rule.js";

/** Gradients of arithmetic with broadcasting. */
export const arithmeticGradients = {
  Add: ({ dy }) => [dy, dy],
  Sub: ({ g, dy, needs }) => [dy, needs(1) ? g.neg(dy) : null],
  Mul: ({ g, dy, needs, input }) => [
    needs(0) ? g.mul(dy, input(1)) : null,
    needs(1) ? g.mul(dy, input(0)) : null,
  ],
  Div: ({ g, dy, needs, input, output }) => [
    needs(0) ? g.div(dy, input(1)) : null,
    needs(1) ? g.neg(g.div(g.mul(dy, output(0)), input(1))) : null,
  ],
  Neg: ({ g, dy }) => [g.neg(dy)],
} satisfies Record<string, GradientRule>;

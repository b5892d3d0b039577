import type { GradientRule } from "./rule.js";

/** Gradients of activation functions. */
export const activationGradients = {
  Relu: ({ g, dy, output }) => [g.mul(dy, g.cast(g.greater(output(0), 0), dy.dtype))],
} satisfies Record<string, GradientRule>;

import type { GradientRule } from "./rule.js";

const restoreShape: GradientRule = ({ g, dy, input }) => [g.reshape(dy, input(0).shape), null];

/** Gradients of operators that move elements without looking at them. */
export const layoutGradients = {
  Flatten: restoreShape,
  Identity: ({ dy }) => [dy],
  Reshape: restoreShape,
  Squeeze: restoreShape,
  Unsqueeze: restoreShape,
} satisfies Record<string, GradientRule>;

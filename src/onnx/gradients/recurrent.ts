import type { GradientRule } from "./rule.js";

/** Gradients of recurrent operators. */
export const recurrentGradients = {} satisfies Record<string, GradientRule>;

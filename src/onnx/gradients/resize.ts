import type { GradientRule } from "./rule.js";

/** Gradients of resize operators. */
export const resizeGradients = {} satisfies Record<string, GradientRule>;

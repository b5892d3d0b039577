import type { GradientRule } from "./rule.js";

/** Gradients of pools. */
export const poolGradients = {} satisfies Record<string, GradientRule>;

import type { GradientRule } from "./rule.js";

/** Gradients of convolutions. */
export const convGradients = {} satisfies Record<string, GradientRule>;

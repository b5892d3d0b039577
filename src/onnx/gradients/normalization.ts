import type { GradientRule } from "./rule.js";

/** Gradients of normalization operators. */
export const normalizationGradients = {} satisfies Record<string, GradientRule>;

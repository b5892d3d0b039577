import type { GradientRule } from "../gradient-rule.js";
import { constantNumbers, gradientError } from "../gradient-rule.js";

/** Gradient of dropout where it drops nothing. */
export const dropoutGradients = {
  Dropout: ({ node, dy }) => {
    const ratio = constantNumbers(node, 1)?.[0] ?? 0.5;
    const training = constantNumbers(node, 2)?.[0] ?? 0;
    if (training !== 0 && ratio !== 0) {
      throw gradientError(
        node,
        "a mask that can be replayed, but ONNX's Dropout draws a new one in every run; try multiplying by a mask that is an input of the graph, scaled by 1 / (1 - ratio)",
      );
    }
    return [dy, null, null];
  },
} satisfies Record<string, GradientRule>;

import { numberAttribute } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";

/** Gradient of the running sum: a running sum that starts from the other end. */
export const cumSumGradients = {
  CumSum: ({ g, node, dy, input }) => [
    g.op("CumSum", [dy, input(1)], {
      exclusive: numberAttribute(node, "exclusive", 0),
      reverse: 1 - numberAttribute(node, "reverse", 0),
    }),
    null,
  ],
} satisfies Record<string, GradientRule>;

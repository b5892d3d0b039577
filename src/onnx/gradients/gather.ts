import type { GradientRule } from "./rule.js";
import { numberAttribute } from "./rule.js";

/** Gradients of operators that read or write by index. */
export const gatherGradients = {
  // ScatterElements(add), not ScatterND(add): the latter races over duplicate indices with two threads (ONNX Runtime 1.30).
  GatherElements: ({ g, node, dy, input }) => [
    g.op("ScatterElements", [g.zeros(input(0).shape, dy.dtype), input(1), dy], {
      axis: numberAttribute(node, "axis", 0),
      reduction: "add",
    }),
    null,
  ],
} satisfies Record<string, GradientRule>;

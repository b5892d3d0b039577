import { numberAttribute } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";

/** Gradients of softmax and its logarithm. */
export const softmaxGradients = {
  LogSoftmax: ({ g, node, dy, output }) => {
    const axis = numberAttribute(node, "axis", -1);
    const sum = g.reduceSum(dy, [axis], { keepDims: true });
    return [g.sub(dy, g.mul(g.exp(output(0)), sum))];
  },
  Softmax: ({ g, node, dy, output }) => {
    const axis = numberAttribute(node, "axis", -1);
    const sum = g.reduceSum(g.mul(dy, output(0)), [axis], { keepDims: true });
    return [g.mul(output(0), g.sub(dy, sum))];
  },
} satisfies Record<string, GradientRule>;

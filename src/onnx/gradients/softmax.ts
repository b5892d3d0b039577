import type { GradientRule } from "./rule.js";
import { numberAttribute } from "./rule.js";

/** Gradients of softmax and its logarithm. */
export const softmaxGradients = {
  LogSoftmax: ({ g, node, dy, output }) => {
    const axis = numberAttribute(node, "axis", -1);
    const sum = g.reduceSum(dy, [axis], { keepDims: true });
    return [g.sub(dy, g.mul(g.exp(output(0)), sum))];
  },
  Softmax: ({ g, node, dy, output }) => {
    const axis = numberAttribute(node, "axis", -1);
    const product = g.mul(dy, output(0));
    return [g.sub(product, g.mul(output(0), g.reduceSum(product, [axis], { keepDims: true })))];
  },
} satisfies Record<string, GradientRule>;

import { numberAttribute } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";
import { windowOf } from "../window/window.js";
import { convInputGradient } from "./input.js";
import { convTransposeGradient } from "./transpose.js";
import { convWeightGradient } from "./weights.js";

const conv: GradientRule = ({ g, node, dy, needs, input, target }) => {
  const x = input(0);
  const w = input(1);
  const group = numberAttribute(node, "group", 1);
  const window = windowOf(node, x, w.shape.slice(2));
  const allButChannels = dy.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  return [
    needs(0) ? convInputGradient(g, dy, w, { inputShape: x.shape, window, group, target }) : null,
    needs(1) ? convWeightGradient(g, x, dy, { weightShape: w.shape, window, group }) : null,
    needs(2) ? g.reduceSum(dy, allButChannels) : null,
  ];
};

/** Gradients of convolutions. */
export const convGradients = {
  Conv: conv,
  ConvTranspose: convTransposeGradient,
} satisfies Record<string, GradientRule>;

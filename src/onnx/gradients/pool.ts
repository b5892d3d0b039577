import { sizeOf } from "../tensor.js";
import { maxPoolGradient } from "./maxPool.js";
import type { GradientRule } from "./rule.js";
import { gradientError, intsAttribute } from "./rule.js";
import { windowOf } from "./window.js";

const maxPool: GradientRule = ({ g, node, dy, input, output, target }) => {
  const kernel = intsAttribute(node, "kernel_shape");
  if (!kernel) throw gradientError(node, "a kernel_shape");
  const x = input(0);
  return [maxPoolGradient(g, x, output(0), dy, { window: windowOf(node, x, kernel), target })];
};

const globalAveragePool: GradientRule = ({ g, dy, input }) => {
  const { shape } = input(0);
  return [g.expand(g.mul(dy, 1 / sizeOf(shape.slice(2))), shape)];
};

/** Gradients of pools. */
export const poolGradients = {
  GlobalAveragePool: globalAveragePool,
  MaxPool: maxPool,
} satisfies Record<string, GradientRule>;

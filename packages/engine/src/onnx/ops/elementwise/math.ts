import type { Value } from "../../graph/graph.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { isFlatAtZero } from "./flat-zeros.js";

/**
 * Gradients of elementary functions of one variable. At the edges of a domain they are what PyTorch gives:
 * infinite for Sqrt, Log and Reciprocal at 0 and for Asin and Acos at 1 and -1, 0 for Abs at 0, and for Sqrt behind a
 * sum of squares, which makes a norm.
 */
export const mathGradients = {
  Abs: (context) => [context.g.mul(context.dy, signOf(context, context.input(0)))],
  Acos: ({ g, dy, input }) => [g.neg(g.div(dy, g.sqrt(oneMinusSquare(g, input(0)))))],
  Acosh: ({ g, dy, input }) => [g.div(dy, g.sqrt(g.sub(g.mul(input(0), input(0)), 1)))],
  Asin: ({ g, dy, input }) => [g.div(dy, g.sqrt(oneMinusSquare(g, input(0))))],
  Asinh: ({ g, dy, input }) => [g.div(dy, g.sqrt(g.add(g.mul(input(0), input(0)), 1)))],
  Atan: ({ g, dy, input }) => [g.div(dy, g.add(g.mul(input(0), input(0)), 1))],
  Atanh: ({ g, dy, input }) => [g.div(dy, oneMinusSquare(g, input(0)))],
  Cos: ({ g, dy, input }) => [g.neg(g.mul(dy, g.op("Sin", [input(0)])))],
  Cosh: ({ g, dy, input }) => [g.mul(dy, g.op("Sinh", [input(0)]))],
  // exp(ln(2 / sqrt(pi)) - x^2) saves a multiplication.
  Erf: ({ g, dy, input }) => [
    g.mul(dy, g.exp(g.sub(Math.log(2 / Math.sqrt(Math.PI)), g.mul(input(0), input(0))))),
  ],
  Exp: ({ g, dy, output }) => [g.mul(dy, output(0))],
  Log: ({ g, dy, input }) => [g.div(dy, input(0))],
  Reciprocal: ({ g, dy, output }) => [g.neg(g.mul(dy, g.mul(output(0), output(0))))],
  Sin: ({ g, dy, input }) => [g.mul(dy, g.op("Cos", [input(0)]))],
  Sinh: ({ g, dy, input }) => [g.mul(dy, g.op("Cosh", [input(0)]))],
  Sqrt: ({ g, dy, input, output }) => {
    const slope = g.div(g.mul(dy, 0.5), output(0));
    return [isFlatAtZero(g, input(0)) ? g.where(g.equal(output(0), 0), 0, slope) : slope];
  },
  Tan: ({ g, dy, output }) => [g.mul(dy, g.add(g.mul(output(0), output(0)), 1))],
} satisfies Record<string, GradientRule>;

function oneMinusSquare(g: GradientContext["g"], x: Value): Value {
  return g.sub(1, g.mul(x, x));
}

/** 1, 0 or -1 by the sign of each element. */
export function signOf({ g, target }: GradientContext, x: Value): Value {
  // ONNX Runtime 1.30 runs Sign on the CPU when the rest runs on WebGPU.
  if (target !== "webgpu") return g.op("Sign", [x]);
  return g.sub(g.cast(g.greater(x, 0), x.dtype), g.cast(g.less(x, 0), x.dtype));
}

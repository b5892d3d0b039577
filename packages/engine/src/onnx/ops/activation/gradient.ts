import type { Value } from "../../graph/graph.js";
import { numberAttribute } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";

/** Gradients of activation functions, from the output where that saves work. At kinks they are PyTorch's. */
export const activationGradients = {
  // exp(x / alpha) = y / alpha + 1 below zero, and min(y, 0) makes it 1 above.
  Celu: ({ g, node, dy, output }) => {
    const negative = g.min(output(0), 0);
    const alpha = numberAttribute(node, "alpha", 1);
    return [g.mul(dy, g.add(alpha === 1 ? negative : g.mul(negative, 1 / alpha), 1))];
  },
  // alpha exp(x) = y + alpha below zero.
  Elu: (context) => {
    const { g, node, dy, output } = context;
    const alpha = numberAttribute(node, "alpha", 1);
    if (alpha === 1) return [g.mul(dy, g.add(g.min(output(0), 0), 1))];
    return [g.mul(dy, g.where(isPositive(context), 1, g.add(output(0), alpha)))];
  },
  Gelu: (context) => {
    const slope = context.node.attributes["approximate"] === "tanh" ? geluTanhSlope : geluSlope;
    return [context.g.mul(context.dy, slope(context))];
  },
  HardSigmoid: ({ g, node, dy, output }) => {
    const inside = g.op("And", [g.greater(output(0), 0), g.less(output(0), 1)]);
    return [g.mul(g.mul(dy, numberAttribute(node, "alpha", 0.2)), g.cast(inside, dy.dtype))];
  },
  // y = x h(x) with h(x) = max(0, min(1, x / 6 + 1 / 2)).
  HardSwish: ({ g, dy, input }) => {
    const x = input(0);
    const isRamp = g.op("LessOrEqual", [g.op("Abs", [x]), g.scalar(3, x.dtype)]);
    const ramp = g.mul(g.mul(x, 1 / 6), g.cast(isRamp, x.dtype));
    return [g.mul(dy, g.add(g.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 }), ramp))];
  },
  LeakyRelu: (context) => {
    const { g, node, dy, input } = context;
    const alpha = numberAttribute(node, "alpha", 0.01);
    const slope =
      alpha >= 0 && alpha <= 1
        ? g.max(positiveMask(g, input(0)), alpha)
        : g.where(isPositive(context), 1, g.scalar(alpha, dy.dtype));
    return [g.mul(dy, slope)];
  },
  // y = x t with t = tanh(softplus(x)), so that y' = t + x (1 - t^2) sigmoid(x).
  Mish: ({ g, dy, input, output }) => {
    const t = g.tanh(g.op("Softplus", [input(0)]));
    const rest = g.mul(g.sub(input(0), g.mul(output(0), t)), g.sigmoid(input(0)));
    return [g.mul(dy, g.add(t, rest))];
  },
  PRelu: (context) => {
    const { g, dy, needs, input } = context;
    return [
      needs(0) ? g.where(isPositive(context), dy, g.mul(dy, input(1))) : null,
      needs(1) ? g.mul(dy, g.min(input(0), 0)) : null,
    ];
  },
  Relu: ({ g, dy, output }) => [g.mul(dy, positiveMask(g, output(0)))],
  Selu: (context) => {
    const { g, node, dy, output } = context;
    const alpha = numberAttribute(node, "alpha", 1.6732631921768188);
    const gamma = numberAttribute(node, "gamma", 1.0507010221481323);
    const slope = g.where(isPositive(context), g.scalar(gamma, dy.dtype), g.add(output(0), alpha * gamma));
    return [g.mul(dy, slope)];
  },
  Sigmoid: ({ g, dy, output }) => [g.mul(g.mul(dy, output(0)), g.sub(1, output(0)))],
  Softplus: ({ g, dy, input }) => [g.mul(dy, g.sigmoid(input(0)))],
  Softsign: ({ g, dy, input }) => {
    const scale = g.add(g.op("Abs", [input(0)]), 1);
    return [g.div(dy, g.mul(scale, scale))];
  },
  Tanh: ({ g, dy, output }) => [g.mul(dy, g.sub(1, g.mul(output(0), output(0))))],
  ThresholdedRelu: ({ g, node, dy, input }) => [
    g.mul(dy, g.cast(g.greater(input(0), numberAttribute(node, "alpha", 1)), dy.dtype)),
  ],
} satisfies Record<string, GradientRule>;

function isPositive({ g, input }: GradientContext): Value {
  return g.greater(input(0), 0);
}

/**
 * 1 where x is positive, 0 elsewhere: max(0, min(1, 1e30 x)) in one operator. On ONNX Runtime 1.30's CPU it takes
 * 0.18 ms for 0.8 M elements, Greater and Cast take 0.28, Where more. Between 0 and 1e-30 it is a fraction.
 */
function positiveMask(g: GradientContext["g"], x: Value): Value {
  return g.op("HardSigmoid", [x], { alpha: 1e30, beta: 0 });
}

/**
 * The normal distribution function plus x times its density, with z = x / sqrt(2):
 * (1 + erf z) / 2 + z exp(-z^2) / sqrt(pi).
 */
function geluSlope({ g, input }: GradientContext): Value {
  const z = g.mul(input(0), Math.SQRT1_2);
  // HardSigmoid as one operator for (1 + erf z) / 2; it clips nothing, erf being within -1 and 1.
  const distribution = g.op("HardSigmoid", [g.op("Erf", [z])], { alpha: 0.5, beta: 0.5 });
  const density = g.exp(g.sub(-0.5 * Math.log(Math.PI), g.mul(z, z)));
  return g.add(distribution, g.mul(z, density));
}

/**
 * y = x s with s = sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3): y' = s + y (1 - s) 2 u'. Beyond 64, where s is 0 or 1,
 * it stays the same; 0 times the square of 1e20 would be NaN.
 */
function geluTanhSlope({ g, input, output }: GradientContext): Value {
  const { dtype } = input(0);
  const x = g.op("Clip", [input(0), g.scalar(-64, dtype), g.scalar(64, dtype)]);
  const linear = 2 * Math.sqrt(2 / Math.PI);
  const cubic = linear * 0.044715;
  const square = g.mul(x, x);
  const s = g.sigmoid(g.mul(x, g.add(g.mul(square, cubic), linear)));
  const slopeOfArgument = g.add(g.mul(square, 3 * cubic), linear);
  return g.add(s, g.mul(g.mul(output(0), g.sub(1, s)), slopeOfArgument));
}

import type { Value } from "../../graph/graph.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { sumTo } from "../gradient-rule.js";
import { isFlatAtZero } from "./flat-zeros.js";

/** Gradients of arithmetic with broadcasting, and of conversions. */
export const arithmeticGradients = {
  Add: ({ dy }) => [dy, dy],
  Cast: ({ g, dy, input }) => [g.cast(dy, input(0).dtype)],
  // b is often a mean or deviation with far fewer elements than y: it is summed down before the sign is turned.
  Div: ({ g, dy, needs, input, output }) => {
    const quotient = g.div(dy, input(1));
    return [
      needs(0) ? quotient : null,
      needs(1) ? g.neg(sumTo(g, g.mul(quotient, output(0)), input(1).shape)) : null,
    ];
  },
  Mean: ({ g, node, dy }) => {
    const share = g.mul(dy, 1 / node.inputs.length);
    return node.inputs.map(() => share);
  },
  // Floats have fmod = 1 only: y = a - b trunc(a / b), so that trunc(a / b) = (a - y) / b.
  Mod: ({ g, dy, needs, input, output }) => [
    dy,
    needs(1) ? g.div(g.mul(dy, g.sub(output(0), input(0))), input(1)) : null,
  ],
  Mul: ({ g, dy, needs, input }) => [
    needs(0) ? g.mul(dy, input(1)) : null,
    needs(1) ? g.mul(dy, input(0)) : null,
  ],
  Neg: ({ g, dy }) => [g.neg(dy)],
  Pow: (context) => [
    context.needs(0) ? powerBase(context) : null,
    context.needs(1) ? powerExponent(context) : null,
  ],
  Sub: ({ g, dy, needs, input }) => [dy, needs(1) ? g.neg(sumTo(g, dy, input(1).shape)) : null],
  Sum: ({ node, dy }) => node.inputs.map(() => dy),
} satisfies Record<string, GradientRule>;

/** The slope, which is none where the base is zero and passes no gradient on: in a norm it may be infinite. */
function powerBase(context: GradientContext): Value {
  const { g, input } = context;
  const [x, exponent] = [input(0), input(1)];
  const known = exponent.constant && Array.from(exponent.constant.data as ArrayLike<number | bigint>, Number);
  const slope = powerSlope(context);
  const staysFinite = known?.every((b) => b === 0 || b >= 1);
  return !staysFinite && isFlatAtZero(g, x) ? g.where(g.equal(x, 0), 0, slope) : slope;
}

/** dy b x^(b - 1): zero where b is, even at x = 0; infinite at x = 0 for b below 1, as PyTorch has it. */
function powerSlope({ g, dy, input, output }: GradientContext): Value {
  const x = input(0);
  const exponent = input(1);
  const known = exponent.constant && Array.from(exponent.constant.data as ArrayLike<number | bigint>, Number);
  const only = known?.length === 1 ? known[0] : undefined;
  if (only !== undefined) {
    if (only === 0) return g.zeros(output(0).shape, dy.dtype);
    if (only === 1) return dy;
    // ONNX Runtime's Pow takes 15 times as long as a product for all exponents but 2 and 3: use y where it serves.
    if (only === 2) return g.mul(g.mul(dy, x), 2);
    if (only === 0.5) return g.div(g.mul(dy, 0.5), output(0));
    if (only < 0) return g.mul(g.div(g.mul(dy, output(0)), x), only);
    return g.mul(dy, g.mul(g.pow(x, only - 1), only));
  }
  const b = g.cast(exponent, dy.dtype);
  const slope = g.mul(dy, g.mul(b, g.pow(x, g.sub(b, 1))));
  const mayBeZero = !known || known.includes(0);
  return mayBeZero ? g.where(g.equal(b, 0), g.scalar(0, dy.dtype), slope) : slope;
}

/** dy y ln x: zero where x is and b is not negative; NaN at negative x, as PyTorch has it. */
function powerExponent({ g, dy, input, output }: GradientContext): Value {
  const x = input(0);
  const isZero = g.op("And", [
    g.equal(x, 0),
    g.op("GreaterOrEqual", [input(1), g.scalar(0, input(1).dtype)]),
  ]);
  return g.where(isZero, g.scalar(0, dy.dtype), g.mul(dy, g.mul(output(0), g.log(x))));
}

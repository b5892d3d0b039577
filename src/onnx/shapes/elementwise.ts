import type { DType } from "../tensor.js";
import type { ShapeContext, ShapeRule } from "./rule.js";
import { broadcastShapes, inputAt, shapeError } from "./rule.js";

const same: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  return [{ dtype, shape }];
};

function broadcastAll(context: ShapeContext, from = 0): readonly number[] {
  let shape: readonly number[] = inputAt(context, from).shape;
  for (let i = from + 1; i < context.inputs.length; i++) {
    const next = broadcastShapes(shape, inputAt(context, i).shape);
    if (!next) throw shapeError(context, "shapes that broadcast together");
    shape = next;
  }
  return shape;
}

function requireOneType(context: ShapeContext, from = 0): DType {
  const { dtype } = inputAt(context, from);
  if (context.inputs.slice(from).some((input) => input && input.dtype !== dtype)) {
    throw shapeError(context, "inputs of one element type");
  }
  return dtype;
}

const arithmetic: ShapeRule = (context) => [{ dtype: requireOneType(context), shape: broadcastAll(context) }];

const power: ShapeRule = (context) => [{ dtype: inputAt(context, 0).dtype, shape: broadcastAll(context) }];

const comparison: ShapeRule = (context) => {
  requireOneType(context);
  return [{ dtype: "bool", shape: broadcastAll(context) }];
};

const predicate: ShapeRule = (context) => [{ dtype: "bool", shape: inputAt(context, 0).shape }];

const where: ShapeRule = (context) => {
  if (inputAt(context, 0).dtype !== "bool") throw shapeError(context, "a bool condition");
  return [{ dtype: requireOneType(context, 1), shape: broadcastAll(context) }];
};

const cast: ShapeRule = (context) => {
  const to = context.attributes["to"];
  return [{ dtype: to as DType, shape: inputAt(context, 0).shape }];
};

const dropout: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  return [
    { dtype, shape },
    { dtype: "bool", shape },
  ];
};

/** Shape rules of operators that work element by element, with broadcasting where they take several inputs. */
export const elementwiseShapes = {
  Abs: same,
  Acos: same,
  Acosh: same,
  Add: arithmetic,
  And: comparison,
  Asin: same,
  Asinh: same,
  Atan: same,
  Atanh: same,
  BitShift: arithmetic,
  BitwiseAnd: arithmetic,
  BitwiseXor: arithmetic,
  Cast: cast,
  Ceil: same,
  Celu: same,
  Clip: same,
  Cos: same,
  Cosh: same,
  CumSum: same,
  Div: arithmetic,
  Dropout: dropout,
  Elu: same,
  Equal: comparison,
  Erf: same,
  Exp: same,
  Floor: same,
  Gelu: same,
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: same,
  HardSwish: same,
  Identity: same,
  IsInf: predicate,
  IsNaN: predicate,
  LeakyRelu: same,
  Less: comparison,
  LessOrEqual: comparison,
  Log: same,
  Max: arithmetic,
  Mean: arithmetic,
  Min: arithmetic,
  Mish: same,
  Mod: arithmetic,
  Mul: arithmetic,
  Neg: same,
  Not: same,
  Or: comparison,
  PRelu: arithmetic,
  Pow: power,
  Reciprocal: same,
  Relu: same,
  Round: same,
  Selu: same,
  Sigmoid: same,
  Sign: same,
  Sin: same,
  Sinh: same,
  Softplus: same,
  Softsign: same,
  Sqrt: same,
  Sub: arithmetic,
  Sum: arithmetic,
  Tan: same,
  Tanh: same,
  ThresholdedRelu: same,
  Trilu: same,
  Where: where,
  Xor: comparison,
} satisfies Record<string, ShapeRule>;

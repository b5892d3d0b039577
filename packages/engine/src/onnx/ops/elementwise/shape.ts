import type { DType } from "../../graph/tensor.js";
import { isFloat } from "../../graph/tensor.js";
import type { ShapeContext, ShapeRule } from "../shape-rule.js";
import { broadcastShapes, inputAt, shapeError } from "../shape-rule.js";

const same: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  return [{ dtype, shape }];
};

const float: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  if (!isFloat(dtype)) throw shapeError(context, "a float input");
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

function requireTwo(context: ShapeContext): void {
  if (context.inputs.length !== 2) throw shapeError(context, "two inputs");
}

const variadic: ShapeRule = (context) => [{ dtype: requireOneType(context), shape: broadcastAll(context) }];

const arithmetic: ShapeRule = (context) => {
  requireTwo(context);
  return variadic(context);
};

const power: ShapeRule = (context) => {
  requireTwo(context);
  return [{ dtype: inputAt(context, 0).dtype, shape: broadcastAll(context) }];
};

const comparison: ShapeRule = (context) => {
  requireTwo(context);
  requireOneType(context);
  return [{ dtype: "bool", shape: broadcastAll(context) }];
};

const logic: ShapeRule = (context) => {
  if (context.inputs.some((input) => input?.dtype !== "bool")) throw shapeError(context, "bool inputs");
  return comparison(context);
};

const prelu: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  const broadcast = broadcastShapes(shape, inputAt(context, 1).shape);
  if (broadcast?.length !== shape.length || broadcast.some((dim, i) => dim !== shape[i])) {
    throw shapeError(context, `a slope that broadcasts to [${shape.join(", ")}]`);
  }
  return [{ dtype, shape }];
};

const clip: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  if (context.inputs.slice(1).some((bound) => bound && bound.shape.length !== 0)) {
    throw shapeError(context, "scalar bounds");
  }
  return [{ dtype, shape }];
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
  Acos: float,
  Acosh: float,
  Add: arithmetic,
  And: logic,
  Asin: float,
  Asinh: float,
  Atan: float,
  Atanh: float,
  BitShift: arithmetic,
  BitwiseAnd: arithmetic,
  BitwiseXor: arithmetic,
  Cast: cast,
  Ceil: same,
  Celu: float,
  Clip: clip,
  Cos: float,
  Cosh: float,
  CumSum: same,
  Div: arithmetic,
  Dropout: dropout,
  Elu: float,
  Equal: comparison,
  Erf: float,
  Exp: float,
  Floor: same,
  Gelu: float,
  Greater: comparison,
  GreaterOrEqual: comparison,
  HardSigmoid: float,
  HardSwish: float,
  Identity: same,
  IsInf: predicate,
  IsNaN: predicate,
  LeakyRelu: float,
  Less: comparison,
  LessOrEqual: comparison,
  Log: float,
  Max: variadic,
  Mean: variadic,
  Min: variadic,
  Mish: float,
  Mod: arithmetic,
  Mul: arithmetic,
  Neg: same,
  Not: same,
  Or: logic,
  PRelu: prelu,
  Pow: power,
  Reciprocal: float,
  Relu: same,
  Round: same,
  Selu: float,
  Sigmoid: float,
  Sign: same,
  Sin: float,
  Sinh: float,
  Softplus: float,
  Softsign: float,
  Sqrt: float,
  Sub: arithmetic,
  Sum: variadic,
  Tan: float,
  Tanh: float,
  ThresholdedRelu: float,
  Trilu: same,
  Where: where,
  Xor: logic,
} satisfies Record<string, ShapeRule>;

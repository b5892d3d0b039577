import { numberAttribute } from "../attributes.js";
import type { ShapeContext, ShapeRule } from "../shape-rule.js";
import { constantInts, inputAt, normalizeAxis } from "../shape-rule.js";

/** The axes a reduction runs over, counted from the front. */
export function reducedAxes(context: ShapeContext): number[] {
  const { shape } = inputAt(context, 0);
  const axes = constantInts(context, 1);
  if (!axes || axes.length === 0) {
    return numberAttribute(context, "noop_with_empty_axes", 0) === 1 ? [] : shape.map((_, i) => i);
  }
  return axes.map((axis) => normalizeAxis(context, axis, shape.length));
}

const reduce: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const axes = new Set(reducedAxes(context));
  const keepDims = numberAttribute(context, "keepdims", 1) === 1;
  const shape = x.shape.map((dim, i) => (axes.has(i) ? 1 : dim)).filter((_, i) => keepDims || !axes.has(i));
  return [{ dtype: x.dtype, shape }];
};

const arg: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const axis = normalizeAxis(context, numberAttribute(context, "axis", 0), x.shape.length);
  const keepDims = numberAttribute(context, "keepdims", 1) === 1;
  const shape = x.shape.map((dim, i) => (i === axis ? 1 : dim)).filter((_, i) => keepDims || i !== axis);
  return [{ dtype: "int64", shape }];
};

const softmax: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  normalizeAxis(context, numberAttribute(context, "axis", -1), shape.length);
  return [{ dtype, shape }];
};

/** Shape rules of reductions and of softmax. */
export const reduceShapes = {
  ArgMax: arg,
  ArgMin: arg,
  LogSoftmax: softmax,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
  Softmax: softmax,
} satisfies Record<string, ShapeRule>;

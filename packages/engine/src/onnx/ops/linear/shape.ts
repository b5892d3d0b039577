import { numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { broadcastShapes, inputAt, shapeError } from "../shape-rule.js";

const matMul: ShapeRule = (context) => {
  const a = inputAt(context, 0);
  const b = inputAt(context, 1);
  if (a.shape.length === 0 || b.shape.length === 0) throw shapeError(context, "two inputs of rank 1 or more");
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  if (left.at(-1) !== right.at(-2) || !batch) {
    throw shapeError(context, "matrices whose inner dimensions agree");
  }
  const rows = a.shape.length === 1 ? [] : [left.at(-2)!];
  const columns = b.shape.length === 1 ? [] : [right.at(-1)!];
  return [{ dtype: a.dtype, shape: [...batch, ...rows, ...columns] }];
};

const gemm: ShapeRule = (context) => {
  const a = inputAt(context, 0);
  const b = inputAt(context, 1);
  if (a.shape.length !== 2 || b.shape.length !== 2) throw shapeError(context, "two matrices");
  const [m, k] = numberAttribute(context, "transA", 0)
    ? [a.shape[1]!, a.shape[0]!]
    : [a.shape[0]!, a.shape[1]!];
  const [l, n] = numberAttribute(context, "transB", 0)
    ? [b.shape[1]!, b.shape[0]!]
    : [b.shape[0]!, b.shape[1]!];
  if (k !== l) throw shapeError(context, "matrices whose inner dimensions agree");
  const c = context.inputs[2];
  const sum = c ? broadcastShapes(c.shape, [m, n]) : [m, n];
  if (sum?.[0] !== m || sum[1] !== n || sum.length !== 2) {
    throw shapeError(context, `a third input that broadcasts to [${m}, ${n}]`);
  }
  return [{ dtype: a.dtype, shape: [m, n] }];
};

/** Shape rules of matrix products. */
export const linearShapes = { Gemm: gemm, MatMul: matMul } satisfies Record<string, ShapeRule>;

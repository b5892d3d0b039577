import { numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { constantInts, inputAt, normalizeAxis, shapeError } from "../shape-rule.js";

const gather: ShapeRule = (context) => {
  const data = inputAt(context, 0);
  const indices = inputAt(context, 1);
  const axis = normalizeAxis(context, numberAttribute(context, "axis", 0), data.shape.length);
  return [
    {
      dtype: data.dtype,
      shape: [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)],
    },
  ];
};

const gatherElements: ShapeRule = (context) => {
  const data = inputAt(context, 0);
  const indices = inputAt(context, 1);
  if (indices.shape.length !== data.shape.length) throw shapeError(context, "data and indices of one rank");
  return [{ dtype: data.dtype, shape: indices.shape }];
};

const gatherND: ShapeRule = (context) => {
  const data = inputAt(context, 0);
  const indices = inputAt(context, 1);
  const batch = numberAttribute(context, "batch_dims", 0);
  const depth = indices.shape.at(-1);
  if (depth === undefined || batch + depth > data.shape.length) {
    throw shapeError(context, `indices whose last dimension is at most ${data.shape.length - batch}`);
  }
  return [{ dtype: data.dtype, shape: [...indices.shape.slice(0, -1), ...data.shape.slice(batch + depth)] }];
};

const likeData: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  return [{ dtype, shape }];
};

const oneHot: ShapeRule = (context) => {
  const indices = inputAt(context, 0);
  const depth = constantInts(context, 1)?.[0];
  if (depth === undefined) throw shapeError(context, "a depth");
  const rank = indices.shape.length + 1;
  const axis = normalizeAxis(context, numberAttribute(context, "axis", -1), rank);
  return [
    {
      dtype: inputAt(context, 2).dtype,
      shape: [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)],
    },
  ];
};

/** Shape rules of operators that read or write by index. */
export const gatherShapes = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  OneHot: oneHot,
  ScatterElements: likeData,
  ScatterND: likeData,
} satisfies Record<string, ShapeRule>;

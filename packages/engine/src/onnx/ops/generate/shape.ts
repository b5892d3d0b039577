import { dtypeOf } from "../../file/encode-tensor.js";
import type { Tensor } from "../../graph/tensor.js";
import { numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { constantInts, inputAt, shapeError } from "../shape-rule.js";

const constantOfShape: ShapeRule = (context) => {
  const value = context.attributes["value"] as Tensor | undefined;
  return [{ dtype: value?.dtype ?? "float32", shape: constantInts(context, 0) ?? [] }];
};

const eyeLike: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  if (shape.length !== 2) throw shapeError(context, "a matrix");
  const wanted = context.attributes["dtype"];
  const type = wanted === undefined ? dtype : dtypeOf(Number(wanted));
  if (!type) throw shapeError(context, `a known element type, not number ${String(wanted)},`);
  return [{ dtype: type, shape }];
};

const range: ShapeRule = (context) => {
  const { dtype } = inputAt(context, 0);
  const [start, limit, delta] = [0, 1, 2].map((i) => {
    const contents = inputAt(context, i).constant;
    if (!contents) throw shapeError(context, "a constant start, limit and step");
    return Number(contents.data[0]);
  }) as [number, number, number];
  return [{ dtype, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
};

const shapeOf: ShapeRule = (context) => {
  const { shape } = inputAt(context, 0);
  const start = numberAttribute(context, "start", 0);
  const end = numberAttribute(context, "end", shape.length);
  return [{ dtype: "int64", shape: [shape.slice(start, end).length] }];
};

const size: ShapeRule = () => [{ dtype: "int64", shape: [] }];

/** Shape rules of operators whose outputs come from shapes and numbers alone. */
export const generateShapes = {
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  Range: range,
  Shape: shapeOf,
  Size: size,
} satisfies Record<string, ShapeRule>;

import type { ShapeRule } from "./rule.js";
import { constantInts, inputAt, shapeError } from "./rule.js";

const resize: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const sizes = constantInts(context, 3);
  const scales = context.inputs[2]?.constant;
  if (context.attributes["axes"] !== undefined) throw shapeError(context, "no axes attribute");
  if (sizes) return [{ dtype: x.dtype, shape: sizes }];
  if (!scales) throw shapeError(context, "constant scales or sizes");
  // Rounded to float32 first, as ONNX Runtime computes: 10 * 0.7 is 7 there, below 7 in float64.
  const shape = x.shape.map((dim, i) => Math.floor(Math.fround(dim * Number(scales.data[i]))));
  return [{ dtype: x.dtype, shape }];
};

/** Shape rule of resampling. */
export const resizeShapes = { Resize: resize } satisfies Record<string, ShapeRule>;

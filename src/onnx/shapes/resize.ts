import type { ShapeRule } from "./rule.js";
import { constantInts, inputAt, shapeError } from "./rule.js";

const resize: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const sizes = constantInts(context, 3);
  const scales = context.inputs[2]?.constant;
  if (context.attributes["axes"] !== undefined) throw shapeError(context, "no axes attribute");
  if (sizes) return [{ dtype: x.dtype, shape: sizes }];
  if (!scales) throw shapeError(context, "constant scales or sizes");
  return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => Math.floor(dim * Number(scales.data[i]))) }];
};

/** Shape rule of resampling. */
export const resizeShapes = { Resize: resize } satisfies Record<string, ShapeRule>;

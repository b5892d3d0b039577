import type { ShapeRule } from "../shape-rule.js";
import { constantInts, inputAt, shapeError } from "../shape-rule.js";

const resize: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const sizes = constantInts(context, 3);
  const scales = context.inputs[2]?.constant;
  if (context.attributes["axes"] !== undefined) throw shapeError(context, "no axes attribute");
  if (sizes) return [{ dtype: x.dtype, shape: sizes }];
  if (!scales) throw shapeError(context, "constant scales or sizes");
  const shape = x.shape.map((dim, i) => {
    const size = Math.floor(dim * Number(scales.data[i]));
    // ONNX Runtime 1.30 multiplies in float64 to infer the shape and in float32 to run: 10 * 0.7 is 6 there, 7 here.
    if (Math.floor(Math.fround(dim * Number(scales.data[i]))) !== size) {
      throw shapeError(
        context,
        `sizes in place of the scale ${scales.data[i]}, which leads just below ${size + 1},`,
      );
    }
    return size;
  });
  return [{ dtype: x.dtype, shape }];
};

/** Shape rule of resampling. */
export const resizeShapes = { Resize: resize } satisfies Record<string, ShapeRule>;

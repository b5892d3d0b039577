import { arrayOf, type Check } from "lrfind/core";
import type { DType } from "../../onnx/index.js";
import { dtype as dtypeCheck, shape as shapeCheck } from "../../onnx/internal.js";

/** Element type and shape of a tensor of the mini-batch, batch dimension included. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

const TYPE: Check = {
  expected: "a type { dtype, shape }",
  accepts: (type) => {
    const { dtype, shape } = Object(type) as Partial<TensorType>;
    return dtypeCheck.accepts(dtype) && shapeCheck.accepts(shape);
  },
};
/** Types of at least one input. */
export const INPUTS = arrayOf(TYPE, { minLength: 1 });
/** Types of targets, perhaps none. */
export const TARGETS = arrayOf(TYPE);

import { checkArgument, checkOptions, oneOf } from "lrfind/core";
import type { Tensor } from "../../onnx/index.js";
import { sizeOf } from "../../onnx/index.js";
import { tensorCheck } from "../../onnx/internal.js";
import { largestOf } from "./class-outputs.js";

/**
 * The index of the largest of each position's outputs, the first of equal ones; for a single output (a logit) 1 where
 * it is positive, else 0. -1 where an output is NaN, which names no class.
 *
 * @param prediction - [N, classes], [N, classes, …] or, with `axis: -1`, [N, …, classes]; one logit per item as [N, 1]
 *   or [N].
 * @param options.axis - The dimension of the classes. Default: 1.
 * @returns One per item and position: N for [N, classes], N L for [N, classes, L].
 *
 * @example
 * ```ts
 * predictedClasses(tensor("float32", [2, 3], [0, 2, 1, 5, 4, 3])); // Int32Array [1, 0]
 * ```
 */
export function predictedClasses(
  prediction: Tensor,
  options: { readonly axis?: 1 | -1 | undefined } = {},
): Int32Array {
  checkArgument("predictedClasses", "prediction", prediction, tensorCheck);
  checkOptions<typeof options>("predictedClasses", options, { axis: oneOf(1, -1) });
  const { shape, data } = prediction;
  const axis = options.axis === -1 ? Math.max(1, shape.length - 1) : 1;
  const classes = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const positions = sizeOf(shape) / Math.max(1, classes);
  return Int32Array.from({ length: positions }, (_, position) => {
    const start = Math.floor(position / inner) * classes * inner + (position % inner);
    const value = (k: number) => Number(data[start + k * inner]);
    const isLogit = classes === 1;
    const largest = isLogit ? largestOf(2, (k) => (k === 0 ? 0 : value(0))) : largestOf(classes, value);
    return Number.isNaN(largest) ? -1 : largest;
  });
}

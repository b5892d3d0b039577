import type { Tensor } from "../../onnx/index.js";

/**
 * The index of the largest of each item's outputs, the first of equal ones; for a single output per item
 * (a logit) 1 where it is positive, else 0.
 *
 * @param prediction - [N, classes], [N, 1] or [N].
 *
 * @example
 * ```ts
 * predictedClasses(tensor("float32", [2, 3], [0, 2, 1, 5, 4, 3])); // Int32Array [1, 0]
 * ```
 */
export function predictedClasses({ shape, data }: Tensor): Int32Array {
  const items = shape[0]!;
  const classes = items === 0 ? 1 : data.length / items;
  const predicted = new Int32Array(items);
  for (let item = 0; item < items; item++) {
    if (classes === 1) {
      predicted[item] = data[item]! > 0 ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (data[item * classes + k]! > data[item * classes + best]!) best = k;
    }
    predicted[item] = best;
  }
  return predicted;
}

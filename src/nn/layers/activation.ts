import type { Layer } from "../layer.js";

/**
 * The rectifier: `max(x, 0)`, of the input's shape.
 *
 * @example
 * ```ts
 * const hidden = sequential(linear(784, 128), relu());
 * ```
 */
export function relu(): Layer {
  return { kind: "ReLU", forward: ({ g }, x) => g.op("Relu", [x!]) };
}

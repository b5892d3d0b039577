import type { Value } from "../../onnx/index.js";
import type { Layer } from "../layer.js";

/**
 * Layers one after another; their names are their positions, from "0".
 *
 * @example
 * ```ts
 * const mlp = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * ```
 */
export function sequential(...layers: readonly Layer[]): Layer {
  return {
    kind: "Sequential",
    children: Object.fromEntries(layers.map((layer, i) => [String(i), layer])),
    forward: ({ child }, x) => layers.reduce<Value>((value, _, i) => child(String(i), value), x!),
  };
}

/**
 * Joins all dimensions but the first: [N, …] becomes [N, product of the rest].
 *
 * @example
 * ```ts
 * sequential(flatten(), linear(28 * 28, 10));
 * ```
 */
export function flatten(): Layer {
  return { kind: "Flatten", forward: ({ g }, x) => g.op("Flatten", [x!], { axis: 1 }) };
}

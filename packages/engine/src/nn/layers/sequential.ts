import { checkArgument } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { OnnxError } from "../../onnx/index.js";
import { checkLayers, dropProbability } from "../checks.js";
import type { Layer } from "../layer.js";

/**
 * Layers one after another; their names are their positions, from "0".
 *
 * Input of the first layer, output of the last. A second input, lengths of sequences, goes to each layer that takes such
 * (`lstm`, `gru`).
 *
 * @throws {OptionError} when one of them is no layer, such as `relu` where `relu()` is meant.
 *
 * @example
 * ```ts
 * const mlp = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * ```
 */
export function sequential(...layers: readonly Layer[]): Layer {
  checkLayers("sequential", "layers", layers);
  const takesLengths = layers.some((layer) => layer.takesLengths);
  return {
    kind: "Sequential",
    children: Object.fromEntries(layers.map((layer, i) => [String(i), layer])),
    takesLengths,
    forward({ child }, x, ...lengths) {
      if (lengths.length > 0 && !takesLengths) {
        throw new OnnxError({
          where: "sequential",
          expected: "one input, as none of its layers takes the lengths of sequences",
          got: `${1 + lengths.length}`,
          hint: "a layer of your own, which says where each goes",
        });
      }
      return layers.reduce<Value>(
        (value, layer, i) => child(String(i), value, ...(layer.takesLengths ? lengths : [])),
        x!,
      );
    },
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

/**
 * Gives back what it gets: a place holder.
 *
 * @example
 * ```ts
 * const norm = useNorm ? batchNorm2d(16) : identity();
 * ```
 */
export function identity(): Layer {
  return { kind: "Identity", forward: (_, x) => x! };
}

/**
 * Drops elements at random in training, each with probability `p`, and scales the rest by `1 / (1 - p)`; gives
 * back what it gets in evaluation. The mask is an input of the training graph, so that a step can be replayed.
 *
 * @param p - In [0, 1). Default: 0.5.
 * @throws {OptionError} when it is not.
 *
 * @example
 * ```ts
 * const head = sequential(linear(512, 128), relu(), dropout(0.25), linear(128, 10));
 * ```
 *
 * Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014).
 */
export function dropout(p = 0.5): Layer {
  checkArgument("dropout", "p", p, dropProbability);
  return { kind: "Dropout", forward: (context, x) => context.dropout(x!, p) };
}

import { type Checks, checkArgument, checkOptions, integer } from "lrfind/core";
import { checkSizes, initializer as initializerCheck } from "../checks.js";
import type { Initializer } from "../initializers.js";
import { normalInit } from "../initializers.js";
import type { Layer } from "../layer.js";

/** Options of an embedding. */
export interface EmbeddingOptions {
  /** First value of the weight. Default: normal with deviation 1; fastai's is `wrappedNormalInit(0.01)`. */
  readonly weightInit?: Initializer;
  /** Index whose vector is zero and stays so, bit for bit: no gradient, decay or momentum reaches it. Default: none. */
  readonly paddingIdx?: number;
}

const OPTIONS: Checks<EmbeddingOptions> = { weightInit: initializerCheck, paddingIdx: integer({ min: 0 }) };

/**
 * A table of vectors, looked up by index.
 *
 * Input: int32 (or int64) indices [N, …] in [0, count), output [N, …, size]; parameter `weight` [count, size],
 * normal with mean 0 and deviation 1 at first.
 *
 * @throws {OptionError} when `paddingIdx` lies outside the table, or an argument is out of its range.
 *
 * @example
 * ```ts
 * const tokens = embedding(50, 16);
 * ```
 *
 * Source: PyTorch's `torch.nn.Embedding`.
 */
export function embedding(count: number, size: number, options: EmbeddingOptions = {}): Layer {
  checkSizes("embedding", { count, size });
  checkOptions("embedding", options, OPTIONS);
  const { weightInit = normalInit(), paddingIdx } = options;
  if (paddingIdx !== undefined) {
    checkArgument("embedding", "paddingIdx", paddingIdx, integer({ min: 0, below: count }));
  }
  const initializer: Initializer = (shape, key) => {
    const data = weightInit(shape, key);
    if (paddingIdx !== undefined) data.fill(0, paddingIdx * size, (paddingIdx + 1) * size);
    return data;
  };
  return {
    kind: "Embedding",
    parameters: [
      {
        name: "weight",
        shape: [count, size],
        role: "weight",
        ...(paddingIdx === undefined ? {} : { fixedRows: [paddingIdx] }),
        initializer,
      },
    ],
    forward({ g, parameter }, indices) {
      const vectors = g.op("Gather", [parameter("weight"), indices!], { axis: 0 });
      if (paddingIdx === undefined) return vectors;
      const isToken = g.cast(g.op("Not", [g.equal(indices!, paddingIdx)]), "float32");
      return g.mul(vectors, g.reshape(isToken, [...indices!.shape, 1]));
    },
  };
}

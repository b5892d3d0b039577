import { boolean, type Checks, checkOptions, OptionError } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { tensor } from "../../onnx/index.js";
import { checkSizes, dropProbability } from "../checks.js";
import { constantInit, xavierUniform } from "../initializers.js";
import type { Layer } from "../layer.js";
import { linear } from "./linear.js";

/** Options of multi-head attention. */
export interface MultiheadAttentionOptions {
  /** Probability of dropping an attention weight. Default: 0. */
  readonly dropout?: number;
  /** Whether the projections have biases. Default: true. */
  readonly bias?: boolean;
  /** Whether a position sees only itself and what comes before it. Default: false. */
  readonly causal?: boolean;
}

const OPTIONS: Checks<MultiheadAttentionOptions> = {
  dropout: dropProbability,
  bias: boolean,
  causal: boolean,
};

/** Added to a score to hide it: its weight underflows to 0, and a row where all is hidden stays finite. */
const HIDDEN = -1e9;

/**
 * Self-attention in several heads: `softmax(Q Kᵀ / sqrt(d)) V` per head, d = embedDim / heads, then a projection.
 *
 * Inputs: x [N, L, embedDim] and optionally a padding mask [N, L], bool or float, true (1) where a key is to be
 * ignored. Output [N, L, embedDim]. Parameters `in_proj_weight` [3 embedDim, embedDim] (Q, K and V one below the
 * other), uniform on ±sqrt(6 / (4 embedDim)) at first, `in_proj_bias` [3 embedDim], 0 at first; child `out_proj`, a
 * `linear` with bias 0 at first.
 *
 * @throws {OptionError} when the heads do not divide `embedDim`, or an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const attention = multiheadAttention(64, 4, { dropout: 0.1 });
 * ```
 *
 * Source: Vaswani et al., Attention Is All You Need (2017), section 3.2; PyTorch's `torch.nn.MultiheadAttention` with
 * `batch_first`, query, key and value being one. A row whose keys are all ignored attends to all (PyTorch: NaN).
 */
export function multiheadAttention(
  embedDim: number,
  heads: number,
  options: MultiheadAttentionOptions = {},
): Layer {
  checkSizes("multiheadAttention", { embedDim, heads });
  checkOptions("multiheadAttention", options, OPTIONS);
  const { dropout = 0, bias = true, causal = false } = options;
  if (embedDim % heads !== 0) {
    throw new OptionError({
      where: "multiheadAttention",
      option: "embedDim",
      expected: `embedDim to be a multiple of ${heads} heads`,
      got: String(embedDim),
      received: embedDim,
    });
  }
  const headDim = embedDim / heads;
  return {
    kind: "MultiheadAttention",
    parameters: [
      {
        name: "in_proj_weight",
        shape: [3 * embedDim, embedDim],
        role: "weight",
        initializer: xavierUniform(),
      },
      ...(bias
        ? [
            {
              name: "in_proj_bias",
              shape: [3 * embedDim],
              role: "bias",
              initializer: constantInit(0),
            } as const,
          ]
        : []),
    ],
    children: { out_proj: linear(embedDim, embedDim, { bias, biasInit: constantInit(0) }) },
    forward({ g, parameter, child, dropout: drop }, x, paddingMask) {
      const [batch, length] = x!.shape as [number, number];
      const rows = g.reshape(x!, [batch * length, embedDim]);
      const weight = parameter("in_proj_weight");
      const projected = g.op("Gemm", bias ? [rows, weight, parameter("in_proj_bias")] : [rows, weight], {
        transB: 1,
      });
      // One transpose brings Q, K and V to the front and the heads before the positions.
      const split = g.transpose(g.reshape(projected, [batch, length, 3, heads, headDim]), [2, 0, 3, 1, 4]);
      const parts = g.node("Split", [split], { axis: 0, num_outputs: 3 }, { outputs: 3 });
      const [q, k, v] = parts.map((part) => g.reshape(part, [batch, heads, length, headDim]));
      let scores = g.mul(g.matmul(q!, g.transpose(k!, [0, 1, 3, 2])), 1 / Math.sqrt(headDim));
      if (causal) scores = g.add(scores, futureMask(g, length));
      if (paddingMask) {
        const hidden = g.mul(g.cast(paddingMask, "float32"), HIDDEN);
        scores = g.add(scores, g.reshape(hidden, [batch, 1, 1, length]));
      }
      const weights = drop(g.op("Softmax", [scores], { axis: -1 }), dropout);
      const mixed = g.transpose(g.matmul(weights, v!), [0, 2, 1, 3]);
      return child("out_proj", g.reshape(mixed, [batch, length, embedDim]));
    },
  };
}

/** A constant [length, length] that hides column j from row i where j > i. */
function futureMask(g: GraphBuilder, length: number): Value {
  const data = new Float32Array(length * length);
  for (let i = 0; i < length; i++) data.fill(HIDDEN, i * length + i + 1, (i + 1) * length);
  return g.constant(tensor("float32", [length, length], data), "future");
}

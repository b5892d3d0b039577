import { anything, arrayOf, boolean, type Checks, checkArgument, checkOptions, oneOf } from "lrfind/core";
import { checkLayers, checkSizes, dropProbability, epsilon, layer, size } from "../checks.js";
import type { Layer } from "../layer.js";
import { gelu, relu } from "./activation.js";
import { multiheadAttention } from "./attention.js";
import { linear } from "./linear.js";
import { layerNorm } from "./norm.js";

/** Options of a transformer encoder layer. */
export interface TransformerEncoderLayerOptions {
  /** Width of the hidden layer. Default: 2048. */
  readonly dimFeedforward?: number;
  /** Probability of dropping attention weights, hidden units and branch outputs. Default: 0.1. */
  readonly dropout?: number;
  /** Default: "relu". */
  readonly activation?: "relu" | "gelu";
  /** Normalises before the branches instead of after the sums. Default: false. */
  readonly normFirst?: boolean;
  /** Added to the variance in the layer norms. Default: 1e-5. */
  readonly layerNormEps?: number;
  /** Whether a position sees only itself and what comes before it. Default: false. */
  readonly causal?: boolean;
}

const OPTIONS: Checks<TransformerEncoderLayerOptions> = {
  dimFeedforward: size,
  dropout: dropProbability,
  activation: oneOf("relu", "gelu"),
  normFirst: boolean,
  layerNormEps: epsilon,
  causal: boolean,
};
const ENCODER_OPTIONS: Checks<{ readonly norm?: Layer }> = { norm: layer };

/**
 * A transformer's encoder layer: self-attention and a two-layer network, each with a residual sum and layer norm:
 *
 * ```
 * x = norm1(x + attention(x));  x = norm2(x + network(x))        normFirst: false
 * x = x + attention(norm1(x));  x = x + network(norm2(x))        normFirst: true
 * ```
 *
 * Inputs: x [N, L, dModel] and optionally a padding mask [N, L], true where a position is to be ignored. Output
 * [N, L, dModel]. Children `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`.
 *
 * @throws {OptionError} when an argument is out of its range or an option does not exist.
 *
 * @example
 * ```ts
 * const layer = transformerEncoderLayer(64, 4, { dimFeedforward: 256, activation: "gelu" });
 * ```
 *
 * Source: Vaswani et al. (2017), section 3.1; PyTorch's `torch.nn.TransformerEncoderLayer` with `batch_first`.
 */
export function transformerEncoderLayer(
  dModel: number,
  heads: number,
  options: TransformerEncoderLayerOptions = {},
): Layer {
  checkSizes("transformerEncoderLayer", { dModel, heads });
  checkOptions("transformerEncoderLayer", options, OPTIONS);
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", normFirst = false } = options;
  const { layerNormEps: eps = 1e-5, causal = false } = options;
  return {
    kind: "TransformerEncoderLayer",
    children: {
      self_attn: multiheadAttention(dModel, heads, { dropout, causal }),
      linear1: linear(dModel, dimFeedforward),
      activation: activation === "gelu" ? gelu() : relu(),
      linear2: linear(dimFeedforward, dModel),
      norm1: layerNorm(dModel, { eps }),
      norm2: layerNorm(dModel, { eps }),
    },
    forward({ g, child, dropout: drop }, x, paddingMask) {
      const attend = (value: typeof x) =>
        drop(child("self_attn", value!, ...(paddingMask ? [paddingMask] : [])), dropout);
      const network = (value: typeof x) => {
        const hidden = drop(child("activation", child("linear1", value!)), dropout);
        return drop(child("linear2", hidden), dropout);
      };
      if (normFirst) {
        const attended = g.add(x!, attend(child("norm1", x!)));
        return g.add(attended, network(child("norm2", attended)));
      }
      const attended = child("norm1", g.add(x!, attend(x!)));
      return child("norm2", g.add(attended, network(attended)));
    },
  };
}

/**
 * Encoder layers one after another, with the padding mask passed to each and an optional norm at the end.
 *
 * Inputs: x [N, L, dModel] and optionally a padding mask [N, L]. Output [N, L, dModel]. Children `layers.0`, …, `norm`.
 *
 * @throws {OptionError} when one of them is no layer.
 *
 * @example
 * ```ts
 * const encoder = transformerEncoder([transformerEncoderLayer(64, 4), transformerEncoderLayer(64, 4)]);
 * ```
 *
 * Source: PyTorch's `torch.nn.TransformerEncoder`.
 */
export function transformerEncoder(layers: readonly Layer[], options: { readonly norm?: Layer } = {}): Layer {
  checkArgument("transformerEncoder", "layers", layers, arrayOf(anything));
  checkLayers("transformerEncoder", "layers", layers);
  checkOptions("transformerEncoder", options, ENCODER_OPTIONS);
  const { norm } = options;
  const names = layers.map((_, i) => `layers.${i}`);
  return {
    kind: "TransformerEncoder",
    children: {
      ...Object.fromEntries(layers.map((layer, i) => [names[i]!, layer])),
      ...(norm ? { norm } : {}),
    },
    forward({ child }, x, ...mask) {
      const y = names.reduce((value, name) => child(name, value, ...mask), x!);
      return norm ? child("norm", y) : y;
    },
  };
}

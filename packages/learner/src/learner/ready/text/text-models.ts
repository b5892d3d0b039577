import type { Layer } from "@lrfind/engine";
import {
  embedding,
  layerNorm,
  linBnDrop,
  linear,
  lstm,
  normalInit,
  relu,
  sequential,
  tensor,
  transformerEncoder,
  transformerEncoderLayer,
} from "@lrfind/engine";
import { packIndices } from "@lrfind/engine/internal";
import { boolean, type Checks, integer, required } from "lrfind/core";
import { checkLearnerOptions, depth, dropProbability, size } from "../../checks.js";
import { concatPool, meanOverTokens, tokenMask } from "./pooling.js";

/** What goes into a model for texts, and comes out. */
export interface TextSizes {
  /** Tokens in the vocabulary. */
  readonly tokens: number;
  /** Index that fills texts up. */
  readonly padIndex: number;
  /** Tokens in a (padded) text. */
  readonly maxLength: number;
  readonly outputs: number;
}

/** Options of a bag of words. */
export interface BagOptions {
  /** Width of the embedding. Default: 64. */
  readonly embSize?: number;
  /** Probability of dropping an element of the mean vector. Default: 0.2. */
  readonly drop?: number;
}

/** Options of an LSTM classifier. */
export interface LstmOptions {
  /** Width of the embedding. Default: 64. */
  readonly embSize?: number;
  /** Width of the state. Default: 64. */
  readonly hidden?: number;
  /** Layers one above the other. Default: 1. */
  readonly numLayers?: number;
  /** Whether a second LSTM reads from the end. Default: false. */
  readonly bidirectional?: boolean;
  /** Probability of dropping an element of the embedding, between layers and before the head. Default: 0.2. */
  readonly drop?: number;
}

/** Options of a transformer classifier. */
export interface TransformerOptions {
  /** Width of embedding and states. Default: 64. */
  readonly dModel?: number;
  /** Heads of attention; they divide `dModel`. Default: 4. */
  readonly heads?: number;
  /** Encoder layers. Default: 2. */
  readonly numLayers?: number;
  /** Width of the layers' networks. Default: 2 dModel. */
  readonly dimFeedforward?: number;
  /** Probability of dropping, everywhere. Default: 0.1. */
  readonly drop?: number;
}

const SIZES: Checks<TextSizes> = {
  tokens: required(size),
  padIndex: required(integer({ min: 0 })),
  maxLength: required(size),
  outputs: required(size),
};

/** The checks of a bag's options. */
export const BAG_OPTIONS: Checks<BagOptions> = { embSize: size, drop: dropProbability };
/** The checks of an LSTM classifier's options. */
export const LSTM_OPTIONS: Checks<LstmOptions> = {
  ...BAG_OPTIONS,
  hidden: size,
  numLayers: depth,
  bidirectional: boolean,
};
/** The checks of a transformer classifier's options. */
export const TRANSFORMER_OPTIONS: Checks<TransformerOptions> = {
  dModel: size,
  heads: size,
  numLayers: depth,
  dimFeedforward: size,
  drop: dropProbability,
};

/**
 * The mean of a text's token vectors, and a linear layer: order does not count.
 *
 * Input int32 [N, L], output [N, outputs]. Children `embed` and `head`.
 *
 * @example
 * ```ts
 * const model = modelOf(bagClassifier({ tokens: 5000, padIndex: 1, maxLength: 64, outputs: 2 }));
 * ```
 *
 * Source: Joulin, Grave, Bojanowski and Mikolov, Bag of Tricks for Efficient Text Classification (2017).
 */
export function bagClassifier(sizes: TextSizes, options: BagOptions = {}): Layer {
  checkLearnerOptions("bagClassifier", sizes, SIZES);
  checkLearnerOptions("bagClassifier", options, BAG_OPTIONS);
  const { embSize = 64, drop = 0.2 } = options;
  return {
    kind: "BagClassifier",
    children: {
      embed: tokenTable(sizes, embSize),
      head: linear(embSize, sizes.outputs),
    },
    forward({ g, child, dropout }, indices) {
      const mean = meanOverTokens(g, child("embed", indices!), tokenMask(g, indices!, sizes.padIndex));
      return child("head", dropout(mean, drop));
    },
  };
}

/**
 * An LSTM over a text's tokens, wherever its padding lies and however much there is; its last state, maximum and mean over the tokens go into a head of two layers.
 *
 * Input int32 [N, L], output [N, outputs]. Children `embed`, `encoder` and `head`.
 *
 * @example
 * ```ts
 * const model = modelOf(lstmClassifier({ tokens: 5000, padIndex: 1, maxLength: 64, outputs: 2 }));
 * ```
 *
 * Source: Howard and Ruder (2018), section 3.3; fastai's `PoolingLinearClassifier`.
 */
export function lstmClassifier(sizes: TextSizes, options: LstmOptions = {}): Layer {
  checkLearnerOptions("lstmClassifier", sizes, SIZES);
  checkLearnerOptions("lstmClassifier", options, LSTM_OPTIONS);
  const { embSize = 64, hidden = 64, numLayers = 1, bidirectional = false, drop = 0.2 } = options;
  const pooled = 3 * hidden * (bidirectional ? 2 : 1);
  return {
    kind: "LstmClassifier",
    children: {
      embed: tokenTable(sizes, embSize),
      encoder: lstm(embSize, hidden, { numLayers, bidirectional, dropout: drop }),
      head: sequential(
        linBnDrop(pooled, 50, { p: drop, act: relu() }),
        linBnDrop(50, sizes.outputs, { p: drop / 2 }),
      ),
    },
    forward({ g, child, dropout }, given) {
      const { indices, lengths } = packIndices(g, given!, sizes.padIndex);
      const states = child("encoder", dropout(child("embed", indices), drop), lengths);
      return child("head", concatPool(g, states, tokenMask(g, indices, sizes.padIndex)));
    },
  };
}

/**
 * A transformer encoder over a text's tokens and their places in the text, padding hidden; the mean of its states goes
 * into a linear layer.
 *
 * Input int32 [N, L], output [N, outputs]. Children `embed`, `positions`, `encoder` and `head`. The norms come before
 * the branches.
 *
 * @example
 * ```ts
 * const sizes = { tokens: 5000, padIndex: 1, maxLength: 64, outputs: 2 };
 * const model = modelOf(transformerClassifier(sizes, { dModel: 32, heads: 2 }));
 * ```
 *
 * Source: Vaswani et al., Attention Is All You Need (2017), section 3.1; learnt places as in Devlin et al., BERT (2019).
 */
export function transformerClassifier(sizes: TextSizes, options: TransformerOptions = {}): Layer {
  checkLearnerOptions("transformerClassifier", sizes, SIZES);
  checkLearnerOptions("transformerClassifier", options, TRANSFORMER_OPTIONS);
  const { dModel = 64, heads = 4, numLayers = 2, dimFeedforward = 2 * dModel, drop = 0.1 } = options;
  const layers = Array.from({ length: numLayers }, () =>
    transformerEncoderLayer(dModel, heads, {
      dimFeedforward,
      dropout: drop,
      activation: "gelu",
      normFirst: true,
    }),
  );
  return {
    kind: "TransformerClassifier",
    children: {
      embed: tokenTable(sizes, dModel),
      positions: embedding(sizes.maxLength, dModel, { weightInit: normalInit(TABLE_STD) }),
      encoder: transformerEncoder(layers, { norm: layerNorm(dModel) }),
      head: linear(dModel, sizes.outputs),
    },
    forward({ g, child, dropout }, indices) {
      const mask = tokenMask(g, indices!, sizes.padIndex);
      // Places are counted from the text's first token, wherever its padding lies.
      const counted = g.op("CumSum", [mask, g.constant(tensor("int64", [], [1]))]);
      const places = g.cast(g.max(g.sub(counted, 1), 0), "int32");
      const x = g.add(child("embed", indices!), child("positions", places));
      const states = child("encoder", dropout(x, drop), g.sub(1, mask));
      return child("head", dropout(meanOverTokens(g, states, mask), drop));
    },
  };
}

const TABLE_STD = 0.1;

function tokenTable({ tokens, padIndex }: TextSizes, size: number): Layer {
  return embedding(tokens, size, { weightInit: normalInit(TABLE_STD), paddingIdx: padIndex });
}

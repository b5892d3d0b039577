import { type Checks, checkOptions, integer, OptionError, required } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { OnnxError, tensor } from "../../onnx/index.js";
import { checkLayers } from "../checks.js";
import type { Layer } from "../layer.js";

/** Options of packing. */
export interface PackPaddedOptions {
  /** The index that stands for no token, wherever it occurs. */
  readonly paddingIdx: number;
}

const OPTIONS: Checks<PackPaddedOptions> = { paddingIdx: required(integer({ min: 0 })) };

/** Sequences whose padding has been moved behind their tokens. */
export interface PackedIndices {
  /** [N, L]: the tokens of each sequence in their order, then padding. */
  readonly indices: Value;
  /** How many tokens each sequence has: int32 [N], from 0 to L. */
  readonly lengths: Value;
}

/**
 * An embedding and a recurrent net over the tokens alone: neither the amount of padding nor its side changes a state.
 *
 * Input: indices int32 [N, L], padded before, after or among the tokens; output: what `recurrent` gives for the tokens
 * moved to the front, at [N, L, …] 0 behind them, or its last state. Children `embed` and `encoder`.
 *
 * @param embed - Makes vectors [N, L, size] of indices: `embedding`.
 * @param recurrent - A layer that takes lengths: `lstm`, `gru`, or a `sequential` that holds one.
 * @throws {OptionError} when one of them is no such layer.
 *
 * @example
 * ```ts
 * const words = packPadded(embedding(50, 16, { paddingIdx: 1 }), lstm(16, 24, { output: "last" }), { paddingIdx: 1 });
 * const classifier = sequential(words, linear(24, 10));
 * ```
 *
 * Source: PyTorch's `torch.nn.utils.rnn.pack_padded_sequence`, which takes the lengths and padding behind the tokens.
 */
export function packPadded(embed: Layer, recurrent: Layer, options: PackPaddedOptions): Layer {
  checkOptions("packPadded", options, OPTIONS);
  checkLayers("packPadded", "embed and recurrent", [embed, recurrent]);
  if (!recurrent.takesLengths) {
    throw new OptionError({
      where: "packPadded",
      option: "recurrent",
      expected: "recurrent to be a layer that takes lengths",
      got: `a layer of kind "${recurrent.kind}"`,
      received: recurrent,
      hint: "lstm(…) or gru(…) with batchFirst",
    });
  }
  return {
    kind: "PackPadded",
    children: { embed, encoder: recurrent },
    forward({ g, child }, given) {
      const { indices, lengths } = packIndices(g, given!, options.paddingIdx);
      return child("encoder", child("embed", indices), lengths);
    },
  };
}

/**
 * Moves the padding of sequences [N, L] behind their tokens, and counts these.
 *
 * @throws {OnnxError} when the sequences are no integers [N, L].
 */
export function packIndices(g: GraphBuilder, given: Value, paddingIdx: number): PackedIndices {
  const { dtype, shape } = given;
  if ((dtype !== "int32" && dtype !== "int64") || shape.length !== 2) {
    throw new OnnxError({
      where: "packPadded",
      expected: "indices int32[N, L]",
      got: `${dtype}[${shape.join(", ")}]`,
    });
  }
  const [batch, length] = shape as [number, number];
  const isToken = g.op("Not", [g.equal(given, paddingIdx)]);
  const counts = g.cast(isToken, "int32");
  const counted = g.op("CumSum", [counts, g.constant(tensor("int64", [], [1]))]);
  // All padding goes to one column behind the last, which is cut off again: it would overwrite tokens elsewhere.
  const places = g.where(isToken, g.sub(counted, 1), length);
  const room = g.expand(g.scalar(paddingIdx, dtype), [batch, length + 1]);
  const scattered = g.op("ScatterElements", [room, places, given], { axis: 1 });
  return {
    indices: g.slice(scattered, [0], [length], [1]),
    lengths: g.reduceSum(counts, [1]),
  };
}

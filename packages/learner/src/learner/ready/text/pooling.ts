import type { GraphBuilder, Value } from "@lrfind/engine";
import { tensor } from "@lrfind/engine";

/** Added to padded positions before a maximum: less than any state, and finite. */
const HIDDEN = -1e9;

/** 1 for tokens and 0 for padding: float32 [N, L] of int32 indices [N, L]. */
export function tokenMask(g: GraphBuilder, indices: Value, padIndex: number): Value {
  return g.cast(g.op("Not", [g.equal(indices, padIndex)]), "float32");
}

/** Each text's mean over its tokens: [N, L, D] and a mask [N, L] give [N, D]; 0 for a text without any. */
export function meanOverTokens(g: GraphBuilder, states: Value, mask: Value): Value {
  const sum = g.reduceSum(g.mul(states, column(g, mask)), [1]);
  return g.div(sum, g.max(g.reduceSum(mask, [1], { keepDims: true }), 1));
}

/**
 * Each text's last state, its maximum and its mean over its tokens, side by side: [N, L, D] and a mask [N, L] give
 * [N, 3 D]. Padding may lie before or after the text.
 *
 * Source: Howard and Ruder, Universal Language Model Fine-tuning for Text Classification (2018), section 3.3.
 */
export function concatPool(g: GraphBuilder, states: Value, mask: Value): Value {
  const [, length] = states.shape as [number, number, number];
  const places = Float32Array.from({ length }, (_, i) => i + 1);
  const numbered = g.mul(mask, g.constant(tensor("float32", [1, length], places), "places"));
  const last = g.op("ReduceMax", [numbered, g.ints([1])], { keepdims: 1 });
  // Of a text without tokens no place is the last, and its last state 0.
  const isLast = g.mul(g.cast(g.equal(numbered, last), "float32"), mask);
  const lastState = g.reduceSum(g.mul(states, column(g, isLast)), [1]);
  const hidden = g.mul(g.sub(1, column(g, mask)), HIDDEN);
  const largest = g.op("ReduceMax", [g.add(states, hidden), g.ints([1])], { keepdims: 0 });
  // Of a text without tokens the maximum is 0, as its last state and its mean are.
  const hasTokens = g.op("ReduceMax", [mask, g.ints([1])], { keepdims: 1 });
  return g.concat([lastState, g.mul(largest, hasTokens), meanOverTokens(g, states, mask)], 1);
}

/** [N, L] as [N, L, 1]. */
function column(g: GraphBuilder, mask: Value): Value {
  return g.reshape(mask, [...mask.shape, 1]);
}

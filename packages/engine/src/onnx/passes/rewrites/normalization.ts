import type { Value } from "../../graph/graph.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import { perChannel } from "../../ops/normalization/per-channel.js";
import { shiftNearZero } from "../../ops/normalization/shift-near-zero.js";
import type { Rewrite } from "./rewrite.js";

const instanceNormalization: Rewrite = (g, node) => {
  const [x, ...rest] = node.inputs;
  const axes = x!.shape.flatMap((_, i) => (i < 2 ? [] : [i]));
  return { ...node, inputs: [shiftNearZero(g, x!, axes), ...rest] };
};

/**
 * As an instance normalisation whose channels are the groups, and a scale and a bias for each channel: ONNX Runtime
 * 1.30 computes the variance of a GroupNormalization as `E[x²] - E[x]²`, which at mean 1,000 and deviation 1 is off by
 * 0.3 and at mean 1e4 negative.
 */
const groupNormalization: Rewrite = (g, node) => {
  const [x, scale, bias] = node.inputs as [Value, Value, Value];
  const { num_groups: groups, epsilon = 1e-5 } = node.attributes as { num_groups: number; epsilon?: number };
  const [n, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const grouped = g.reshape(x, [n, groups, (channels / groups) * sizeOf(spatial)]);
  const filled = (value: number) =>
    g.constant(tensor(x.dtype, [groups], new Array<number>(groups).fill(value)));
  const normalized = g.op("InstanceNormalization", [grouped, filled(1), filled(0)], { epsilon });
  const scaled = g.mul(g.reshape(normalized, x.shape), perChannel(g, scale, x));
  return { ...node, opType: "Add", inputs: [scaled, perChannel(g, bias, x)], attributes: {} };
};

/** Normalisations over the positions of one item. */
export const normalizationRewrites = {
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
} satisfies Record<string, Rewrite>;

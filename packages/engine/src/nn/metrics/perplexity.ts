import type { Metric } from "./metric.js";

/**
 * The exponential of the mean loss, each mini-batch by its weight: for a cross-entropy in nats, the number of equally
 * likely classes that would be as hard to tell. NaN where nothing counts.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [perplexity] });
 * ```
 *
 * Source: Jelinek, Mercer, Bahl and Baker (1977).
 */
export const perplexity: Metric = {
  name: "perplexity",
  better: "smaller",
  start() {
    let total = 0;
    let totalWeight = 0;
    return {
      add(_, __, ___, { sum, weight }) {
        total += sum;
        totalWeight += weight;
      },
      value: () => Math.exp(total / totalWeight),
    };
  },
};

import type { Metric } from "./metric.js";

/**
 * The exponential of the mean loss: for a cross-entropy in nats, the number of equally likely classes that would
 * be as hard to tell.
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
  start() {
    let total = 0;
    let count = 0;
    return {
      add({ shape }, _, loss) {
        const items = shape[0]!;
        total += loss * items;
        count += items;
      },
      value: () => Math.exp(total / count),
    };
  },
};

import type { LossFunc } from "./loss.js";
import { TargetError } from "./loss.js";

/**
 * Softmax cross-entropy: the mean over items of `-log softmax(logits)[target]`.
 *
 * Prediction: logits [N, classes]; target: class indices, int32 [N], each in [0, classes).
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy() });
 * ```
 *
 * Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.3.
 */
export function crossEntropy(): LossFunc {
  return {
    name: "crossEntropy",
    build(g, prediction, targets) {
      const indices = g.op("Unsqueeze", [targets[0]!, g.ints([1])]);
      const logProbabilities = g.op("LogSoftmax", [prediction], { axis: 1 });
      return g.neg(g.reduceMean(g.op("GatherElements", [logProbabilities, indices], { axis: 1 })));
    },
    check({ shape }, targets) {
      const classes = shape[1] ?? 0;
      const labels = targets[0]!.data as Int32Array;
      for (let i = 0; i < labels.length; i++) {
        const label = labels[i]!;
        if (!(label >= 0 && label < classes)) {
          throw new TargetError(
            `crossEntropy: expected labels in [0, ${classes}), got ${label} at item ${i} of the mini-batch; try a model with more outputs, or check the labels`,
          );
        }
      }
    },
  };
}

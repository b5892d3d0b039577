import { TargetError } from "../losses/loss.js";
import { classOutputs } from "./class-outputs.js";
import type { Metric } from "./metric.js";

/**
 * The area under the receiver operating characteristic of a binary classifier: the probability that a random item
 * of class 1 scores higher than a random item of class 0, where equal scores count half. NaN where one of the
 * classes does not occur.
 *
 * Prediction [N, 2] (logits or probabilities of both classes) or one score per item, [N] or [N, 1]; per position, too,
 * as for `accuracy`. Target: 0 or 1, of any dtype; the loss's `ignoreIndex` does not count. NaN where a score is NaN.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [rocAuc] });
 * ```
 *
 * Source: Hanley and McNeil (1982); the area is the Mann-Whitney statistic over ranks, ties at their mean rank.
 */
export const rocAuc: Metric = {
  name: "rocAuc",
  better: "larger",
  start(labels) {
    const scores: number[] = [];
    const positive: boolean[] = [];
    return {
      add(prediction, targets) {
        const { classes, positions, value, label } = classOutputs("rocAuc", prediction, targets[0], labels);
        if (classes > 2) {
          throw new TargetError({
            where: "rocAuc",
            expected: "one or two outputs per item",
            got: String(classes),
            hint: 'accuracy, or f1Score({ average: "macro" })',
          });
        }
        for (let position = 0; position < positions; position++) {
          const actual = label(position);
          if (actual === undefined) continue;
          // The difference of logits orders items as softmax's probability of class 1 does.
          scores.push(classes === 2 ? value(position, 1) - value(position, 0) : value(position, 0));
          positive.push(actual === 1);
        }
      },
      value: () => areaUnderCurve(scores, positive),
    };
  },
};

function areaUnderCurve(scores: readonly number[], positive: readonly boolean[]): number {
  if (scores.some(Number.isNaN)) return Number.NaN;
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const meanRank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) {
      if (!positive[order[i]!]) continue;
      positives++;
      rankSum += meanRank;
    }
    start = end;
  }
  const negatives = scores.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

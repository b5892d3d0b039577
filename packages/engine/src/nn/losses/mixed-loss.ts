import { checkArgument } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { lossFunc as lossCheck } from "../checks.js";
import type { LossFunc, LossParts } from "./loss.js";
import { addLoss, weightedLoss } from "./weighted-loss.js";

/**
 * The loss of a mini-batch whose inputs are a mixture of two: `share` times the loss against the targets of the one,
 * plus `1 - share` times that against the other's. Its targets are those of the one, those of the other, and `share`, a
 * float32 scalar in [0, 1].
 *
 * With `S` and `W` a loss's sum and weight, the mean is `(λ S₁ + (1 − λ) S₂) / (λ W₁ + (1 − λ) W₂)`: where both weigh the
 * same, as without class weights and ignored labels, that is `λ L₁ + (1 − λ) L₂`.
 *
 * @param lossFunc - The loss against one mini-batch's targets.
 * @throws {OptionError} when it is no loss.
 *
 * @example
 * ```ts
 * const loss = mixedLoss(crossEntropy()); // targets: [labels, otherLabels, share]
 * ```
 *
 * Source: Zhang, Cisse, Dauphin, Lopez-Paz, mixup: Beyond Empirical Risk Minimization (2018), as in the authors' code.
 */
export function mixedLoss(lossFunc: LossFunc): LossFunc {
  checkArgument("mixedLoss", "lossFunc", lossFunc, lossCheck);
  const { name, activation, labels } = lossFunc;
  return weightedLoss({
    name: typeof name === "string" ? `mixed ${name}` : "mixed loss",
    ...(activation ? { activation } : {}),
    ...(labels ? { labels } : {}),
    parts(g, prediction, targets): LossParts {
      const count = (targets.length - 1) / 2;
      const share = targets.at(-1)!;
      const rest = g.sub(1, share);
      const mean = (one: Value | number, other: Value | number) =>
        g.add(g.mul(share, one), g.mul(rest, other));
      const one = addLoss(g, lossFunc, prediction, targets.slice(0, count));
      const other = addLoss(g, lossFunc, prediction, targets.slice(count, 2 * count));
      const weight = one.weight === other.weight ? one.weight : mean(one.weight, other.weight);
      return { sum: mean(one.sum, other.sum), weight };
    },
  });
}

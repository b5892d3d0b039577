import { arrayOf, type Checks, checkOptions, integer, number, oneOf } from "lrfind/core";
import type { GraphBuilder, Tensor, Value } from "../../onnx/index.js";
import { describeTensor, sizeOf, tensor } from "../../onnx/index.js";
import type { LossFunc } from "./loss.js";
import { placeOf, TargetError } from "./loss.js";
import { weightedLoss } from "./weighted-loss.js";

/** Options of cross-entropy. */
export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default: 0. */
  readonly labelSmoothing?: number;
  /** How much each class counts; the mean is over the weights of the targets' classes. Default: all alike. */
  readonly weight?: readonly number[];
  /**
   * A label whose items do not count: the mean is over the others. Where none is left, the mini-batch contributes
   * nothing. Default: none (PyTorch's is -100).
   */
  readonly ignoreIndex?: number;
  /** The dimension of the classes: 1, or -1 for predictions [N, …, classes], as of tokens. Default: 1. */
  readonly axis?: 1 | -1;
}

const OPTIONS: Checks<CrossEntropyOptions> = {
  labelSmoothing: number({ min: 0, max: 1 }),
  weight: arrayOf(number({ min: 0 }), { minLength: 1 }),
  ignoreIndex: integer(),
  axis: oneOf(1, -1),
};

/**
 * Softmax cross-entropy: the mean over items of `-log softmax(logits)[target]`, weighted by the class of the target.
 *
 * With label smoothing e and C classes, `(1 - e)` of that and `e / C` of the sum over all classes.
 *
 * Prediction: logits [N, classes] or [N, classes, …] (with `axis: -1`, [N, …, classes]); target: class indices,
 * int32 [N] or [N, …], each in [0, classes) or `ignoreIndex`. A model that ends in Softmax or LogSoftmax over the classes
 * is trained on the logits before it.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * new Learner({ dls, model, lossFunc: crossEntropy({ labelSmoothing: 0.1 }) });
 * ```
 *
 * Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.3; weighting and smoothing as in
 * PyTorch's `torch.nn.CrossEntropyLoss`.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): LossFunc {
  checkOptions("crossEntropy", options, OPTIONS);
  const { labelSmoothing = 0, weight, ignoreIndex, axis: classAxis = 1 } = options;
  return weightedLoss({
    name: "crossEntropy",
    activation: { kind: "softmax", axis: classAxis },
    labels: { ignoreIndex, axis: classAxis },
    parts(g, prediction, targets) {
      const axis = classAxis === -1 ? prediction.shape.length - 1 : 1;
      const labels = checkedLabels(prediction, targets[0], axis, weight);
      const valid =
        ignoreIndex === undefined ? undefined : g.op("Not", [g.equal(labels, Math.trunc(ignoreIndex))]);
      const known = valid ? g.where(valid, labels, 0) : labels;
      const logProbabilities = g.op("LogSoftmax", [prediction], { axis });
      const indices = g.op("Unsqueeze", [known, g.ints([axis])]);
      const chosen = g.op("GatherElements", [logProbabilities, indices], { axis });

      const count = valid ? g.cast(valid, "float32") : undefined;
      const classWeights = weight && g.constant(tensor("float32", [weight.length], weight), "classWeights");
      const itemWeights = classWeights ? times(g, g.op("Gather", [classWeights, known]), count) : count;
      const weighted = itemWeights ? g.mul(g.reshape(chosen, labels.shape), itemWeights) : chosen;
      const hard = g.neg(g.reduceSum(weighted));
      const total = itemWeights ? g.reduceSum(itemWeights) : sizeOf(labels.shape);
      if (labelSmoothing === 0) return { sum: hard, weight: total };

      const classes = prediction.shape[axis]!;
      const shape = prediction.shape.map((_, d) => (d === axis ? classes : 1));
      // Class weights scale the terms of this sum one by one; the mean divides by the weights of the targets.
      const spread = classWeights
        ? g.mul(logProbabilities, g.reshape(classWeights, shape))
        : logProbabilities;
      const soft = g.reduceSum(times(g, g.reduceSum(spread, [axis]), count));
      const sum = g.sub(g.mul(hard, 1 - labelSmoothing), g.mul(soft, labelSmoothing / classes));
      return { sum, weight: total };
    },
    check({ shape }, targets) {
      const classes = shape.at(classAxis) ?? 0;
      checkLabels(targets[0]!, classes, ignoreIndex);
    },
  });
}

function times(g: GraphBuilder, a: Value, b: Value | undefined): Value {
  return b ? g.mul(a, b) : a;
}

function checkedLabels(
  prediction: Value,
  target: Value | undefined,
  axis: number,
  weight: readonly number[] | undefined,
): Value {
  const expected = prediction.shape.filter((_, d) => d !== axis);
  const isInteger = target?.dtype === "int32" || target?.dtype === "int64";
  if (!target || !isInteger || String(target.shape) !== String(expected)) {
    const got = target ? describeTensor(target) : "none";
    throw new TargetError({
      where: "crossEntropy",
      expected: `labels int32[${expected.join(", ")}] for logits [${prediction.shape.join(", ")}]`,
      got,
    });
  }
  if (weight && weight.length !== prediction.shape[axis]) {
    throw new TargetError({
      where: "crossEntropy",
      expected: `${prediction.shape[axis]} class weights, one per class`,
      got: String(weight.length),
    });
  }
  return target;
}

function checkLabels(labels: Tensor, classes: number, ignoreIndex: number | undefined): void {
  const { data, shape } = labels;
  for (let i = 0; i < data.length; i++) {
    const label = Number(data[i]);
    if (label === ignoreIndex) continue;
    if (!(label >= 0 && label < classes)) {
      throw new TargetError({
        where: "crossEntropy",
        expected: `labels in [0, ${classes})`,
        got: `${label} at ${placeOf(i, shape)} of the mini-batch`,
        hint: "a model with more outputs, or check the labels",
      });
    }
  }
}

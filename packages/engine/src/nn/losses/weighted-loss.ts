import { checkArgument, made, OptionError } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { describeTensor } from "../../onnx/index.js";
import type { BuildLoss, LossFunc, LossParts } from "./loss.js";

/**
 * A divisor that is never 0, without a node that a gradient would have to pass: any weight that counts is larger. A sum
 * over no weight is 0 but where smoothing spreads to other classes, and such a step is not made.
 */
const NO_WEIGHT = 1e-30;

/**
 * A loss whose mean is over a weight of its own.
 *
 * @param loss - As a `LossFunc`, with `parts` in the place of `build`.
 * @throws {OptionError} when there is no function `parts`.
 *
 * @example
 * ```ts
 * // Targets of 0 do not count.
 * const ratedOnly = weightedLoss({
 *   name: "ratedOnly",
 *   parts(g, prediction, [target]) {
 *     const counts = g.cast(g.greater(target!, 0), "float32");
 *     const d = g.mul(g.sub(prediction, target!), counts);
 *     return { sum: g.reduceSum(g.mul(d, d)), weight: g.reduceSum(counts) };
 *   },
 * });
 * ```
 */
export function weightedLoss(
  loss: Omit<LossFunc, "build"> & { readonly parts: NonNullable<BuildLoss["parts"]> },
): LossFunc {
  checkArgument("weightedLoss", "loss", loss, made("a loss with parts", ["parts"], "{ name, parts }"));
  const { parts, ...rest } = loss;
  const build: BuildLoss = (g, prediction, targets) => meanOf(g, parts(g, prediction, targets));
  return { ...rest, build: Object.assign(build, { parts }) };
}

/** A loss that has been added to a graph. */
export interface BuiltLoss extends LossParts {
  readonly mean: Value;
}

/**
 * Adds a loss to a graph.
 *
 * @throws {OptionError} when what the loss returns is no float32 scalar.
 */
export function addLoss(
  g: GraphBuilder,
  lossFunc: LossFunc,
  prediction: Value,
  targets: readonly Value[],
): BuiltLoss {
  const { parts } = lossFunc.build;
  if (parts) {
    const built = parts(g, prediction, targets);
    checkScalar(lossFunc.name, "parts to return a sum", built?.sum);
    if (typeof built.weight !== "number") {
      checkScalar(lossFunc.name, "parts to return a weight", built.weight);
    } else if (!(built.weight >= 0 && Number.isFinite(built.weight))) {
      const expected = "parts to return a weight of at least 0";
      refuse(lossFunc.name, expected, built.weight, "the number of elements");
    }
    return { ...built, mean: meanOf(g, built) };
  }
  const mean = lossFunc.build(g, prediction, targets);
  checkScalar(lossFunc.name, "build to return the mean", mean);
  const weight = prediction.shape[0] ?? 1;
  return { mean, weight, sum: g.mul(mean, weight) };
}

function meanOf(g: GraphBuilder, { sum, weight }: LossParts): Value {
  return g.div(sum, typeof weight === "number" ? Math.max(weight, NO_WEIGHT) : g.max(weight, NO_WEIGHT));
}

function checkScalar(name: string, expected: string, value: unknown): void {
  const { dtype, shape } = (value ?? {}) as Partial<Value>;
  if (dtype === "float32" && Array.isArray(shape) && shape.length === 0) return;
  const hint = "return g.reduceMean(…), or g.reduceSum(…) for a sum";
  refuse(name, `${expected}, a float32 scalar`, value, hint);
}

function refuse(name: string, expected: string, received: unknown, hint: string): never {
  const got = describeTensor(received);
  throw new OptionError({ where: `lossFunc "${name}"`, option: "lossFunc", expected, got, received, hint });
}

/** The outputs that say a loss's sum and weight, where the shapes alone do not. */
export function weightOutputs({ sum, weight }: LossParts): Record<string, Value> {
  return typeof weight === "number" ? {} : { lossSum: sum, lossWeight: weight };
}

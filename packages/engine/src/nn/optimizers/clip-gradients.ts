import { checkArgument, number } from "lrfind/core";
import { makesTransforms } from "../checks.js";
import type { GradientTransform } from "./gradient-transform.js";
import { mapGradients } from "./gradient-transform.js";
import { normOf } from "./norm.js";

/**
 * Scales all gradients down together so that their common norm is at most `maxNorm`:
 * `gradient * min(1, maxNorm / (norm + 1e-6))`, norm the root of the sum of all squares.
 *
 * @throws {OptionError} when `maxNorm` is no finite number above 0.
 *
 * @example
 * ```ts
 * new Learner({ ...parts, gradientTransform: clipGradNorm(1) }); // or chain(clipGradNorm(1), adam())
 * ```
 *
 * Source: Pascanu, Mikolov and Bengio (2013), algorithm 1; PyTorch's `clip_grad_norm_`.
 */
export function clipGradNorm(maxNorm: number): GradientTransform {
  checkArgument("clipGradNorm", "maxNorm", maxNorm, number({ above: 0 }));
  return (g, gradients) => {
    const { largest, rest } = normOf(g, [...gradients.values()]);
    // (maxNorm / largest) / (rest + 1e-6 / largest), where neither quotient overflows.
    const factor = g.min(g.div(g.div(maxNorm, largest), g.add(rest, g.div(1e-6, largest))), 1);
    return mapGradients(gradients, (gradient) => g.mul(gradient, factor));
  };
}

/**
 * Clips every element of every gradient to [-clipValue, clipValue].
 *
 * @throws {OptionError} when `clipValue` is no finite number above 0.
 *
 * @example
 * ```ts
 * new Learner({ ...parts, gradientTransform: clipGradValue(0.5) });
 * ```
 *
 * Source: PyTorch's `clip_grad_value_`.
 */
export function clipGradValue(clipValue: number): GradientTransform {
  checkArgument("clipGradValue", "clipValue", clipValue, number({ above: 0 }));
  return (g, gradients) =>
    mapGradients(gradients, (gradient) =>
      g.op("Clip", [gradient, g.scalar(-clipValue), g.scalar(clipValue)]),
    );
}
makesTransforms(clipGradNorm);
makesTransforms(clipGradValue);

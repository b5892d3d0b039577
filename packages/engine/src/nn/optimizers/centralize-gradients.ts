import { makesTransforms } from "../checks.js";
import type { GradientTransform } from "./gradient-transform.js";
import { mapGradients } from "./gradient-transform.js";

/**
 * Takes its mean off each output's gradient: `gradient - mean(gradient)` over all dimensions but the first, for
 * parameters of two dimensions and more, whose first is the outputs (as in `linear` and `conv2d`); biases and norms stay
 * as they are.
 *
 * @example
 * ```ts
 * new Learner({ ...parts, optFunc: chain(centralizeGradients(), sgd()) });
 * ```
 *
 * Source: Yong, Huang, Hua and Zhang, Gradient Centralization (2020), equation 1.
 */
export function centralizeGradients(): GradientTransform {
  return (g, gradients) =>
    mapGradients(gradients, (gradient) => {
      const rank = gradient.shape.length;
      if (rank < 2) return gradient;
      const axes = Array.from({ length: rank - 1 }, (_, i) => i + 1);
      return g.sub(gradient, g.reduceMean(gradient, axes, { keepDims: true }));
    });
}
makesTransforms(centralizeGradients);

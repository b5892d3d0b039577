import { fanInUniform } from "../initializers.js";
import type { Layer } from "../layer.js";

/**
 * A fully connected layer: `y = x Wᵀ + b`.
 *
 * Input [N, …, inFeatures], output [N, …, outFeatures]; parameters `weight` [outFeatures, inFeatures] and `bias`
 * [outFeatures], both uniform on ±1 / sqrt(inFeatures) at first.
 *
 * @param options.bias - Whether there is a bias. Default: true.
 *
 * @example
 * ```ts
 * const classifier = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * ```
 *
 * Source: PyTorch's `torch.nn.Linear`.
 */
export function linear(
  inFeatures: number,
  outFeatures: number,
  options: { readonly bias?: boolean } = {},
): Layer {
  const { bias = true } = options;
  const initializer = fanInUniform(inFeatures);
  return {
    kind: "Linear",
    parameters: [
      { name: "weight", shape: [outFeatures, inFeatures], role: "weight", initializer },
      ...(bias ? [{ name: "bias", shape: [outFeatures], role: "bias", initializer } as const] : []),
    ],
    forward({ g, parameter }, x) {
      const weight = parameter("weight");
      if (x!.shape.length === 2) {
        return g.op("Gemm", bias ? [x!, weight, parameter("bias")] : [x!, weight], { transB: 1 });
      }
      const y = g.matmul(x!, g.transpose(weight, [1, 0]));
      return bias ? g.add(y, parameter("bias")) : y;
    },
  };
}

import type { GraphBuilder } from "../builder.js";
import type { Value } from "../graph.js";
import type { WindowGeometry } from "../shapes/window.js";

/** What a convolution's gradient by its input depends on besides the gradient of the output and the weights. */
export interface ConvInputOptions {
  readonly inputShape: readonly number[];
  readonly window: WindowGeometry;
  readonly group: number;
}

/**
 * Gradient of a convolution by its input: `dx[n, c, i] = sum over m, k of dy[n, m, (i + pad - k * dilation) / stride] * w[m, c, k]`.
 *
 * @param dy - `[N, M, …output]`.
 * @param w - `[M, C / group, …kernel]`.
 * @returns `[N, C, …input]`.
 */
export function convInputGradient(g: GraphBuilder, dy: Value, w: Value, options: ConvInputOptions): Value {
  const { window, group } = options;
  const reach = window.kernel.map((k, i) => window.dilations[i]! * (k - 1));
  const pads = [
    ...reach.map((r, i) => r - window.padsBegin[i]!),
    ...reach.map((r, i) => r - window.padsEnd[i]!),
  ];
  if (window.strides.every((s) => s === 1) && pads.every((p) => p >= 0)) {
    return g.op("Conv", [dy, transposedWeights(g, w, group)], {
      dilations: window.dilations,
      group,
      kernel_shape: window.kernel,
      pads,
    });
  }
  const output_padding = options.inputShape
    .slice(2)
    .map(
      (size, i) =>
        size +
        window.padsBegin[i]! +
        window.padsEnd[i]! -
        reach[i]! -
        1 -
        window.strides[i]! * (window.output[i]! - 1),
    );
  return g.op("ConvTranspose", [dy, w], {
    dilations: window.dilations,
    group,
    kernel_shape: window.kernel,
    output_padding,
    pads: [...window.padsBegin, ...window.padsEnd],
    strides: window.strides,
  });
}

/** Weights `[M, C / group, …]` as `[C, M / group, …]`, every spatial dimension reversed. */
function transposedWeights(g: GraphBuilder, w: Value, group: number): Value {
  const [m, c, ...kernel] = w.shape as [number, number, ...number[]];
  let flipped = w;
  if (m !== group || c !== 1) {
    const split = g.reshape(w, [group, m / group, c, ...kernel]);
    const swapped = g.transpose(split, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
    flipped = g.reshape(swapped, [c * group, m / group, ...kernel]);
  }
  const axes = kernel.flatMap((k, i) => (k > 1 ? [i + 2] : []));
  if (axes.length === 0) return flipped;
  return g.slice(
    flipped,
    axes.map(() => -1),
    axes.map(() => -(2 ** 31)),
    axes,
    axes.map(() => -1),
  );
}

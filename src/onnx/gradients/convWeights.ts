import type { GraphBuilder } from "../builder.js";
import type { Value } from "../graph.js";
import type { WindowGeometry } from "../shapes/window.js";
import { sizeOf } from "../tensor.js";
import type { Target } from "./rule.js";
import { padForWindow, sliceAtOffset, windowOffsets } from "./window.js";

/** What a convolution's gradient by its weights depends on besides input and gradient of the output. */
export interface ConvWeightOptions {
  readonly weightShape: readonly number[];
  readonly window: WindowGeometry;
  readonly group: number;
  readonly target: Target;
}

/**
 * Gradient of a convolution by its weights: `dw[m, c, k] = sum over n, o of dy[n, m, o] * x[n, c, o * stride + k * dilation - pad]`.
 *
 * @param x - `[N, C, …input]`.
 * @param dy - `[N, M, …output]`.
 * @returns `[M, C / group, …kernel]`.
 */
export function convWeightGradient(g: GraphBuilder, x: Value, dy: Value, options: ConvWeightOptions): Value {
  const { weightShape, window, group } = options;
  const [m, c, ...kernel] = weightShape as [number, number, ...number[]];
  const n = x.shape[0]!;
  const positions = sizeOf(window.output);
  const padded = padForWindow(g, x, window);
  const taps = windowOffsets(kernel).map((offset) =>
    g.reshape(sliceAtOffset(g, padded, window, offset), [n, c * group, 1, positions]),
  );
  const columns = g.reshape(g.concat(taps, 2), [n, group, c * taps.length, positions]);
  const rows = g.reshape(dy, [n, group, m / group, positions]);
  const products = g.matmul(rows, g.transpose(columns, [0, 1, 3, 2]));
  return g.reshape(g.reduceSum(products, [0]), weightShape);
}

import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import type { WindowGeometry } from "../../ops/window/shape.js";
import { windowGeometry } from "../../ops/window/shape.js";

/** Domain of the operators that exist on folded images only, from `foldBatch` to `lowerFolded`. */
export const FOLDED_DOMAIN = "lrfind.folded";

/**
 * The sizes of a batch of images whose batch is folded into the width: `[N, C, H, W]` is kept as `[1, C, H, W * N]`,
 * the images' pixels side by side.
 */
export interface FoldedSizes {
  readonly batch: number;
  readonly channels: number;
  /** Height and width of one image. */
  readonly spatial: readonly [number, number];
}

/** `[N, C, H, W]` as `[1, C, H, W * N]`. */
export function fold(g: GraphBuilder, x: Value): Value {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return g.reshape(g.transpose(x, [1, 2, 3, 0]), [1, c, h, w * n]);
}

/** `[1, C, H, W * N]` as `[N, C, H, W]`, under the given value's name and identity. */
export function unfoldInto(g: GraphBuilder, folded: Value, original: Value): void {
  const [n, c, h, w] = original.shape as [number, number, number, number];
  g.op("Transpose", [g.reshape(folded, [c, h, w, n])], { perm: [3, 0, 1, 2] });
  g.yieldLast([original]);
}

/** The sizes of a folded value. */
export function foldedSizes({ shape }: Value, batch: number): FoldedSizes {
  const [, channels, height, width] = shape as [number, number, number, number];
  return { batch, channels, spatial: [height, width / batch] };
}

/** Where the window of a folded node stands over one image. */
export function imageWindow(
  node: Node,
  spatial: readonly number[],
  kernel: readonly number[],
): WindowGeometry {
  return windowGeometry({ ...node, outputCount: node.outputs.length }, spatial, kernel);
}

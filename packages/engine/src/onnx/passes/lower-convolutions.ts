import { builder, check } from "../checks.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Node, Value } from "../graph/graph.js";
import { sizeOf } from "../graph/tensor.js";
import { isLowered, windowOf, windowRows } from "../ops/window/window.js";

/**
 * Replaces convolutions that have many weights and few output positions by one matrix product over the whole batch.
 * ONNX Runtime's convolution reads all weights once per image, which then takes most of its time.
 *
 * Milliseconds on one core (ONNX Runtime 1.30, batch 16, 3x3): 512 to 512 channels, 2x2 out: 16.0 as a convolution,
 * 5.2 as a product; 256 to 512, 2x2 out: 5.8 and 2.6; but 256 to 256, 4x4 out: 3.6 and 5.2.
 *
 * @param g - Its nodes are replaced in place, when the gradients are there: their rules know convolutions.
 *
 * @example
 * ```ts
 * const gradients = differentiate(g, loss, parameters);
 * lowerConvolutions(g);
 * const graph = g.build({ loss });
 * ```
 */
export function lowerConvolutions(g: GraphBuilder): void {
  check("lowerConvolutions", "g", g, builder);
  g.replaceNodes((node) => (isWorthwhile(node) ? [asProduct(g, node)] : node));
}

function isWorthwhile({ opType, domain, inputs, outputs, attributes }: Node): boolean {
  const [x, w] = inputs;
  if (opType !== "Conv" || domain !== "" || !x || !w || (attributes["group"] ?? 1) !== 1) return false;
  const positions = sizeOf(outputs[0]!.shape.slice(2));
  return isLowered(positions, w.shape) && x.shape[0]! > 1;
}

/** `y = windows * weights^T + bias` with one row for each position of each image. */
function asProduct(g: GraphBuilder, node: Node): Value {
  const [x, w, bias] = node.inputs as [Value, Value, (Value | null)?];
  const n = x.shape[0]!;
  const [m, , ...kernel] = w.shape as [number, number, ...number[]];
  const window = windowOf(node, x, kernel);
  const positions = sizeOf(window.output);
  const rows = windowRows(g, x, window);
  const weights = g.reshape(w, [m, rows.shape[1]!]);
  const y = g.op("Gemm", bias ? [rows, weights, bias] : [rows, weights], { transB: 1 });
  const channels = g.op("Transpose", [g.reshape(y, [n, positions, m])], { perm: [0, 2, 1] });
  // Not `g.reshape`, which may add no node that could yield the convolution's output.
  return g.op("Reshape", [channels, g.ints([n, m, ...window.output])]);
}

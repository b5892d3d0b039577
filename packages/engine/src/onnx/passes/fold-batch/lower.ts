import { builder, check } from "../../checks.js";
import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { intsAttribute, numberAttribute } from "../../ops/attributes.js";
import { FOLDED_DOMAIN } from "./layout.js";
import { type FoldedOp, foldedWindow, windowsOf } from "./operators.js";
import { gatherColumns, gatherOffsets } from "./windows.js";

/**
 * Replaces the operators on folded images, which only lrfind knows, by ONNX's own.
 *
 * @param g - Its nodes are replaced in place; call it after `differentiate`.
 *
 * @example
 * ```ts
 * foldBatch(g);
 * const gradients = differentiate(g, loss, parameters);
 * lowerFolded(g);
 * ```
 */
export function lowerFolded(g: GraphBuilder): void {
  check("lowerFolded", "g", g, builder);
  g.replaceNodes((node) =>
    node.domain === FOLDED_DOMAIN ? lowerings[node.opType as FoldedOp](g, node) : node,
  );
}

const lowerings: Record<FoldedOp, (g: GraphBuilder, node: Node) => Value[]> = {
  Conv: (g, node) => {
    const { kernel, dilations, padsBegin, padsEnd } = foldedWindow(
      windowsOf(node, node.inputs[1]!.shape.slice(2)),
    );
    return [g.op("Conv", node.inputs, { dilations, kernel_shape: kernel, pads: [...padsBegin, ...padsEnd] })];
  },
  Windows: (g, node) => {
    const windows = windowsOf(node, intsAttribute(node, "kernel_shape")!);
    const [x] = node.inputs as [Value];
    if (node.outputs.length === 1) return [gatherColumns(g, x, windows)];
    return gatherOffsets(g, x, windows, numberAttribute(node, "fill", 0));
  },
  FirstMax: (g, node) => [largest(g, node.inputs as readonly Value[])],
};

/** By halves: each comparison is of two values, for which ONNX Runtime 1.30 needs no temporary. */
function largest(g: GraphBuilder, values: readonly Value[]): Value {
  if (values.length === 1) return values[0]!;
  const half = Math.ceil(values.length / 2);
  return g.max(largest(g, values.slice(0, half)), largest(g, values.slice(half)));
}

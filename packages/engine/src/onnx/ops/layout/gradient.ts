import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute, positiveAxis } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";
import { constantNumbers, gradientError } from "../gradient-rule.js";
import { inferShapes } from "../shapes.js";
import { padZeros } from "./pad.js";

const restoreShape: GradientRule = ({ g, dy, input }) => [g.reshape(dy, input(0).shape), null];

const concat: GradientRule = ({ g, node, dy, needs }) => {
  const axis = positiveAxis(numberAttribute(node, "axis", 0), dy.shape.length);
  const sizes = node.inputs.map((input) => input!.shape[axis]!);
  if (sizes.length === 1) return [dy];
  const needed = sizes.flatMap((_, i) => (needs(i) ? [i] : []));
  if (needed.length > 1) return g.node("Split", [dy, g.ints(sizes)], { axis }, { outputs: sizes.length });
  let start = 0;
  return sizes.map((size, i) => {
    start += size;
    return needs(i) ? g.slice(dy, [start - size], [start], [axis]) : null;
  });
};

const split: GradientRule = ({ g, node, dys, input }) => {
  const x = input(0);
  const axis = positiveAxis(numberAttribute(node, "axis", 0), x.shape.length);
  const { opType, name, inputs, attributes } = node;
  // Not from the node's outputs, which are absent where nothing uses them.
  const parts = inferShapes({ opType, name, inputs, attributes, outputCount: node.outputs.length });
  const flowing = dys.filter((dy) => dy !== null);
  if (flowing.length > 1) {
    const all = parts.map((part, i) => dys[i] ?? g.zeros(part!.shape, x.dtype));
    return [g.concat(all, axis), null];
  }
  const index = dys.findIndex((dy) => dy !== null);
  const before = x.shape.map(() => 0);
  before[axis] = parts.slice(0, index).reduce((sum, part) => sum + part!.shape[axis]!, 0);
  const after = x.shape.map((dim, d) => dim - before[d]! - flowing[0]!.shape[d]!);
  return [padZeros(g, flowing[0]!, before, after), null];
};

const tile: GradientRule = ({ g, node, dy, input }) => {
  const { shape } = input(0);
  if (sizeOf(dy.shape) === 0) return [g.zeros(shape, dy.dtype), null];
  const repeats = constantNumbers(node, 1) ?? [];
  const blocks: number[] = [];
  const axes: number[] = [];
  shape.forEach((dim, d) => {
    if (repeats[d] !== 1) axes.push(blocks.push(repeats[d]!) - 1);
    blocks.push(dim);
  });
  return [g.reduceSum(g.reshape(dy, blocks), axes), null];
};

const transpose: GradientRule = ({ g, node, dy }) => {
  const rank = dy.shape.length;
  const perm = intsAttribute(node, "perm") ?? dy.shape.map((_, i) => rank - 1 - i);
  const inverse = new Array<number>(rank);
  perm.forEach((from, to) => {
    inverse[from] = to;
  });
  return [g.transpose(dy, inverse)];
};

/** SpaceToDepth by Transpose, which every provider has; `mode` names the order as DepthToSpace does. */
function spaceToDepth(g: GraphBuilder, node: Node, x: Value): Value {
  const b = numberAttribute(node, "blocksize", 1);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const mode = node.attributes["mode"] ?? "DCR";
  if (mode !== "DCR" && mode !== "CRD") throw gradientError(node, `the mode DCR or CRD, not ${String(mode)}`);
  const blocks = g.reshape(x, [n, c, h / b, b, w / b, b]);
  const depth = g.transpose(blocks, mode === "DCR" ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]);
  return g.reshape(depth, [n, c * b * b, h / b, w / b]);
}

/** Gradients of operators that move elements without looking at them. */
export const layoutGradients = {
  Concat: concat,
  DepthToSpace: ({ g, node, dy }) => [spaceToDepth(g, node, dy)],
  // `differentiate` sums over the broadcast dimensions.
  Expand: ({ dy }) => [dy, null],
  Flatten: restoreShape,
  Identity: ({ dy }) => [dy],
  Reshape: restoreShape,
  SpaceToDepth: ({ g, node, dy }) => [
    g.op("DepthToSpace", [dy], { blocksize: numberAttribute(node, "blocksize", 1), mode: "DCR" }),
  ],
  Split: split,
  Squeeze: restoreShape,
  Tile: tile,
  Transpose: transpose,
  Trilu: ({ g, node, dy }) => [g.op("Trilu", [dy, node.inputs[1] ?? null], node.attributes), null],
  Unsqueeze: restoreShape,
} satisfies Record<string, GradientRule>;

import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { correlationPads } from "../../ops/conv/input.js";
import type { WindowGeometry } from "../../ops/window/shape.js";
import { FOLDED_DOMAIN, type FoldedSizes, foldedSizes, imageWindow } from "./layout.js";
import type { FoldedWindows } from "./windows.js";

/**
 * The operators of folded images:
 *
 * - `Conv` (x, weights, bias?): a convolution of stride 1.
 * - `Windows` (x): all windows as the columns of one matrix `[C * offsets, positions * N]`, or, with an output for each
 *   offset, the elements there, `[C, positions, N]`. Outside of the image stands `fill`.
 * - `FirstMax` (…parts): the elementwise maximum; its gradient goes to the first of the largest.
 */
export type FoldedOp = "Conv" | "Windows" | "FirstMax";

/** What a folded node is about: its geometry over one image, whose batch is an attribute. */
export function windowsOf(node: Node, kernel: readonly number[]): FoldedWindows {
  const sizes = foldedSizes(node.inputs[0]!, node.attributes["batch"] as number);
  return { ...sizes, window: imageWindow(node, sizes.spatial, kernel) };
}

/** Adds a folded operator. */
export function foldedNode(
  g: GraphBuilder,
  opType: FoldedOp,
  inputs: readonly (Value | null)[],
  attributes: Node["attributes"],
  shapes: readonly (readonly number[])[],
): Value[] {
  const dtype = inputs[0]!.dtype;
  return g.node(opType, inputs, attributes, {
    domain: FOLDED_DOMAIN,
    types: shapes.map((shape) => ({ dtype, shape })),
  });
}

/**
 * Whether a convolution can stay one when the batch is folded: a step over the width cannot skip pixels of N images,
 * and its gradient needs a padding that the kernel reaches over.
 */
export function staysConv(window: WindowGeometry): boolean {
  return window.strides.every((stride) => stride === 1) && correlationPads(window).every((pad) => pad >= 0);
}

/** A window over images as one over folded images: its steps over the width are steps of N. */
export function foldedWindow({ window, batch }: FoldedWindows): WindowGeometry {
  const widen = ([h, w]: readonly number[]) => [h!, w! * batch];
  return {
    kernel: window.kernel,
    strides: window.strides,
    dilations: widen(window.dilations),
    padsBegin: widen(window.padsBegin),
    padsEnd: widen(window.padsEnd),
    output: widen(window.output),
  };
}

/**
 * All windows of an image are laid out at once up to this size. Beyond it a convolution's weights get their gradient offset
 * by offset, and what has no other form is not folded.
 */
export const MAX_COLUMN_BYTES = 2 ** 26;

/** How many bytes all windows take as columns of one float32 matrix. */
export function columnBytes({ channels, batch }: FoldedSizes, { kernel, output }: WindowGeometry): number {
  return 4 * channels * sizeOf(kernel) * sizeOf(output) * batch;
}

import type { GraphBuilder } from "../../graph/builder.js";
import type { Node, Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { positiveAxis } from "../attributes.js";
import type { GradientRule } from "../gradient-rule.js";
import { constantNumbers, gradientError } from "../gradient-rule.js";
import { sliceRange } from "./shape.js";

/** Adds `before[d]` and `after[d]` zeros around dimension `d`; a negative number crops. */
export function padZeros(
  g: GraphBuilder,
  x: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  // Slice and Pad rather than one Pad with negative pads, which not every provider takes.
  const cropped = x.shape.flatMap((_, d) => (before[d]! < 0 || after[d]! < 0 ? [d] : []));
  const kept =
    cropped.length === 0
      ? x
      : g.slice(
          x,
          cropped.map((d) => Math.max(0, -before[d]!)),
          cropped.map((d) => x.shape[d]! - Math.max(0, -after[d]!)),
          cropped,
        );
  const pads = [...before, ...after].map((n) => Math.max(n, 0));
  return pads.some((n) => n > 0) ? g.op("Pad", [kept, g.ints(pads)]) : kept;
}

/** The elements in opposite order along `axes`. */
function reverse(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const all = (value: number) => axes.map(() => value);
  return g.slice(x, all(-1), all(Number.MIN_SAFE_INTEGER), axes, all(-1));
}

/** Pads and crops `x` along one axis only. */
function padAxis(g: GraphBuilder, x: Value, axis: number, before: number, after: number): Value {
  const at = (value: number) => x.shape.map((_, d) => (d === axis ? value : 0));
  return padZeros(g, x, at(before), at(after));
}

/** Puts the elements `step` apart, zeros between and after them, so that dimension d grows to count * step. */
function spread(g: GraphBuilder, x: Value, steps: readonly number[]): Value {
  if (steps.every((step) => step === 1)) return x;
  const pairs = x.shape.flatMap((count, d) => (steps[d] === 1 ? [count] : [count, 1]));
  const after = steps.flatMap((step) => (step === 1 ? [0] : [0, step - 1]));
  const none = pairs.map(() => 0);
  return g.reshape(
    padZeros(g, g.reshape(x, pairs), none, after),
    x.shape.map((count, d) => count * steps[d]!),
  );
}

/** Zeros around the gradient, and between its elements where the slice has strides: cheaper than to scatter. */
const slice: GradientRule = ({ g, node, dy, input }) => {
  const { shape } = input(0);
  if (sizeOf(dy.shape) === 0) return [g.zeros(shape, dy.dtype)];
  const starts = constantNumbers(node, 1) ?? [];
  const ends = constantNumbers(node, 2) ?? [];
  const axes = constantNumbers(node, 3) ?? starts.map((_, i) => i);
  const steps = constantNumbers(node, 4) ?? starts.map(() => 1);
  const first = shape.map(() => 0);
  const strides = shape.map(() => 1);
  const reversed: number[] = [];
  axes.forEach((rawAxis, i) => {
    const axis = positiveAxis(rawAxis, shape.length);
    const step = steps[i]!;
    const { start, count } = sliceRange(shape[axis]!, starts[i]!, ends[i]!, step);
    first[axis] = step > 0 ? start : start + (count - 1) * step;
    if (count === 1) return;
    strides[axis] = Math.abs(step);
    if (step < 0) reversed.push(axis);
  });
  const forwards = reversed.length > 0 ? reverse(g, dy, reversed) : dy;
  const spaced = spread(g, forwards, strides);
  const after = shape.map((dim, d) => dim - first[d]! - spaced.shape[d]!);
  return [padZeros(g, spaced, first, after)];
};

/** Adds what the padding copied along one axis back to where it was copied from. */
function foldAxis(g: GraphBuilder, node: Node, dy: Value, axis: number, pads: [number, number]): Value {
  const [before, after] = pads;
  const mode = node.attributes["mode"];
  const padded = dy.shape[axis]!;
  const size = padded - before - after;
  const longest = mode === "reflect" ? size - 1 : mode === "wrap" ? size : Number.POSITIVE_INFINITY;
  if (before > longest || after > longest) {
    throw gradientError(node, `pads of at most ${longest} in dimension ${axis} for the mode ${String(mode)}`);
  }
  const place = (border: Value, front: boolean): Value => {
    const length = border.shape[axis]!;
    const put = (x: Value, start: number) =>
      padAxis(g, x, axis, start, size - start - (x.shape[axis] as number));
    if (mode === "edge") {
      return put(g.reduceSum(border, [axis], { keepDims: true }), front ? 0 : size - 1);
    }
    if (mode === "wrap") return put(border, front ? size - length : 0);
    return put(reverse(g, border, [axis]), front ? 1 : size - 1 - length);
  };
  let dx = padAxis(g, dy, axis, -before, -after);
  if (before > 0) dx = g.add(dx, place(g.slice(dy, [0], [before], [axis]), true));
  if (after > 0) dx = g.add(dx, place(g.slice(dy, [padded - after], [padded], [axis]), false));
  return dx;
}

const pad: GradientRule = ({ g, node, dy, needs, input }) => {
  const { shape } = input(0);
  const pads = constantNumbers(node, 1) ?? [];
  const axes = (constantNumbers(node, 3) ?? shape.map((_, d) => d)).map((a) => positiveAxis(a, shape.length));
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  axes.forEach((axis, i) => {
    before[axis] = pads[i]!;
    after[axis] = pads[axes.length + i]!;
  });
  const mode = node.attributes["mode"] ?? "constant";
  switch (mode) {
    case "constant": {
      const negated = (values: readonly number[]) => values.map((n) => -n);
      const dx = padZeros(g, dy, negated(before), negated(after));
      return [dx, null, needs(2) ? g.sub(g.reduceSum(dy), g.reduceSum(dx)) : null];
    }
    case "edge":
    case "reflect":
    case "wrap": {
      let dx = dy;
      // Padding runs over the axes in order, so its gradient runs back over them.
      for (const axis of axes.toSorted((a, b) => b - a)) {
        if (before[axis] === 0 && after[axis] === 0) continue;
        dx = foldAxis(g, node, dx, axis, [before[axis]!, after[axis]!]);
      }
      return [dx];
    }
    default:
      throw gradientError(node, `the mode constant, edge, reflect or wrap, not ${String(mode)}`);
  }
};

/** Gradients of operators that cut from or add to the borders of a tensor. */
export const padGradients = { Pad: pad, Slice: slice } satisfies Record<string, GradientRule>;

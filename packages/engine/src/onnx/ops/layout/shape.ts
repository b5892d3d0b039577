import { sizeOf } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { broadcastShapes, constantInts, inputAt, normalizeAxis, shapeError } from "../shape-rule.js";

const concat: ShapeRule = (context) => {
  const first = inputAt(context, 0);
  const axis = normalizeAxis(context, numberAttribute(context, "axis", 0), first.shape.length);
  let size = 0;
  for (let i = 0; i < context.inputs.length; i++) {
    const { shape } = inputAt(context, i);
    if (shape.length !== first.shape.length || shape.some((dim, d) => d !== axis && dim !== first.shape[d])) {
      throw shapeError(context, `inputs that agree in every dimension but ${axis}`);
    }
    size += shape[axis]!;
  }
  return [{ dtype: first.dtype, shape: first.shape.map((dim, d) => (d === axis ? size : dim)) }];
};

const expand: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const shape = broadcastShapes(x.shape, constantInts(context, 1) ?? []);
  if (!shape) throw shapeError(context, `an input that broadcasts to [${constantInts(context, 1)}]`);
  return [{ dtype: x.dtype, shape }];
};

const flatten: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const attribute = numberAttribute(context, "axis", 1);
  const axis = attribute < 0 ? attribute + x.shape.length : attribute;
  return [{ dtype: x.dtype, shape: [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))] }];
};

const reshape: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const wanted = constantInts(context, 1);
  if (!wanted) throw shapeError(context, "a shape");
  const allowZero = numberAttribute(context, "allowzero", 0) === 1;
  const shape = wanted.map((dim, i) => (dim === 0 && !allowZero ? (x.shape[i] ?? 0) : dim));
  const free = shape.indexOf(-1);
  if (free >= 0) shape[free] = sizeOf(x.shape) / sizeOf(shape.filter((_, i) => i !== free));
  if (sizeOf(shape) !== sizeOf(x.shape))
    throw shapeError(context, `${sizeOf(wanted)} elements for [${wanted}]`);
  return [{ dtype: x.dtype, shape }];
};

const slice: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const starts = constantInts(context, 1) ?? [];
  const ends = constantInts(context, 2) ?? [];
  const axes = constantInts(context, 3) ?? starts.map((_, i) => i);
  const steps = constantInts(context, 4) ?? starts.map(() => 1);
  const shape = [...x.shape];
  axes.forEach((rawAxis, i) => {
    const axis = normalizeAxis(context, rawAxis, x.shape.length);
    shape[axis] = sliceRange(x.shape[axis]!, starts[i]!, ends[i]!, steps[i]!).count;
  });
  return [{ dtype: x.dtype, shape }];
};

/** First index and number of the elements that ONNX's Slice takes from a dimension of `size`. */
export function sliceRange(
  size: number,
  start: number,
  end: number,
  step: number,
): { start: number; count: number } {
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const [s, e] =
    step > 0
      ? [clamp(from, 0, size), clamp(to, 0, size)]
      : [clamp(from, 0, size - 1), clamp(to, -1, size - 1)];
  return { start: s, count: Math.max(0, Math.ceil((e - s) / step)) };
}

const squeeze: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const axes = constantInts(context, 1)?.map((axis) => normalizeAxis(context, axis, x.shape.length));
  const drop = axes ?? x.shape.flatMap((dim, i) => (dim === 1 ? [i] : []));
  if (drop.some((axis) => x.shape[axis] !== 1)) throw shapeError(context, `size 1 in dimension(s) ${drop}`);
  return [{ dtype: x.dtype, shape: x.shape.filter((_, i) => !drop.includes(i)) }];
};

const unsqueeze: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const raw = constantInts(context, 1) ?? [];
  const rank = x.shape.length + raw.length;
  const axes = new Set(raw.map((axis) => normalizeAxis(context, axis, rank)));
  const rest = [...x.shape];
  return [
    { dtype: x.dtype, shape: Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : rest.shift()!)) },
  ];
};

const transpose: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const perm = intsAttribute(context, "perm") ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i) || perm.length !== x.shape.length) {
    throw shapeError(context, `a permutation of ${x.shape.length} dimensions, not [${perm}]`);
  }
  return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]!) }];
};

const tile: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const repeats = constantInts(context, 1);
  if (repeats?.length !== x.shape.length) throw shapeError(context, `${x.shape.length} repeats`);
  return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => dim * repeats[i]!) }];
};

const pad: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const pads = constantInts(context, 1) ?? [];
  const rank = x.shape.length;
  const axes =
    constantInts(context, 3)?.map((a) => normalizeAxis(context, a, rank)) ?? x.shape.map((_, i) => i);
  if (pads.length !== 2 * axes.length) throw shapeError(context, `${2 * axes.length} pads`);
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = shape[axis]! + pads[i]! + pads[axes.length + i]!;
  });
  return [{ dtype: x.dtype, shape }];
};

const split: ShapeRule = (context) => {
  const x = inputAt(context, 0);
  const axis = normalizeAxis(context, numberAttribute(context, "axis", 0), x.shape.length);
  const size = x.shape[axis]!;
  const count = numberAttribute(context, "num_outputs", context.outputCount);
  const part = Math.ceil(size / count);
  const sizes =
    constantInts(context, 1) ?? Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
  if (sizes.reduce((a, b) => a + b, 0) !== size) throw shapeError(context, `parts that add up to ${size}`);
  return sizes.map((dim) => ({ dtype: x.dtype, shape: x.shape.map((d, i) => (i === axis ? dim : d)) }));
};

const depthToSpace: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  const b = numberAttribute(context, "blocksize", 1);
  if (shape.length !== 4 || shape[1]! % (b * b) !== 0)
    throw shapeError(context, `[N, C, H, W] with C a multiple of ${b * b}`);
  return [{ dtype, shape: [shape[0]!, shape[1]! / (b * b), shape[2]! * b, shape[3]! * b] }];
};

const spaceToDepth: ShapeRule = (context) => {
  const { dtype, shape } = inputAt(context, 0);
  const b = numberAttribute(context, "blocksize", 1);
  if (shape.length !== 4 || shape[2]! % b !== 0 || shape[3]! % b !== 0) {
    throw shapeError(context, `[N, C, H, W] with H and W multiples of ${b}`);
  }
  return [{ dtype, shape: [shape[0]!, shape[1]! * b * b, shape[2]! / b, shape[3]! / b] }];
};

/** Shape rules of operators that move elements without looking at them. */
export const layoutShapes = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
} satisfies Record<string, ShapeRule>;

import { OnnxError } from "../errors.js";
import type { Attributes, Value } from "../graph/graph.js";
import type { DType } from "../graph/tensor.js";

/** A node whose outputs are to be typed. */
export interface ShapeContext {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly outputCount: number;
}

/** Element type and shape of an output. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Types the outputs of one operator. */
export type ShapeRule = (context: ShapeContext) => readonly (ValueType | null)[];

/** An error that names the node and the shapes it was given. */
export function shapeError(context: ShapeContext, expected: string): OnnxError {
  const shapes = context.inputs.map((input) => input?.shape ?? null);
  const got = context.inputs
    .map((input) => (input ? `${input.dtype}[${input.shape.join(", ")}]` : "nothing"))
    .join(", ");
  return new OnnxError(
    { where: `${context.opType} (node "${context.name}")`, expected, got },
    {
      op: context.opType,
      node: context.name,
      shapes,
    },
  );
}

/** The input at `index`. @throws {OnnxError} where it is absent. */
export function inputAt(context: ShapeContext, index: number): Value {
  const value = context.inputs[index];
  if (!value) throw shapeError(context, `an input number ${index}`);
  return value;
}

/** The contents of an integer input that must be known when the graph is built; undefined where it is absent. */
export function constantInts(context: ShapeContext, index: number): number[] | undefined {
  const value = context.inputs[index];
  if (!value) return undefined;
  if (!value.constant) throw shapeError(context, `input number ${index} ("${value.name}") to be a constant`);
  return Array.from(value.constant.data as ArrayLike<number | bigint>, Number);
}

/** An axis counted from the front. @throws {OnnxError} where it lies outside the rank. */
export function normalizeAxis(context: ShapeContext, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank) {
    throw shapeError(context, `an axis from ${-rank} to ${rank - 1}, not ${axis}`);
  }
  return normal;
}

/** The shape two shapes broadcast to, by NumPy's rule; undefined where they do not. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const da = a[a.length - rank + i] ?? 1;
    const db = b[b.length - rank + i] ?? 1;
    if (da !== db && da !== 1 && db !== 1) return undefined;
    shape[i] = da === 1 ? db : da;
  }
  return shape;
}

import { OnnxError } from "../errors.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Node, Value } from "../graph/graph.js";
import type { Target } from "../graph/target.js";
import { sizeOf } from "../graph/tensor.js";

/** A node on the way back from the loss, and what a gradient rule needs to know of it. */
export interface GradientContext {
  /** Where the rule adds its nodes. */
  readonly g: GraphBuilder;
  readonly node: Node;
  /** Gradient of the loss by the first output. @throws {OnnxError} when none flows into it. */
  readonly dy: Value;
  /** Gradient of the loss by each output; null where none flows. */
  readonly dys: readonly (Value | null)[];
  /** The provider that is to run the graph; some lack operators or have them slow. */
  readonly target: Target;
  /** Whether a trainable parameter stands behind input `index`. */
  needs(index: number): boolean;
  /** The input at `index`. @throws {OnnxError} where it is absent. */
  input(index: number): Value;
  /** The output at `index`. @throws {OnnxError} where it is absent. */
  output(index: number): Value;
}

/**
 * The gradient of one operator: from the gradients of its outputs to those of its inputs, in their order.
 *
 * Null where `needs` is false or the input is an index, shape or axis. A gradient may still have the broadcast
 * shape of the output: `differentiate` sums it down to the input's.
 */
export type GradientRule = (context: GradientContext) => readonly (Value | null)[];

/** An error of a gradient rule that names the node and its input shapes. */
export function gradientError(node: Node, expected: string): OnnxError {
  const where = `cannot differentiate "${node.opType}" (node "${node.name}")`;
  return new OnnxError(
    { where, expected },
    {
      op: node.opType,
      node: node.name,
      shapes: node.inputs.map((input) => input?.shape ?? null),
    },
  );
}

/** Contents of an input that must be known when the graph is built; undefined where it is absent. */
export function constantNumbers(node: Node, index: number): number[] | undefined {
  const value = node.inputs[index];
  if (!value) return undefined;
  if (!value.constant) throw gradientError(node, `input number ${index} ("${value.name}") to be a constant`);
  return Array.from(value.constant.data as ArrayLike<number | bigint>, Number);
}

/** Sums a gradient of a broadcast shape down to the shape that was broadcast: the one place that un-broadcasts. */
export function sumTo(g: GraphBuilder, gradient: Value, shape: readonly number[]): Value {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, i) =>
    dim !== 1 && (i < extra || shape[i - extra] === 1) ? [i] : [],
  );
  if (axes.length === 0) return g.reshape(gradient, shape);
  return g.reshape(sumOverRows(g, gradient, axes) ?? g.reduceSum(gradient, axes, { keepDims: true }), shape);
}

/** Longest row of ones that `sumOverRows` makes: 256 KiB. */
const MAX_ROWS = 65536;

/**
 * A sum over the leading axes, as a bias has it, by a product with a row of ones: ONNX Runtime 1.30 takes 10 us for
 * it and 25 us for ReduceSum at [64, 256], 76 and 108 us at [2048, 512], and half as long with two threads.
 * Undefined where it does not apply.
 */
function sumOverRows(g: GraphBuilder, x: Value, axes: readonly number[]): Value | undefined {
  const last = axes.at(-1)!;
  const rows = sizeOf(x.shape.slice(0, last + 1));
  const columns = sizeOf(x.shape.slice(last + 1));
  const areLeading = rows === sizeOf(axes.map((axis) => x.shape[axis]!));
  if (!areLeading || columns === 1 || rows > MAX_ROWS) return undefined;
  return g.matmul(g.expand(g.scalar(1, x.dtype), [1, rows]), g.reshape(x, [rows, columns]));
}
